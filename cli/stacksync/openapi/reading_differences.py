"""What differs between two readings of an operation, as the differences that severities are rated for."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacksync.comparison.effective import ITS_CHOICES, ITS_TYPE
from stacksync.comparison.forms import ADDED, CHANGED, REMOVED, FormDifference
from stacksync.comparison.severities import DEPRECATED
from stacksync.openapi.readings import LIMITS
from stacksync.runtime import forms

Json = Mapping[str, Any]
Path = tuple[str, ...]
BODY = "body"
_FLAGS = ("required", DEPRECATED)


def reading_differences(before: Json, after: Json) -> Iterator[FormDifference]:
    """Yield what an API asks for otherwise in the newer reading of an operation."""
    yield from _of_members(before.get("parameters", {}), after.get("parameters", {}), ())
    yield from _of_members(_body(before), _body(after), ())
    for aspect in ("encoding", "security"):
        old, new = before.get(aspect), after.get(aspect)
        if aspect == "encoding" and (old is None or new is None):
            continue  # the body as a whole came or went
        if old != new:
            yield FormDifference((), CHANGED, aspect, old, new)
    yield from _of_text(before, after, ())


def _body(reading: Json) -> Json:
    return {BODY: reading[BODY]} if BODY in reading else {}


def _of_members(before: Json, after: Json, path: Path) -> Iterator[FormDifference]:
    for name in dict.fromkeys((*after, *before)):
        here = (*path, name)
        if name not in before:
            yield FormDifference(here, ADDED, "field", after=_summary(after[name]))
        elif name not in after:
            yield FormDifference(here, REMOVED, "field", before=_summary(before[name]))
        else:
            yield from _of_value(before[name], after[name], here)


def _summary(value: Json) -> dict[str, Any]:
    return {name: value[name] for name in ("type", "required", "default") if name in value}


def _of_value(before: Json, after: Json, path: Path) -> Iterator[FormDifference]:
    for name in _FLAGS:
        if before.get(name, False) != after.get(name, False):
            yield FormDifference(path, CHANGED, name, before.get(name, False), after.get(name, False))
    yield from _of_text(before, after, path)
    if before.get("style") != after.get("style"):
        yield FormDifference(path, CHANGED, "style", before.get("style"), after.get("style"))
    if before["type"] != after["type"]:
        # What a union got besides takes all that it took.
        wider = set(before["type"].split(" or ")) < set(after["type"].split(" or "))
        yield FormDifference(path, CHANGED, "types" if wider else "type", before["type"], after["type"])
        return

    for name in ("deeper", "beyond"):
        if before.get(name) != after.get(name):
            yield FormDifference(path, CHANGED, name, before.get(name), after.get(name))
    for name in LIMITS.values():
        if not forms.same(before.get(name), after.get(name)):
            yield FormDifference(path, CHANGED, name, before.get(name), after.get(name))
    yield from _of_choices(before, after, path)
    yield from _of_inner(before, after, path)


def _of_inner(before: Json, after: Json, path: Path) -> Iterator[FormDifference]:
    if "members" in before and "members" in after:
        yield from _of_members(before["members"], after["members"], path)
    elif ("members" in before or "members" in after) and not {"deeper"} & {*before, *after}:
        yield FormDifference(path, CHANGED, "free_json", "members" not in before, "members" not in after)
    if "items" in before and "items" in after:
        yield from _of_value(before["items"], after["items"], (*path, "items"))
    if "variants" in before and "variants" in after:
        old, new = before["variants"], after["variants"]
        if set(old) != set(new):  # the store is sorted, and knows no order of names
            yield FormDifference(path, CHANGED, "choices", _choices(old), _choices(new))
        for name in (each for each in old if each in new):
            yield from _of_value(old[name], new[name], (*path, name))


def _of_choices(before: Json, after: Json, path: Path) -> Iterator[FormDifference]:
    old, new = before.get("choices"), after.get("choices")
    if old is None and new is None:
        return
    if old is None or new is None:
        accepts = (ITS_CHOICES if old else ITS_TYPE), (ITS_CHOICES if new else ITS_TYPE)
        yield FormDifference(path, CHANGED, "accepts", *accepts)
    elif not forms.same(old, new):
        yield FormDifference(path, CHANGED, "choices", _choices(old), _choices(new))


def _choices(values: Any) -> list[dict[str, Any]]:
    return [{"value": each} for each in values]


def _of_text(before: Json, after: Json, path: Path) -> Iterator[FormDifference]:
    """Yield that a text is another one; of texts a reading has only what tells them apart."""
    if before.get("text") != after.get("text"):
        yield FormDifference(path, CHANGED, "description")
