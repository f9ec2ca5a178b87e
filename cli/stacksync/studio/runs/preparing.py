"""An input made ready for a run: templates replaced, connections filled in, checked as the connector does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from stacksync.replacement import Replacement, replace_templates
from stacksync.runtime import decode, forms
from stacksync.studio.connections.saved import Connections
from stacksync.studio.form.controls import CONNECTION, Input, pointer
from stacksync.studio.form.schemas import Schema


@dataclass(frozen=True)
class Prepared:
    """An input as it would be sent.

    Args:
        data: with templates replaced, and the values of connections.
        faults: what is wrong with it, by the name of the control.
        replaced: each text that held a template: where it stands, the text, and what is sent in its place.
        unreplaced: of the faults those of templates without a value.
    """

    data: dict[str, Any]
    faults: dict[str, str] = field(default_factory=dict)
    replaced: list[dict[str, Any]] = field(default_factory=list)
    unreplaced: dict[str, str] = field(default_factory=dict)


def prepare(schema: Schema, filled: Input, connections: Connections) -> Prepared:
    """Return an input as it would be sent, with what the platform or the connector would refuse."""
    shown = forms.effective(schema.form, filled.data)
    made = replace_templates(shown, filled.data, filled.values)
    data = connections.filled(forms.effective(schema.form, made.data), made.data)
    unreplaced = _unreplaced(shown, made.replacements)
    faults = {**_of_connection(schema, filled, connections, data), **unreplaced}
    for steps, message in _refused(schema, data):
        faults.setdefault(pointer(steps), message)
    replaced = [
        {"where": pointer(each.steps), "text": each.text, "value": each.value}
        for each in made.replacements
        if each.value != each.text
    ]
    return Prepared(data, {**faults, **filled.faults}, replaced, unreplaced)


def _of_connection(schema: Schema, filled: Input, connections: Connections, data: Any) -> dict[str, str]:
    asked = schema.form.connections
    if asked is None:
        return {}
    if filled.connection:
        return {} if connections.get(filled.connection) else {CONNECTION: "The connection is not there any more."}

    return {CONNECTION: "Choose a connection."} if asked.required and not _holds_connection(data) else {}


def _holds_connection(data: Any) -> bool:
    values = data.values() if isinstance(data, dict) else ()
    return any(isinstance(value, dict) and value.get("connection_data") for value in values)


def _unreplaced(form: Any, replacements: tuple[Replacement, ...]) -> dict[str, str]:
    return {
        pointer(each.steps): f"{_name(form, each.steps)} holds {_braced(each)}, which has no value for this run"
        for each in replacements
        if each.missing
    }


def _braced(replacement: Replacement) -> str:
    return " and ".join(f"{{{{ {name} }}}}" for name in replacement.missing)


def _name(form: Any, steps: forms.Steps) -> str:
    passed = list(forms.fields_on(form.fields, steps))
    return passed[-1].name if passed else str(steps[0])


def _refused(schema: Schema, data: dict[str, Any]) -> Iterator[tuple[forms.Steps, str]]:
    """Yield what the connector would refuse in the data; nothing when its form cannot be read."""
    try:
        errors = forms.FormValidator(decode(schema.text)).validate(data).errors
    except ValueError:
        return
    yield from ((error.steps, error.message) for error in errors)
