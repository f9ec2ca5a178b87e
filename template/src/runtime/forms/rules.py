"""Rules of a form: judged on data, said in words, and what they make of the form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .finding import EACH, Fields, Reference, Steps, fields_on, find, rules_in, value_at
from .model import Change, Condition, Field, Form, Rule
from .values import is_empty, is_number, key_of, label_of, same

SAID = {
    "equal": "equals",
    "not_equal": "does not equal",
    "is_in": "is one of",
    "is_not_in": "is none of",
    "is_empty": "is empty",
    "is_not_empty": "is not empty",
    "greater_than": "is greater than",
    "less_than": "is less than",
}


def passes(condition: Condition, value: Any) -> bool:
    """Say whether a value is what a condition asks for."""
    return OPERATIONS[condition.operator](value, condition.value)


def in_words(rule: Rule) -> str:
    """Say when a rule holds: `crm` equals `salesforce` and `limit` is greater than `5`."""
    either = " or ".join(map(_said, rule.any))
    if rule.all and len(rule.any) > 1:
        either = f"({either})"
    return " and ".join([*map(_said, rule.all), *([either] if either else [])])


def _said(condition: Condition) -> str:
    said = f"`{condition.id}` {SAID[condition.operator]}"
    return said if condition.operator.endswith("_empty") else f"{said} {_named(condition.value)}"


def _named(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_named, value)) or "nothing"

    return f"`{label_of(value)}`" if label_of(value) else "nothing"


def _equal(value: Any, wanted: Any) -> bool:
    """Compare by `id`: ours, so that a choice counts as equal whether its object or its scalar was sent."""
    return same(key_of(value), key_of(wanted))


def _is_in(value: Any, wanted: Any) -> bool:
    return any(_equal(value, each) for each in wanted)


def _greater(value: Any, wanted: Any) -> bool:
    return is_number(value) and bool(value > wanted)


def _less(value: Any, wanted: Any) -> bool:
    return is_number(value) and bool(value < wanted)


OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": _equal,
    "not_equal": lambda value, wanted: not _equal(value, wanted),
    "is_in": _is_in,
    "is_not_in": lambda value, wanted: not _is_in(value, wanted),
    "is_empty": lambda value, _wanted: is_empty(value),
    "is_not_empty": lambda value, _wanted: not is_empty(value),
    "greater_than": _greater,
    "less_than": _less,
}


Clause = tuple[tuple[Reference, Condition], ...]  # it holds when one of its conditions does
Indices = tuple[int, ...]
Firing = tuple[tuple[int, tuple[Indices, ...]], ...]

EVERY: tuple[Indices, ...] = ((),)


def effective(form: Form, data: Any) -> Form:
    """Return the form that the rules make of it for some data.

    Ours (decision 9 of the form specification): conditions see the data as it was sent, so what one rule changes is
    never another's condition; each rule acts once, on what the ones before it left; where two set the same, the later
    wins.
    """
    rules = Rules(form)
    return rules.applied(rules.fired(data))


def why_hidden(form: Form, steps: Steps) -> Rule | None:
    """Return the rule that hid a field of an effective form, or hid what it stands in."""
    return next((each.hidden_by for each in fields_on(form.fields, steps) if each.hidden), None)


@dataclass(frozen=True)
class BoundRule:
    """A rule with the fields that its conditions and changes refer to.

    Args:
        scope: the steps to the object it stands in.
        clauses: the rule holds when at least one test of each does; ours, one without any never holds.
    """

    rule: Rule
    scope: Steps
    clauses: tuple[Clause, ...]
    changes: tuple[tuple[Reference, Change], ...]


class Rules:
    """The rules of one form, in the order they apply, with the fields they speak of found once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.bound = tuple(_bind(rule, beside, scope, form.fields) for rule, beside, scope in rules_in(form))

    def fired(self, data: Any) -> Firing:
        """Return the rules that hold on the data, by number, each with the items it holds for.

        The items are positions, one for each array the rule stands in: `((),)` for a rule that stands in none.
        """
        if not self.bound:
            return ()

        holding = [(number, _held_for(rule, data)) for number, rule in enumerate(self.bound)]
        return tuple([(number, items) for number, items in holding if items])

    def applied(self, firing: Firing) -> Form:
        """Return the form as these rules change it."""
        fields = self.form.fields
        for number, items in firing:
            bound = self.bound[number]
            for reference, change in bound.changes:
                if reference.known:
                    edit = Edit(partial(_changed, change=change, rule=bound.rule))
                    fields = edit.of(fields, reference.steps, items if reference.local else EVERY)
        return replace(self.form, fields=fields) if firing else self.form


@dataclass(frozen=True)
class Edit:
    """What is done to one field, wherever it stands.

    Args:
        do: returns the field changed.
        done: results by field, for the items of a long array share a few.
    """

    do: Callable[[Field], Field]
    done: dict[tuple[int, tuple[Indices, ...]], tuple[Field, Field]] = field(default_factory=dict)

    def of(self, fields: Fields, steps: Steps, items: tuple[Indices, ...] = EVERY) -> Fields:
        """Return the fields with the one that steps lead to changed, in these items of the arrays on the way."""
        return tuple(self._of_one(each, steps[1:], items) if each.id == steps[0] else each for each in fields)

    def _of_one(self, here: Field, steps: Steps, items: tuple[Indices, ...]) -> Field:
        if not steps:
            return self.do(here)
        if isinstance(steps[0], int):
            return self._of_items(here, steps[1:], items) if here.items else here

        return replace(here, fields=self.of(here.fields, steps, items)) if here.fields else here

    def _of_items(self, here: Field, steps: Steps, items: tuple[Indices, ...]) -> Field:
        if here.items is None or items == EVERY:
            every = self._of_one(here.items, steps, items) if here.items else None
            return replace(here, items=every, each=tuple(self._once(item, steps, items) for item in here.each))

        inner: dict[int, list[Indices]] = defaultdict(list)
        for index, *rest in items:
            inner[index].append(tuple(rest))
        each = [*here.each, *[here.items] * (max(inner) + 1 - len(here.each))]
        for index, below in inner.items():
            each[index] = self._once(each[index], steps, tuple(below))
        return replace(here, each=tuple(each))

    def _once(self, item: Field, steps: Steps, items: tuple[Indices, ...]) -> Field:
        key = (id(item), items)
        if key not in self.done:
            self.done[key] = (item, self._of_one(item, steps, items))  # the item is kept so that its id is
        return self.done[key][1]


def _bind(rule: Rule, beside: Fields, scope: Steps, root: Fields) -> BoundRule:
    def bound(conditions: tuple[Condition, ...]) -> Clause:
        return tuple((find(each.id, beside, scope, root), each) for each in conditions)

    tests = (*(bound((each,)) for each in rule.all), *([bound(rule.any)] if rule.any else []))
    changes = tuple((find(change.field.id, beside, scope, root, EACH), change) for change in rule.changes)
    return BoundRule(rule, scope, tests, changes)


def _items_of(scope: Steps, data: Any) -> Iterable[Indices]:
    """Return the positions of the items that a scope leads to: one empty one when it leads into no array."""
    if EACH not in scope:
        return EVERY

    at = scope.index(EACH)
    items = value_at(data, scope[:at])
    within = enumerate(items if isinstance(items, list) else ())
    return ((index, *inner) for index, item in within for inner in _items_of(scope[at + 1 :], item))


def _held_for(rule: BoundRule, data: Any) -> tuple[Indices, ...]:
    """Return the items that a rule holds for."""
    return tuple([at for at in _items_of(rule.scope, data) if _holds(rule, data, at)])


def _holds(rule: BoundRule, data: Any, indices: Indices) -> bool:
    def passes_one(clause: Clause) -> bool:
        return any(passes(each, value_at(data, _filled(reference.steps, indices))) for reference, each in clause)

    return bool(rule.clauses) and all(map(passes_one, rule.clauses))


def _filled(steps: Steps, indices: Indices) -> Steps:
    """Return steps with the items that a rule is judged for in the place of `EACH`."""
    if not indices:
        return steps

    chosen = iter(indices)
    return tuple(next(chosen) if step == EACH else step for step in steps)


def _changed(field: Field, change: Change, rule: Rule) -> Field:
    changed = _replaced(field, change.field) if change.replaces else _merged(field, change.field)
    by = rule if change.sets_widget else field.hidden_by
    return replace(changed, hidden_by=by if changed.hidden else None, secret=field.secret or changed.secret)


def _replaced(field: Field, partial: Field) -> Field:
    """Return what takes a field's place: its id stays, and its type where the partial field names none."""
    return replace(partial, id=field.id, type=partial.type if "type" in partial.given else field.type)


def _merged(field: Field, partial: Field) -> Field:
    given = {name: getattr(partial, name) for name in partial.given - {"id", "validation", "messages"}}
    if partial.fields and field.fields:
        given["fields"] = _merged_fields(field.fields, partial.fields)
    if partial.items and field.items:
        given["items"] = _merged(field.items, partial.items)
        variants = {id(item): _merged(item, partial.items) for item in field.each}
        given["each"] = tuple(variants[id(item)] for item in field.each)
    given["validation"] = partial.validation.over(field.validation)
    given["messages"] = {**field.messages, **partial.messages}
    given["secret"] = field.secret or partial.secret
    return replace(field, given=field.given | partial.given, **given)


def _merged_fields(fields: Fields, partials: Fields) -> Fields:
    """Merge fields by id; those that were not there come after."""
    by_id = {partial.id: partial for partial in partials}
    known = {each.id for each in fields}
    merged = (_merged(each, by_id[each.id]) if each.id in by_id else each for each in fields)
    return (*merged, *(partial for partial in partials if partial.id not in known))
