"""What differs between forms, for people and for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from stacksync.comparison.effective import ANYTHING, ITS_CHOICES, TEXTS
from stacksync.comparison.forms import ADDED, CHANGED, REMOVED, RENAMED, FormDifference
from stacksync.comparison.severities import (
    MODULE,
    MODULE_ID,
    OPERATION,
    SAID,
    SEVERITIES,
    UNREAD,
    VERSION,
    Severity,
    rule_of,
)
from stacksync.comparison.versions import Change, Comparison, Place
from stacksync.runtime import forms
from stacksync.terminal import Piece, folded, in_one_line

_STYLES: dict[Severity, str] = {"breaking": "bold red", "look": "yellow", "fine": "dim"}
_LONGEST = 200
_LEAST = 20  # columns that a value gets, however long the place before it is

_CHOSEN = {
    "required": ("required now", "not required any more"),
    "connection_required": ("connection required now", "connection not required any more"),
    "hidden": ("hidden now", "shown now"),
    "deprecated": ("deprecated now", "not deprecated any more"),
    "free_json": ("free JSON now", "free JSON got fields"),
    "choice_objects": ("takes choices as objects now", "takes no choices as objects any more"),
    "converted": ("texts are choices now", "limits the texts of its choices now"),
    "disable_replacement": ("takes no templates any more", "takes templates now"),
}
_ACCEPTS = {ANYTHING: "takes any value now", ITS_CHOICES: "takes only its choices now"}


def message(difference: FormDifference) -> str:
    """Say what differs, in a few words, without the values."""
    said = _said(difference)
    return f"{said} when {difference.when}" if difference.when else said


def _said(each: FormDifference) -> str:
    if each.kind == RENAMED:
        return f"renamed from {each.before}, it seems"
    if each.kind in (ADDED, REMOVED):
        return _whole(each)
    if each.aspect == MODULE_ID:
        return "module_id changed"
    if each.aspect in _CHOSEN:
        return _CHOSEN[each.aspect][not each.after]
    if each.aspect in UNREAD:
        return "what lies deeper changed" if each.aspect == "deeper" else "what it may hold besides changed"
    if each.aspect == "accepts":
        return _ACCEPTS.get(each.after, "takes any value of its type now")
    if each.aspect == "choices":
        return _of_choices(each)

    name = each.aspect.replace("connection_", "connection ")
    if each.before in (None, "", []):
        return f"{name} added"
    return f"{name} removed" if each.after in (None, "", []) else f"{name} changed"


def _whole(each: FormDifference) -> str:
    name = {MODULE: "module ", VERSION: "version ", OPERATION: "operation ", "connection": "connection "}.get(
        each.aspect, ""
    )
    if each.kind == REMOVED:
        return f"{name}gone"

    return f"{name}new, and required" if isinstance(each.after, dict) and each.after.get("required") else f"{name}new"


def _of_choices(each: FormDifference) -> str:
    gone, come = gone_and_come(each)
    said = [f"{_counted(len(keys), 'choice')} {what}" for keys, what in ((gone, "gone"), (come, "new")) if keys]
    return ", ".join(said) or "labels or order of choices changed"


def gone_and_come(each: FormDifference) -> tuple[list[Any], list[Any]]:
    """Return the choices that are gone, and those that are new."""
    old, new = ([forms.key_of(choice["value"]) for choice in side] for side in (each.before, each.after))
    return _without(old, new), _without(new, old)


def _without(values: list[Any], others: list[Any]) -> list[Any]:
    return [value for value in values if not any(forms.same(value, other) for other in others)]


def values(each: FormDifference) -> tuple[Any, Any]:
    """Return what is shown of both sides: of choices those that are gone and those that are new."""
    if each.kind == CHANGED and each.aspect == "choices" and any(gone_and_come(each)):
        return gone_and_come(each)

    return _short(each.aspect, each.before), _short(each.aspect, each.after)


def _short(aspect: str, value: Any) -> Any:
    """Return what is shown of a value: names and counts where all of it would fill the screen."""
    if aspect == "content":
        return [each["id"] for each in value]
    if aspect == "rules":
        return _counted(len(value), "rule")
    if aspect == "field" and value:
        named = [value["type"], *(word for word in ("required", "hidden") if value.get(word))]
        return ", ".join([*named, *([f"default {_json(value['default'])}"] if "default" in value else [])])

    return value


def lines(found: Sequence[Comparison], width: int, *, texts: bool = False) -> Iterator[list[Piece]]:
    """Yield the report line by line.

    Args:
        found: What was compared.
        width: How many columns the terminal has.
        texts: Whether each changed text is shown; otherwise they are counted.
    """
    for comparison in found:
        if comparison.changes or comparison.not_compared or comparison.problems:
            yield from _of_comparison(comparison, width, texts)
            yield [("", "")]
    yield [(summary(found), "")]


def _of_comparison(comparison: Comparison, width: int, texts: bool) -> Iterator[list[Piece]]:
    yield [(in_one_line(title(comparison)), "bold")]
    for problem in comparison.problems:
        yield from folded([("  cannot be compared: ", "bold red"), (in_one_line(problem), "")], width, 4)
    for severity in SEVERITIES:
        for each in comparison.changes:
            if each.severity == severity and (texts or not _is_text(each)):
                yield from _of_change(each, width)
    hidden = [] if texts else [each.difference.aspect for each in comparison.changes if _is_text(each)]
    if hidden:
        counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in Counter(hidden).items())
        yield [("  fine", _STYLES["fine"]), (f"  {_counted(len(hidden), 'text')} changed ({counts}): --texts", "")]
    for reason in comparison.not_compared:
        yield from folded([("  not compared: ", "yellow"), (in_one_line(reason), "")], width, 4)


def _is_text(change: Change) -> bool:
    return change.severity == "fine" and change.difference.aspect in TEXTS


def title(comparison: Comparison) -> str:
    """Return what is compared."""
    versions = list(dict.fromkeys(filter(None, (comparison.before, comparison.after))))
    return f"{comparison.module} {' -> '.join(versions)}"


def _of_change(change: Change, width: int) -> Iterator[list[Piece]]:
    difference = change.difference
    name = "/".join(difference.path)
    said = f"{name}: {message(difference)}" if name else message(difference)
    head = [(f"  {SAID[change.severity]}", _STYLES[change.severity]), (f"  {change.rated.rule}", "dim")]
    yield from folded([*head, (f"  {in_one_line(said)}", "")], width, 4)
    pairs = zip("-+", (change.before, change.after), values(difference), strict=True)
    yield from ([(f"    {sign} ", "dim"), *_side(place, value, width - 6)] for sign, place, value in pairs if place)


def _side(place: Place, value: Any, width: int) -> list[Piece]:
    shown = in_one_line(str(place))
    text = "" if value is None else in_one_line(value if isinstance(value, str) else _json(value))
    room = max(width - len(shown) - 2, _LEAST)
    return [(shown, ""), (f"  {_cut(text, min(room, _LONGEST))}" if text else "", "dim")]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def summary(found: Sequence[Comparison]) -> str:
    """Return how much differs, in one line."""
    if not found:
        return "Nothing was compared."

    problems = sum(bool(each.problems) for each in found)
    looked = len(found) - problems
    counts = {severity: sum(each.count(severity) for each in found) for severity in SEVERITIES}
    said = ", ".join(f"{count} {SAID[severity]}" for severity, count in counts.items() if count) or "No differences"
    compared = [f"{said} in {_counted(looked, 'version')}."] if looked or any(counts.values()) else []
    return " ".join([*compared, *([f"{_counted(problems, 'version')} could not be compared."] if problems else [])])


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def as_json(found: Sequence[Comparison], against: str | None, notes: Sequence[str]) -> str:
    """Return all of it for programs."""
    counts: dict[str, Any] = {each: sum(one.count(each) for one in found) for each in SEVERITIES}
    facts = {"against": against, **counts, "versions": list(map(_facts, found)), "not_compared": list(notes)}
    return json.dumps(facts, indent=2)


def _facts(comparison: Comparison) -> dict[str, Any]:
    return {
        "module": comparison.module,
        "before": comparison.before,
        "after": comparison.after,
        "differences": list(map(_change, comparison.changes)),
        "not_compared": list(comparison.not_compared),
        "problems": list(comparison.problems),
    }


def _change(change: Change) -> dict[str, Any]:
    difference = change.difference
    return {
        "severity": change.severity,
        "rule": change.rated.rule,
        "title": rule_of(change.rated.rule).title,
        "path": list(difference.path),
        "kind": difference.kind,
        "aspect": difference.aspect,
        "message": message(difference),
        "when": difference.when,
        "before": _of_side(change.before, difference.before),
        "after": _of_side(change.after, difference.after),
    }


def _of_side(place: Place | None, value: Any) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line, "value": value} if place else None
