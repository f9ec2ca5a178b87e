"""What the buttons of a form do to its data."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .parsing import blank
from .pointers import steps_of

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form, Steps

VERBS = ("add", "remove", "up", "down", "template", "value", "reset", "refresh")
TEMPLATE = "{{ }}"  # what a template begins as


def operate(form: Form, data: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return the data after `add:/contacts`, `remove:/contacts/0`, `up:…`, `down:…`, `reset` or `refresh:…`.

    `template:/contacts` puts a template in the place of a list or a group, `value:/contacts` takes it out again. Data
    that has no such place stays as it is: the page may be older than the data.

    Raises:
        ValueError: there is no such operation.
    """
    verb, _, where = operation.partition(":")
    if verb not in VERBS:
        raise ValueError(f"{operation!r} is no operation of a form ({', '.join(VERBS)})")
    if verb == "reset":
        return forms.defaults_of(form.fields)

    data = deepcopy(data)
    steps = steps_of(where, data)
    field = field_at(forms.effective(form, data), steps)
    if verb == "refresh" or not steps:
        return data
    if verb == "add":
        _add(field, data, steps)
    elif verb in ("template", "value"):
        _swap(verb, field, data, steps)
    else:
        _move(verb, forms.value_at(data, steps[:-1]), steps[-1])
    return data


def field_at(form: Form, steps: Steps) -> Field | None:
    """Return the field that steps lead to."""
    passed = list(forms.fields_on(form.fields, steps))
    return passed[-1] if passed and len(passed) == len(steps) else None


def _add(field: Field | None, data: dict[str, Any], steps: Steps) -> None:
    if field is None or field.type != "array":
        return

    items = _opened(data, steps, list)
    if isinstance(items, list):
        items.append(_new(field.item(len(items))))


def _new(item: Field | None) -> Any:
    if item and item.fields:  # its own default, completed by those of its fields
        return forms.defaults_of((replace(item, id="new"),)).get("new", {})

    return deepcopy(blank(item)) if item else None


def _swap(verb: str, field: Field | None, data: dict[str, Any], steps: Steps) -> None:
    if field is None or field.type not in ("object", "array") or field.disable_replacement:
        return

    own = forms.defaults_of((field,)).get(field.id)
    holder = _opened(data, steps[:-1], dict)
    _put(holder, steps[-1], TEMPLATE if verb == "template" else own)


def _opened(data: Any, steps: Steps, last: Callable[[], Any]) -> Any:
    """Return what steps lead to; it and the objects on the way are made where there are none yet.

    Args:
        last: makes what is missing at their end.
    """
    for number, step in enumerate(steps, start=1):
        if isinstance(data, list) and not (isinstance(step, int) and step < len(data)):
            return None
        found = forms.value_at(data, (step,))
        if found is None:
            found = last() if number == len(steps) else {}
            _put(data, step, found)
        data = found
    return data


def _put(data: Any, step: str | int, value: Any) -> None:
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        data[step] = value
    elif isinstance(data, dict):
        if value is None:
            data.pop(step, None)
        else:
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
