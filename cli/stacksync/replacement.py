"""Templates in what is filled in, and the values that stand in their place when it is sent.

The platform replaces `{{ MODULE.x.output.id }}` before it calls execute, in every field that has not
`disable_replacement`, also inside a longer text. The runtime never does: who sends a form in the platform's place
replaces them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacksync.runtime import JsonError, decode, forms

if TYPE_CHECKING:
    from stacksync.runtime.forms import Form, Steps

TEMPLATE = re.compile(r"\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Replacement:
    """A text of the data that holds templates.

    Args:
        steps: those that lead to it.
        text: as it is filled in.
        value: what is sent in its place.
        missing: the templates that have no value, so that they are sent as they are.
    """

    steps: "Steps"
    text: str
    value: Any
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replaced:
    """Data as it is sent, and what of it stood for something else."""

    data: Any
    replacements: tuple[Replacement, ...] = ()


def templates_in(text: str) -> tuple[str, ...]:
    """Return the templates of a text, each once: what stands between the braces."""
    return tuple(dict.fromkeys(found.strip() for found in TEMPLATE.findall(text)))


def replace_templates(form: "Form", data: Any, values: Mapping[str, str]) -> Replaced:
    """Return data with its templates replaced.

    Args:
        form: the effective form, which says where no template may stand.
        values: by template, as typed: JSON, or else the text itself. A text that is one template becomes that value;
            within a longer text stands the value's text.
    """
    kept = frozenset(each.steps for each in forms.walk(form, data) if each.field.disable_replacement)
    replacing = _Replacing({name: _read(text) for name, text in values.items() if text}, kept)
    return Replaced(replacing.of(data, ()), tuple(replacing.found))


@dataclass
class _Replacing:
    values: Mapping[str, Any]
    kept: "frozenset[Steps]"
    found: list[Replacement] = field(default_factory=list)

    def of(self, value: Any, steps: "Steps") -> Any:
        if steps in self.kept:
            return value
        if isinstance(value, dict):
            return {name: self.of(inner, (*steps, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner, (*steps, index)) for index, inner in enumerate(value)]

        return self._of_text(value, steps) if forms.has_template(value) else value

    def _of_text(self, text: str, steps: "Steps") -> Any:
        names = templates_in(text)
        missing = tuple(name for name in names if name not in self.values)
        whole = TEMPLATE.fullmatch(text.strip())
        value = self.values.get(names[0], text) if whole else TEMPLATE.sub(self._text_of, text)
        self.found.append(Replacement(steps, text, value, missing))
        return value

    def _text_of(self, found: "re.Match[str]") -> str:
        value = self.values.get(found[1].strip(), found[0])
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(text: str) -> Any:
    try:
        return decode(text)
    except JsonError:
        return text
