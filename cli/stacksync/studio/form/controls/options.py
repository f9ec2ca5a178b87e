"""The choices a control offers: those of the schema, or those loaded, and what is chosen without being among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms
from stacksync.studio.connections.saved import STAND_IN

from .kinds import UNSET, connection_id
from .state import Connection, FormState, LoadedChoices
from .texts import to_text, uncarried

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, FieldChoice, RootConnections, Steps


@dataclass(frozen=True)
class Option:
    """One choice as the page has it.

    Args:
        text: what is posted.
        strange: whether it is chosen but not among the choices.
    """

    text: str
    label: str
    chosen: bool = False
    strange: bool = False


def chooser(field: Field) -> Field:
    """Return the field whose choices a control offers; those of an array are those of its items."""
    item = field.every_item if field.type == "array" else None
    return replace(field, choices=item.choices, content=item.content) if item else field


def loaded(state: FormState, field: Field, steps: Steps) -> list[LoadedChoices]:
    """Return what has been loaded for a field so far."""
    wanted = field.content.objects if field.content else ()
    found = (state.choices.get((each.id, steps)) for each in wanted)
    return [each for each in found if each]


def options(state: FormState, field: Field, steps: Steps, value: Any) -> list[Option]:
    """Return the options of a control: loaded choices replace those of the schema."""
    answers = [each for each in loaded(state, field, steps) if not each.error]
    choices = [choice for each in answers for choice in each.choices] if answers else list(field.choices)
    if field.type == "boolean" and not field.is_dropdown:
        choices = [forms.FieldChoice(True, "Yes"), forms.FieldChoice(False, "No")]
    is_list = isinstance(value, list) and field.type == "array"
    chosen = value if is_list else [each for each in (value,) if each is not UNSET and each is not None]
    return list(_options(choices, chosen, by_key=_type_of(field) in forms.SCALARS))


def without_own_text(found: list[Option], value: Any) -> list[Option]:
    """Return the options of a select with a box beside it, which holds a text that is not among them."""
    is_typed = isinstance(value, str) and not uncarried(value)
    return [each for each in found if not (each.strange and is_typed)]


def _type_of(field: Field) -> str:
    item = field.every_item if field.type == "array" else None
    return item.type if item else field.type


def connection_options(state: FormState, asked: Field | RootConnections, value: Any) -> list[Option]:
    """Return the saved connections that are allowed, and the one chosen even when it is not among them."""
    chosen = connection_id(value)
    allowed = [each for each in state.connections if fits(each, asked)]
    found = [Option(each.id, f"{each.name} ({each.app_type})", each.id == chosen) for each in allowed]
    strange = [Option(chosen, chosen, True, True)] if chosen and not any(each.chosen for each in found) else []
    return [*found, *strange]


def fits(connection: Connection, asked: Field | RootConnections) -> bool:
    """Say whether a form takes a connection."""
    if connection.id == STAND_IN:
        return True  # it stands for any API

    fits = not asked.app_types or connection.app_type in asked.app_types
    return fits and (not asked.management_types or connection.management in asked.management_types)


def _options(choices: list[FieldChoice], values: list[Any], *, by_key: bool) -> Iterator[Option]:
    left = list(values)
    for choice in choices:
        chosen = next((each for each in left if forms.same(forms.key_of(each), choice.key)), UNSET)
        if chosen is not UNSET:
            left.remove(chosen)
        # What is stored is posted as it is stored: an id stays an id where the choice is an object.
        offered = choice.key if by_key else choice.value
        yield Option(to_text(offered if chosen is UNSET else chosen), choice.label, chosen is not UNSET)
    for value in left:
        yield Option(to_text(value), forms.label_of(value) or to_text(value), True, True)
