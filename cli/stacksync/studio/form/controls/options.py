"""The choices a control offers: those of the schema, or those loaded, and what is chosen without being among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms
from stacksync.studio.connections.saved import STAND_IN

from .choice_lists import FEW, ChoiceList, choice_list
from .kinds import UNSET, connection_id
from .state import Connection, FormState, LoadedChoices
from .texts import to_text, uncarried

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, FieldChoice, RootConnections, Steps

YES_NO = (forms.FieldChoice(True, "Yes"), forms.FieldChoice(False, "No"))


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
    """Return the options of a control."""
    return list(_options(_offered(state, field, steps).choices, _chosen(field, value), by_key=_by_key(field)))


def long_list(state: FormState, field: Field, steps: Steps) -> ChoiceList | None:
    """Return all that a control offers where that is too much for a dropdown of the browser."""
    found = _offered(state, field, steps)
    return found if len(found.choices) > FEW else None


def chosen_options(found: ChoiceList, field: Field, value: Any) -> list[Option]:
    """Return what is chosen of a long list, or beside it."""
    return [_chosen_option(found, each) for each in _chosen(field, value)]


def _chosen_option(found: ChoiceList, value: Any) -> Option:
    place = found.place_of(value)
    if place is None:
        return _strange(value)

    return Option(to_text(value), found.choices[place].label, True)


def _offered(state: FormState, field: Field, steps: Steps) -> ChoiceList:
    """Return what a control offers: loaded choices replace those of the schema."""
    if field.type == "boolean" and not field.is_dropdown:
        return choice_list(YES_NO, by_key=True)

    answers = [each.choices for each in loaded(state, field, steps) if not each.error]
    # The very tuple where there is one: what is made of it is remembered.
    choices = answers[0] if len(answers) == 1 else tuple(chain(*answers)) if answers else field.choices
    return choice_list(choices, by_key=_by_key(field))


def _chosen(field: Field, value: Any) -> list[Any]:
    if isinstance(value, list) and field.type == "array":
        return value

    return [each for each in (value,) if each is not UNSET and each is not None]


def _by_key(field: Field) -> bool:
    return _type_of(field) in forms.SCALARS


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


def _options(choices: Iterable[FieldChoice], values: list[Any], *, by_key: bool) -> Iterator[Option]:
    left = list(values)
    for choice in choices:
        chosen = next((each for each in left if forms.same(forms.key_of(each), choice.key)), UNSET)
        if chosen is not UNSET:
            left.remove(chosen)
        # What is stored is posted as it is stored: an id stays an id where the choice is an object.
        offered = choice.key if by_key else choice.value
        yield Option(to_text(offered if chosen is UNSET else chosen), choice.label, chosen is not UNSET)
    yield from map(_strange, left)


def _strange(value: Any) -> Option:
    return Option(to_text(value), forms.label_of(value) or to_text(value), True, True)
