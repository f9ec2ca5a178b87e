"""Forms: reading a module's schema, applying its rules, turning it into JSON Schema, and validating data with it.

The one copy of this logic: the runtime validates with it, and the command line imports it from here.
"""

from .binding import EACH
from .field import Choice, Content, ContentObject, Field, Layout, Validation
from .form import Form
from .json_schema import to_json_schema
from .messages import FieldError
from .notes import FormError, Note
from .reading import read_form
from .reading_parts import label_of
from .rule import Change, Condition, Rule
from .rules import effective, why_hidden
from .static_export import static_json_schema
from .validator import FormValidator, Validated
from .values import is_empty, key_of, same, to_number
from .vocabulary import SCALARS
from .watching import watched
from .words import in_words

__all__ = [
    "EACH",
    "SCALARS",
    "Change",
    "Choice",
    "Condition",
    "Content",
    "ContentObject",
    "Field",
    "FieldError",
    "Form",
    "FormError",
    "FormValidator",
    "Layout",
    "Note",
    "Rule",
    "Validated",
    "Validation",
    "effective",
    "in_words",
    "is_empty",
    "key_of",
    "label_of",
    "read_form",
    "same",
    "static_json_schema",
    "to_json_schema",
    "to_number",
    "watched",
    "why_hidden",
]
