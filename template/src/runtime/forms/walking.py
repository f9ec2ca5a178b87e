"""The one walk over a form and its data: checking, masking, examples and pages all go this way."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from operator import is_not
from typing import Any

from .finding import Fields, Steps
from .model import Field, Form
from .values import is_empty, same

MISSING: Any = object()  # no value at all, where None is null
NOTHING: frozenset[type] = frozenset()


@dataclass(frozen=True)
class Visit:
    """What a walk does at one field.

    Args:
        do: takes the state of the walk, the value or MISSING, the steps to what the value stands in, and the last
            step; returns the value, or another to take its place, MISSING to leave it out.
        settled: types whose values need no visit, the empty ones aside; `object` is that of MISSING.
    """

    do: Callable[[Any, Any, Steps, str | int], Any]
    settled: frozenset[type] = NOTHING


Prepare = Callable[[Field, bool], Visit]


class Walk:
    """A walk over the values of some fields, a field before what stands within it.

    What is to be done at a field is prepared once, for a form is walked again and again.

    Args:
        prepare: takes a field and whether it, or what it stands in, is hidden.
    """

    def __init__(self, fields: Fields, prepare: Prepare) -> None:
        self._nodes = _nodes(fields, prepare, hidden=False)

    def over(self, data: Any, state: Any = None) -> Any:
        """Return data with each value as its visit returns it; the data itself when nothing changes.

        Args:
            data: left as it is.
            state: handed to each visit.
        """
        return _members(self._nodes, data, state, ()) if isinstance(data, dict) else data


class _Node:
    """A field on the way, ready to be visited."""

    def __init__(self, field: Field, prepare: Prepare, hidden: bool) -> None:
        hidden = hidden or field.hidden
        visit = prepare(field, hidden)
        self.name, self.do = field.id, visit.do
        self.members = _nodes(field.fields, prepare, hidden) if field.type == "object" and field.fields else ()
        every = field.every_item if field.type == "array" else None
        self.every = _Node(every, prepare, hidden) if every else None
        self.each = self._by_position(field, prepare, hidden) if every else []
        is_leaf = not self.members and self.every is None
        self.settled = visit.settled if is_leaf else NOTHING
        self.over = visit.do if is_leaf else self._through

    def _by_position(self, field: Field, prepare: Prepare, hidden: bool) -> list[_Node]:
        items = [field.item(index) or field for index in range(len(field.each))]
        distinct = {id(item): _Node(item, prepare, hidden) for item in {id(item): item for item in items}.values()}
        return [distinct[id(item)] for item in items]

    def _through(self, state: Any, given: Any, steps: Steps, step: str | int) -> Any:
        value = self.do(state, given, steps, step)
        if self.members and isinstance(value, dict):
            return _members(self.members, value, state, (*steps, step))
        if self.every is not None and isinstance(value, list):
            return _items(self.every, self.each, value, state, (*steps, step))

        return value


def _nodes(fields: Fields, prepare: Prepare, hidden: bool) -> list[_Node]:
    by_id = {field.id: field for field in reversed(fields) if field.id}  # the first of two with one id has the value
    return [_Node(field, prepare, hidden) for field in reversed(by_id.values())]


def _members(nodes: list[_Node], data: dict[str, Any], state: Any, steps: Steps) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for node in nodes:
        given = data.get(node.name, MISSING)
        if type(given) in node.settled and given:
            continue
        value = node.over(state, given, steps, node.name)
        if value is not given:
            changed[node.name] = value
    if not changed:
        return data

    made = {**data, **changed}
    for name, value in changed.items():
        if value is MISSING:
            made.pop(name, None)
    return made


def _items(every: _Node, each: list[_Node], values: list[Any], state: Any, steps: Steps) -> list[Any]:
    made = [
        given
        if type(given) in (node := each[index] if index < len(each) else every).settled and given
        else node.over(state, given, steps, index)
        for index, given in enumerate(values)
    ]
    return made if any(map(is_not, made, values)) else values


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

    def prepare(field: Field, hidden: bool) -> Visit:
        def note(_state: Any, value: Any, steps: Steps, step: str | int) -> Any:
            found.append(FieldValue(field, value, (*steps, step), hidden))
            return value

        return Visit(note)

    Walk(form.fields, prepare).over(data)
    return found


def is_secret(field: Field, value: Any) -> bool:
    """Say whether a value must not be shown: typed into a password box, or of a connection.

    An empty one hides nothing, and a default stands in the schema for everyone to read.
    """
    return field.secret and value is not MISSING and not is_empty(value) and not same(value, field.default)


def secrets_in(form: Form, data: Any) -> list[Any]:
    """Return the values in data that must not be shown.

    Args:
        form: the effective form: a rule may make a field a password.
    """
    found: list[Any] = []

    def prepare(field: Field, _hidden: bool) -> Visit:
        def keep(_state: Any, value: Any, _steps: Steps, _step: str | int) -> Any:
            if is_secret(field, value):
                found.append(value)
            return value

        return Visit(keep)

    # Long lists without a secret are not walked: this is asked while a line is written.
    Walk(tuple(field for field in form.fields if any(each.secret for each in field.walk())), prepare).over(data)
    return found


def masked(form: Form, data: Any, mask: Callable[[Field, Any], Any]) -> Any:
    """Return data with what `mask` makes of each secret in its place.

    Args:
        form: the effective form: a rule may make a field a password.
    """

    def prepare(field: Field, _hidden: bool) -> Visit:
        return Visit(lambda _state, value, _steps, _step: mask(field, value) if is_secret(field, value) else value)

    return Walk(form.fields, prepare).over(data)


def defaults_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the data that fields hold when nothing was filled in: the one place where defaults count.

    Execute never fills them in: what was not sent is not there.
    """
    found = ((each.id, _default(each)) for each in fields if each.id)
    return {name: value for name, value in found if value is not None}


def _default(each: Field) -> Any:
    if each.type == "object" and each.default == "":
        return None  # written so in real schemas, where it stands for nothing chosen

    value = deepcopy(each.default)
    if each.fields and (value is None or isinstance(value, dict)):
        inner = defaults_of(each.fields)
        return {**inner, **value} if value is not None else inner or None
    if isinstance(value, list) and each.items and each.items.fields:
        row = defaults_of(each.items.fields)
        return [{**deepcopy(row), **item} if isinstance(item, dict) else item for item in value]

    return value
