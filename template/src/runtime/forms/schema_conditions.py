"""JSON Schemas of the conditions of rules: they accept the data that a condition holds for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .binding import EACH, Steps, Test
from .either import Condition
from .schema_values import EMPTY, Schema, with_id
from .values import key_of


def passes(condition: Condition) -> Schema:
    """Return the schema of the objects that a condition holds for."""
    clauses = [{"anyOf": [_passes(test, condition) for test in clause]} for clause in condition.clauses]
    schema: Schema = {"allOf": clauses} if clauses else {}
    for step in reversed(condition.within):
        schema = {"type": "array", "contains": schema} if step == EACH else _at((step,), schema)
    return schema


def _passes(test: Test, condition: Condition) -> Schema:
    steps = test.place.steps[len(condition.base) + len(condition.within) :]
    operator, value = test.condition.operator, test.condition.value
    if "not_" in operator:
        return {"not": OPERATIONS[operator.replace("not_", "")](steps, value)}

    return OPERATIONS[operator](steps, value)


def _equal(steps: Steps, value: Any) -> Schema:
    return _is_in(steps, [value])


def _is_in(steps: Steps, values: list[Any]) -> Schema:
    keys = [key_of(value) for value in values]
    one_of: Schema = {"enum": keys}
    by_key = {"if": with_id({}), "then": with_id(one_of), "else": one_of}
    if None not in keys:
        return _at(steps, by_key)

    return {"not": _at(steps, {"not": by_key})}  # a missing value is null


def _is_empty(steps: Steps, _value: Any) -> Schema:
    return {"not": _at(steps, {"not": EMPTY})}


def _greater(steps: Steps, value: Any) -> Schema:
    return _at(steps, {"type": "number", "exclusiveMinimum": value})


def _less(steps: Steps, value: Any) -> Schema:
    return _at(steps, {"type": "number", "exclusiveMaximum": value})


OPERATIONS: dict[str, Callable[[Steps, Any], Schema]] = {
    "equal": _equal,
    "is_in": _is_in,
    "is_empty": _is_empty,
    "greater_than": _greater,
    "less_than": _less,
}


def _at(steps: Steps, schema: Schema) -> Schema:
    """Return the schema of data that has, where steps lead, a value that a schema accepts."""
    for step in reversed(steps):
        if isinstance(step, int):
            schema = {"type": "array", "minItems": 1, "prefixItems": [schema]}
        else:
            schema = {"type": "object", "required": [step], "properties": {step: schema}}
    return schema
