"""The one walk over a form and its data: checking, masking, examples and pages all go this way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .model import Field, Form
from .rules import Fields, Steps
from .values import is_empty, same

MISSING: Any = object()  # no value at all, where None is null

Visit = Callable[[Field, Any, Steps, bool], Any]


@dataclass(frozen=True)
class FieldValue:
    """A value of a form's data with the field it is for.

    Args:
        value: MISSING when the data has none.
        steps: the ids and indices that lead to it from the root.
        hidden: whether the field, or one that it stands in, is hidden.
    """

    field: Field
    value: Any
    steps: Steps
    hidden: bool = False


def walk(form: Form, data: Any) -> list[FieldValue]:
    """Return every field of an effective form with its value, as often as the data has its place."""
    found: list[FieldValue] = []

    def note(field: Field, value: Any, steps: Steps, hidden: bool) -> Any:
        found.append(FieldValue(field, value, steps, hidden))
        return value

    rebuilt(form.fields, data, note)
    return found


def is_secret(field: Field, value: Any) -> bool:
    """Say whether a value must not be shown: typed into a password box, or of a connection.

    An empty one hides nothing, and a default stands in the schema for everyone to read.
    """
    return field.secret and value is not MISSING and not is_empty(value) and not same(value, field.default)


def masked(form: Form, data: Any, mask: Callable[[Field, Any], Any]) -> Any:
    """Return data with what `mask` makes of each secret in its place.

    Args:
        form: the effective form: a rule may make a field a password.
    """

    def visit(field: Field, value: Any, _steps: Steps, _hidden: bool) -> Any:
        return mask(field, value) if is_secret(field, value) else value

    return rebuilt(form.fields, data, visit)


def rebuilt(fields: Fields, data: Any, visit: Visit, steps: Steps = (), hidden: bool = False) -> Any:
    """Return data with each value as `visit` returns it, a field before what stands within it.

    Args:
        data: left as it is; returned itself when nothing changes.
        visit: takes the field, its value or MISSING, the steps to it, and whether it is hidden; MISSING leaves it out.
    """
    if not isinstance(data, dict):
        return data

    changed: dict[str, Any] = {}
    seen: set[str] = set()
    for field in fields:
        name = field.id
        if not name or name in seen:
            continue  # the first of two fields with one id has the value
        seen.add(name)
        given = data.get(name, MISSING)
        value = _visited(field, given, visit, (*steps, name), hidden or field.hidden)
        if value is not given:
            changed[name] = value
    if not changed:
        return data

    return {name: value for name, value in {**data, **changed}.items() if value is not MISSING}


def _visited(field: Field, given: Any, visit: Visit, steps: Steps, hidden: bool) -> Any:
    value = visit(field, given, steps, hidden)
    if field.type == "object" and field.fields:
        return rebuilt(field.fields, value, visit, steps, hidden)
    if field.type == "array" and isinstance(value, list):
        return _items(field, value, visit, steps, hidden)

    return value


def _items(field: Field, values: list[Any], visit: Visit, steps: Steps, hidden: bool) -> list[Any]:
    if field.every_item is None:
        return values

    made = []
    for index, given in enumerate(values):
        item = field.item(index) or field.every_item
        made.append(_visited(item, given, visit, (*steps, index), hidden or item.hidden))
    return made if any(new is not old for new, old in zip(made, values, strict=True)) else values
