"""What the buttons of a form do to its data."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .parsing import blank
from .pointers import Steps, at, follow, steps_of

if TYPE_CHECKING:
    from src.runtime.forms import Field, Form

VERBS = ("add", "remove", "up", "down", "reset", "refresh")


def operate(form: Form, data: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return the data after `add:/contacts`, `remove:/contacts/0`, `up:…`, `down:…`, `reset` or `refresh:…`.

    Data that has no such place stays as it is: the page may be older than the data.

    Raises:
        ValueError: there is no such operation.
    """
    verb, _, where = operation.partition(":")
    if verb not in VERBS:
        raise ValueError(f"{operation!r} is no operation of a form ({', '.join(VERBS)})")
    if verb == "reset":
        return form.defaults()

    data = deepcopy(data)
    steps = steps_of(where, data)
    if verb == "add" and steps:
        _add(forms.effective(form, data), data, steps)
    elif verb != "refresh" and steps:
        _move(verb, follow(data, steps[:-1]), steps[-1])
    return data


def field_at(form: Form, steps: Steps) -> Field | None:
    """Return the field that steps lead to."""
    fields, here = form.fields, None
    for step in steps:
        if isinstance(step, int):
            here = here.item(step) if here else None
        else:
            here = next((each for each in fields if each.id == step), None)
        fields = (here.fields or ()) if here else ()
    return here


def _add(form: Form, data: dict[str, Any], steps: Steps) -> None:
    field = field_at(form, steps)
    if field is None or field.type != "array":
        return

    items = _opened(data, steps)
    if isinstance(items, list):
        items.append(_new(field.item(len(items))))


def _new(item: Field | None) -> Any:
    if item and item.fields and item.default is None:
        return forms.Form(fields=item.fields).defaults()

    return deepcopy(blank(item)) if item else None


def _opened(data: Any, steps: Steps) -> Any:
    """Return the list that steps lead to; it and the objects on the way are made where there are none yet."""
    for number, step in enumerate(steps, start=1):
        if isinstance(data, list) and not (isinstance(step, int) and step < len(data)):
            return None
        found = at(data, step)
        if found is None:
            found = [] if number == len(steps) else {}
            _put(data, step, found)
        data = found
    return data


def _put(data: Any, step: str | int, value: Any) -> None:
    if isinstance(data, list):
        data[int(step)] = value
    elif isinstance(data, dict):
        data[step] = value


def _move(verb: str, items: Any, index: str | int) -> None:
    if not (isinstance(items, list) and isinstance(index, int) and index < len(items)):
        return
    if verb == "remove":
        del items[index]
        return

    other = index + (1 if verb == "down" else -1)
    if 0 <= other < len(items):
        items[index], items[other] = items[other], items[index]
