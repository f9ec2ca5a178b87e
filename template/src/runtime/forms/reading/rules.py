"""Reading the rules of a form schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..model import Change, Condition, Field, Rule
from ..notes import nearest, spoken
from ..values import is_number, to_number
from ..vocabulary import APPLY_AS, COMPARISONS, OPERATORS
from .cursor import Cursor

ReadField = Callable[..., Field]


def read_rules(cursor: Cursor, read_field: ReadField) -> tuple[Rule, ...]:
    """Read the rules of a form or a field."""
    return tuple(_read_rule(rule, read_field) for rule in cursor.objects("rule", "rules"))


def read_conditions(cursor: Cursor, own_id: str) -> tuple[Rule, ...]:
    """Read `conditions`, seen in real schemas: the values other fields must have for this one to be shown."""
    wanted = cursor.value.get("conditions")
    if not isinstance(wanted, Mapping) or not wanted:
        return ()

    others = tuple(
        Condition(str(name), "is_not_in", value if isinstance(value, list) else [value], (*cursor.path, "conditions"))
        for name, value in wanted.items()
    )
    hidden = Field(own_id, widget="hidden", given=frozenset({"widget"}))
    return (Rule((), others, (Change(hidden),), (*cursor.path, "conditions")),)


def _read_rule(cursor: Cursor, read_field: ReadField) -> Rule:
    for name in ("if", "then"):
        if cursor.key(name) is None:
            cursor.note("missing-key", f'the rule has no "{name}"')
    asked, then = cursor.inner("if", "if"), cursor.inner("then", "then")
    all_, any_ = _read_clause(asked, "and"), _read_clause(asked, "or")
    changes = [_read_change(change, read_field) for change in then.objects("change", "fields")] if then else []
    if asked and not (asked.value.get("and") or asked.value.get("or")):
        asked.note("empty-rule", "without conditions the rule never applies")
    if None in all_ or None in any_:
        all_, any_ = (), ()  # half a rule would do something nobody wrote; without conditions it does nothing

    whole = tuple(change for change in changes if change.field.id)
    return Rule(tuple(filter(None, all_)), tuple(filter(None, any_)), whole, cursor.path)


def _read_clause(asked: Cursor | None, name: str) -> tuple[Condition | None, ...]:
    return tuple(_read_condition(each) for each in asked.objects("condition", name)) if asked else ()


def _read_condition(cursor: Cursor) -> Condition | None:
    name, operator = cursor.text("id"), cursor.text("operator")
    for key in ("id", "operator"):
        if cursor.key(key) is None:
            cursor.note("missing-key", f'the condition has no "{key}"')
    if operator is not None and operator not in OPERATORS:
        known = f'"{operator}" is not an operator ({", ".join(OPERATORS)})'
        cursor.note("unknown-operator", known, nearest(operator, OPERATORS), at=("operator",))
        return None
    if not name or operator is None:
        return None

    return _read_value(cursor, name, operator)


def _read_value(cursor: Cursor, name: str, operator: str) -> Condition | None:
    value = cursor.get("value")
    if operator in COMPARISONS and cursor.key("value") is None:
        cursor.note("missing-key", f'"{operator}" needs a "value"')
        return None
    if operator in ("is_in", "is_not_in") and not isinstance(value, list):
        cursor.note("wrong-type", f'"{operator}" takes a list, not {spoken(value)}', at=("value",))
        value = [value]
    if operator in ("greater_than", "less_than"):
        value = to_number(value, whole=False)
        if not is_number(value):
            cursor.note("wrong-type", f'"{operator}" takes a number, not {spoken(value)}', at=("value",))
            return None

    return Condition(name, operator, value, cursor.path)


def _read_change(cursor: Cursor, read_field: ReadField) -> Change:
    apply_as: Any = cursor.one_of(APPLY_AS, "apply_as")
    return Change(read_field(cursor, partial=True), apply_as == "fully_replace")
