"""Forms: reading a module's schema, applying its rules, converting and checking data, and building schemas by code.

The one copy of this logic: the runtime checks input with it, the command line draws, checks and sends with it. What is
named here is what others import; the files within may move.
"""

from .building import (
    boolean,
    code,
    comma_separated,
    connections,
    dropdown,
    form,
    group,
    object_selector,
    records,
    split,
    text,
)
from .checking import EffectiveForms, FieldError, FormValidator, Validated
from .finding import EACH, Steps, fields_on, value_at, value_of, watched
from .model import (
    Change,
    Condition,
    Content,
    ContentObject,
    Field,
    FieldChoice,
    Form,
    Layout,
    RootConnections,
    Rule,
    Validation,
)
from .pattern_characters import PatternError
from .patterns import Budget, Pattern, Unchecked, compile_pattern, refuses_some
from .reading import read_form
from .remarks import remarks
from .rules import effective, in_words, passes, why_hidden
from .values import has_template, is_empty, key_of, label_of, same, to_number
from .vocabulary import SCALARS, FormError, Note, Path
from .walking import MISSING, FieldValue, defaults_of, is_secret, masked, walk

__all__ = [
    "EACH",
    "MISSING",
    "SCALARS",
    "Budget",
    "Change",
    "Condition",
    "Content",
    "ContentObject",
    "EffectiveForms",
    "Field",
    "FieldChoice",
    "FieldError",
    "FieldValue",
    "Form",
    "FormError",
    "FormValidator",
    "Layout",
    "Note",
    "Path",
    "Pattern",
    "PatternError",
    "RootConnections",
    "Rule",
    "Steps",
    "Unchecked",
    "Validated",
    "Validation",
    "boolean",
    "code",
    "comma_separated",
    "compile_pattern",
    "connections",
    "defaults_of",
    "dropdown",
    "effective",
    "fields_on",
    "form",
    "group",
    "has_template",
    "in_words",
    "is_empty",
    "is_secret",
    "key_of",
    "label_of",
    "masked",
    "object_selector",
    "passes",
    "read_form",
    "records",
    "refuses_some",
    "remarks",
    "same",
    "split",
    "text",
    "to_number",
    "value_at",
    "value_of",
    "walk",
    "watched",
    "why_hidden",
]
