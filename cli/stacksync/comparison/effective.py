"""What differs between two forms for the workflows that are stored: with the rules applied, as data that rates nothing.

A workflow holds what was filled in. What the newer form makes of that depends on the rules of both forms, so they are
compared for each way in which their rules can act on a field (`cases.py`), by the very code that checks input.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stacksync.comparison.cases import NOT_GIVEN, OTHER, Case, Cases, cases_of
from stacksync.comparison.forms import ADDED, CHANGED, REMOVED, RENAMED, FormDifference, aspects, form_aspects, renamed
from stacksync.runtime import forms

if TYPE_CHECKING:
    from stacksync.runtime.forms import EffectiveForms, Field, Form, Path, Steps

    Fields = tuple[Field, ...]
    Sides = tuple[EffectiveForms, EffectiveForms]

TEXTS = ("label", "description", "placeholder", "item_label", "messages")
# What a limit is for; on a field of another type it does nothing.
_LIMITS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("min_length", "max_length", "pattern", "format"), ("string", "any")),
    **dict.fromkeys(("minimum", "maximum"), ("number", "integer", "any")),
    **dict.fromkeys(("min_items", "max_items"), ("array", "any")),
}
_OF_TEXTS = ("min_length", "max_length", "pattern", "format")
ANYTHING, ITS_TYPE, ITS_CHOICES = "anything", "its type", "its choices"
_MOST_NAMED = 3
_NOT_COMPARED = ("rules", "secret")  # what rules do is compared, and what is secret follows from type and widget


@dataclass(frozen=True)
class Compared:
    """What came of comparing two forms.

    Args:
        differences: In the order of the newer form.
        in_part: The ids of fields with so many rules that only a part of their combinations was compared.
    """

    differences: tuple[FormDifference, ...]
    in_part: tuple[str, ...] = ()


def form_differences(before: "Form", after: "Form") -> Compared:
    """Return what differs between two forms with their rules applied, for any data."""
    sides = forms.EffectiveForms(before), forms.EffectiveForms(after)
    old, new = _by_id(before.fields), _by_id(after.fields)
    former = _former(old, new)
    found: list[FormDifference] = []
    in_part = []
    for name in dict.fromkeys((*new, *(each for each in old if each not in former.values()))):
        names = (former.get(name, name), name)
        cases = cases_of(names, sides)
        found += _of_root_field(names, sides, cases)
        in_part += [] if cases.complete else [name]
    return Compared((*found, *_of_forms(before, after)), tuple(in_part))


def _former(old: "Mapping[str, Field]", new: "Mapping[str, Field]") -> dict[str, str]:
    """Return, by its new id, the former id of each field that seems to have been renamed."""
    gone, come = [old[name] for name in old if name not in new], [new[name] for name in new if name not in old]
    return {name: field.id for name, field in renamed(gone, come).items()}


def _by_id(fields: "Fields") -> "dict[str, Field]":
    return {each.id: each for each in reversed(fields) if each.id}  # the first of two with one id has the value


def _of_root_field(names: tuple[str, str], sides: "Sides", cases: Cases) -> Iterator[FormDifference]:
    """Yield what differs of a field of the root: each difference once, with the cases in which there is one."""
    found: dict[str, tuple[FormDifference, dict[Any, Case]]] = {}
    known: dict[tuple[int, int], list[tuple[str, FormDifference]]] = {}
    for case in cases.all:
        shown = [side.for_data(case.data).form.fields for side in sides]
        before, after = (_by_id(fields).get(name) for fields, name in zip(shown, names, strict=True))
        pair = id(before), id(after)
        if pair not in known:
            known[pair] = [(_key(each), each) for each in _of_pair(before, after, names)]
        for key, each in known[pair]:
            found.setdefault(key, (each, {}))[1][case.key] = case
    for difference, where in found.values():
        yield difference if len(where) == len(cases.all) else _conditional(difference, where, cases, sides)


def _key(each: FormDifference) -> str:
    """Return what tells a difference from others; what is gone is gone, whatever rules made of it."""
    values = () if each.kind == REMOVED else (each.before, each.after)
    return json.dumps([each.path, each.kind, each.aspect, *values], sort_keys=True, default=repr)


def _of_pair(before: "Field | None", after: "Field | None", names: tuple[str, str]) -> Iterator[FormDifference]:
    path = (names[1],)
    if before and after:
        if names[0] != names[1]:
            yield FormDifference(path, RENAMED, "id", *names, sources=(before.source, after.source))
        yield from _of_field(before, after, path)
    elif after:
        yield _added(after, path)
    elif before:
        yield _removed(before, path)


def _of_field(before: "Field", after: "Field", path: tuple[str, ...], hidden: bool = False) -> Iterator[FormDifference]:
    """Yield what differs of a field.

    Args:
        hidden: Whether both stand in what is hidden: nothing is checked there.
    """
    said = _said(before, after, hidden)
    for name in said[0]:
        if not forms.same(said[0][name], said[1][name]):
            values = said[0][name], said[1][name]
            yield FormDifference(path, CHANGED, name, *values, sources=(before.source, after.source))
    if before.type == after.type:
        yield from _of_inner(before, after, path, hidden or (before.hidden and after.hidden))


def _of_inner(before: "Field", after: "Field", path: tuple[str, ...], hidden: bool) -> Iterator[FormDifference]:
    if before.type == "object" and before.fields:
        yield from _of_fields(before.fields, after.fields or (), path, hidden)
    items = before.item(1), after.item(1)  # the one that stands for any other than the first
    if before.type == "array" and items[0]:
        here = (*path, "items")
        yield from _of_field(items[0], items[1], here, hidden) if items[1] else [_removed(items[0], here)]


def _of_fields(before: "Fields", after: "Fields", path: tuple[str, ...], hidden: bool) -> Iterator[FormDifference]:
    old, new = _by_id(before), _by_id(after)
    former = _former(old, new)
    for name, field in new.items():
        known, here = old.get(former.get(name, name)), (*path, name)
        if known is None:
            yield _added(field, here, hidden)
            continue
        if name in former:
            sources = known.source, field.source
            yield FormDifference(here, RENAMED, "id", former[name], name, sources=sources)
        yield from _of_field(known, field, here, hidden)
    gone = (field for name, field in old.items() if name not in new and name not in former.values())
    yield from (_removed(field, (*path, field.id)) for field in gone)


def _added(field: "Field", path: tuple[str, ...], hidden: bool = False) -> FormDifference:
    return FormDifference(path, ADDED, "field", after=_summary(field, hidden), sources=(None, field.source))


def _removed(field: "Field", path: tuple[str, ...]) -> FormDifference:
    return FormDifference(path, REMOVED, "field", before=_summary(field, False), sources=(field.source, None))


def _summary(field: "Field", hidden: bool) -> dict[str, Any]:
    said = {"type": field.type, "label": field.label, "required": field.required and not hidden, "hidden": field.hidden}
    return {name: value for name, value in {**said, "default": field.default}.items() if value not in (None, "", False)}


def _said(before: "Field", after: "Field", hidden: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what two forms of a field say, as far as it has an effect."""
    is_checked = not (hidden or before.hidden or after.hidden) and before.type == after.type
    one, other = ({**_plain(each), **_checks(each, is_checked, hidden)} for each in (before, after))
    if is_checked and after.content is not None and any(other[name] is not None for name in _OF_TEXTS):
        one["converted"], other["converted"] = _converted(before), []
    return one, other


def _converted(field: "Field") -> list[Any]:
    """Return the choices of a text field that are no texts: their texts become them, and no limit is about those."""
    if field.type != "string" or field.content is not None:
        return []

    return [each.key for each in field.choices if not isinstance(each.key, str)]


def _plain(field: "Field") -> dict[str, Any]:
    said = {name: value for name, value in aspects(field).items() if name not in _NOT_COMPARED}
    # Choices of a list are those of its items.
    choices: dict[str, Any] = {"choices": [], "content": []} if field.type == "array" else {}
    return {**said, **choices, "widget": None if field.hidden else field.widget, "hidden": field.hidden}


def _checks(field: "Field", is_checked: bool, hidden: bool) -> dict[str, Any]:
    """Return what is asked of a value; limits only where both are shown, for no other are checked."""
    return {
        "required": field.required and not hidden,
        **{name: _limit(field, name) if is_checked else None for name in _LIMITS},
        "accepts": _accepts(field) if is_checked else None,
        "choice_objects": field.takes_choice_objects if is_checked else None,
        "free_json": _is_free_json(field) if is_checked else None,
    }


def _limit(field: "Field", name: str) -> Any:
    value = field.format if name == "format" else getattr(field.validation, name)
    if field.type not in _LIMITS[name]:
        return None
    if name == "pattern":
        return value if value is not None and forms.refuses_some(value) else None

    return None if value == 0 and name in ("min_length", "min_items") else value  # which every value has


def _accepts(field: "Field") -> str | None:
    if field.type == "array":
        return None
    if field.content is not None and field.type in ("string", "object"):
        return ANYTHING

    return ITS_CHOICES if field.is_enum else ITS_TYPE


def _is_free_json(field: "Field") -> bool | None:
    if field.type == "object":
        return not field.fields

    return field.every_item is None if field.type == "array" else None


def _of_forms(before: "Form", after: "Form") -> Iterator[FormDifference]:
    old, new = form_aspects(before), form_aspects(after)
    connections = old.pop("connection"), new.pop("connection")
    sources: tuple[Path | None, Path | None] = (
        before.connections.source if before.connections else None,
        after.connections.source if after.connections else None,
    )
    if (connections[0] is None) != (connections[1] is None):
        kind = ADDED if connections[1] else REMOVED
        yield FormDifference((), kind, "connection", *connections, sources=sources)
    elif connections[0] and connections[1]:
        for name in ("required", "app_types", "management_types"):
            if connections[0][name] != connections[1][name]:
                values = connections[0][name], connections[1][name]
                yield FormDifference((), CHANGED, f"connection_{name}", *values, sources=sources)
    for name in old:
        if not forms.same(old[name], new[name]):
            yield FormDifference((), CHANGED, name, old[name], new[name], sources=_source_of(name))


def _source_of(name: str) -> "tuple[Path, Path]":
    path: Path = ("rules",) if name == "rules" else ("ui_options",)
    return path, path


def _conditional(difference: FormDifference, where: dict[Any, Case], cases: Cases, sides: "Sides") -> FormDifference:
    """Return a difference that rules make, with the data that it is for, and the places of the rules."""
    case = next(iter(where.values()))
    said = [_condition(steps, case, where, cases) for steps, _ in case.values]
    when = " and ".join(filter(None, said))
    found = [_by_rule(difference, case, side) for side in sides]
    sources = found[0] or difference.sources[0], found[1] or difference.sources[1]
    return replace(difference, when=when, sources=sources)


def _condition(steps: "Steps", case: Case, where: dict[Any, Case], cases: Cases) -> str:
    """Say what a field must hold; nothing where it makes no difference."""
    holding: list[Any] = []
    others: list[Any] = []
    for alike in cases.choices[steps]:
        (holding if case.but(steps, alike[0]).key in where else others).extend(alike)
    if not others:
        return ""

    name = f"`{'.'.join('items' if isinstance(step, int) else step for step in steps)}`"
    # What no condition names, or else what is left empty, stands for the rest.
    rest = OTHER if any(value is OTHER for value in (*holding, *others)) else NOT_GIVEN
    if any(value is rest for value in holding):
        return _listed(f"{name} ", map(_has_not, others), " and ")

    return _listed(f"{name} ", map(_has, holding), " or ")


def _listed(name: str, said: Iterable[str], word: str) -> str:
    found = list(dict.fromkeys(said))
    more = f"{word}so on" if len(found) > _MOST_NAMED else ""
    return f"{name}{word.join(found[:_MOST_NAMED])}{more}"


def _has(value: Any) -> str:
    value = _as_given(value)
    if value is NOT_GIVEN:
        return "is not given"

    return "is another value" if value is OTHER else f"is {_shown(value)}"


def _has_not(value: Any) -> str:
    value = _as_given(value)
    return "is given" if value is NOT_GIVEN else f"is not {_shown(value)}"


def _as_given(value: Any) -> Any:
    """Return a value as it is told: a choice by its id, an empty one as not given."""
    key = forms.key_of(value)
    return NOT_GIVEN if key == "" else key


def _shown(value: Any) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def _by_rule(difference: FormDifference, case: Case, side: "EffectiveForms") -> "Path | None":
    """Return where a rule that acts in a case changes the field, if one does."""
    found = None
    for number, _ in side.rules.fired(case.data):
        for reference, change in side.rules.bound[number].changes:
            steps = tuple("items" if isinstance(step, int) else step for step in reference.steps)
            if reference.known and steps == difference.path:
                found = change.field.source
    return found
