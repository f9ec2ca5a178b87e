"""A form that a user may have edited, and one that an update makes: brought together field by field.

The base is the form as it was stored. What only one side changed is taken; where both did, the user's
stays and is named.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stacksync.errors import StacksyncError

Path = tuple[str, ...]
ORDER = "ui_order"
# What an item of a list is known by: fields and content objects by their ids, choices by their values.
_KNOWN_BY = ("id", "value")


class _Missing:
    """Nothing stands there."""


MISSING = _Missing()


@dataclass(frozen=True)
class MergedForm:
    """What came of it.

    Args:
        form: The form.
        conflicts: Where both sides want something else, and the user's stayed: ids and keys that lead there.
    """

    form: dict[str, Any]
    conflicts: tuple[Path, ...] = ()


def merged_form(base: Mapping[str, Any], user: Mapping[str, Any], new: Mapping[str, Any]) -> MergedForm:
    """Bring an edited form and a new one together.

    Args:
        base: The form that both come from.
        user: As the user has it.
        new: As an update makes it.

    Raises:
        StacksyncError: Something of the user's would be lost, which is a fault of this program.
    """
    conflicts: list[Path] = []
    form = _merged((base, user, new), (), conflicts)
    lost = next(lost_edits(base, user, form), None)
    if lost is not None:
        fault = f"The update would lose an edit of a form, {'/'.join(lost)}, so nothing was changed."
        raise StacksyncError(fault, "this is a fault of stacksync: report it")
    return MergedForm(form, tuple(conflicts))


Three = tuple[Any, Any, Any]


def _merged(sides: Three, path: Path, conflicts: list[Path]) -> Any:
    base, user, new = sides
    if _same(user, new) or _same(base, new):
        return user
    if _same(base, user):
        return new
    if user is MISSING:  # taken out, and what is taken out stays out
        return MISSING
    if isinstance(user, dict) and isinstance(new, dict):
        return _of_objects((base if isinstance(base, dict) else {}, user, new), path, conflicts)
    if path and path[-1] == ORDER and all(map(_is_list, sides)):
        return _ordered(base, user, new)
    if all(_is_list(each) or each is MISSING for each in sides) and _is_list(user) and _is_list(new):
        keys = [_keys([] if each is MISSING else each) for each in sides]
        if None not in keys:
            return _of_lists(tuple(dict(each or ()) for each in keys), path, conflicts)  # type: ignore[arg-type]

    conflicts.append(path)
    return user


def _same(one: Any, other: Any) -> bool:
    if one is MISSING or other is MISSING:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _keys(items: Sequence[Any]) -> "list[tuple[str, Any]] | None":
    """Return the items of a list with what each is known by; None where that does not tell them apart."""
    found = [(_key(each), each) for each in items]
    names = [name for name, _ in found]
    return None if None in names or len(set(names)) < len(names) else found  # type: ignore[return-value]


def _key(item: Any) -> str | None:
    known = (item.get(name) for name in _KNOWN_BY) if isinstance(item, dict) else ()
    return next((json.dumps(each) if not isinstance(each, str) else each for each in known if each is not None), None)


def _of_objects(sides: Three, path: Path, conflicts: list[Path]) -> dict[str, Any]:
    base, user, new = sides
    found = {}
    for name in dict.fromkeys((*user, *new)):
        three = (base.get(name, MISSING), user.get(name, MISSING), new.get(name, MISSING))
        value = _merged(three, (*path, name), conflicts)
        if value is not MISSING:
            found[name] = value
    return _with_order(found, user)


def _of_lists(sides: Three, path: Path, conflicts: list[Path]) -> list[Any]:
    base, user, new = sides
    found = {}
    for name in _placed(list(user), list(new)):
        three = (base.get(name, MISSING), user.get(name, MISSING), new.get(name, MISSING))
        value = _merged(three, (*path, name), conflicts)
        if value is not MISSING:
            found[name] = value
    return list(found.values())


def _placed(user: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the names of both, in the user's order, each new one behind the one that it follows in the new order."""
    found = list(user)
    for at, name in enumerate(new):
        if name in found:
            continue
        before = next((each for each in reversed(new[:at]) if each in found), None)
        found.insert(found.index(before) + 1 if before is not None else 0, name)
    return found


def _ordered(base: Sequence[str], user: Sequence[str], new: Sequence[str]) -> list[str]:
    gone = {each for each in base if each not in new} | {each for each in base if each not in user}
    return [each for each in _placed(user, new) if each not in gone]


def _with_order(made: dict[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form or group whose order names the fields that it has: an edited one stayed, though it is gone."""
    fields, order = made.get("fields"), _order_of(made)
    if not isinstance(fields, list) or order is None:
        return made

    known = [each["id"] for each in fields if isinstance(each, dict) and "id" in each]
    before = _order_of(user) or []
    kept = [each for each in _placed(order, [each for each in before if each in known]) if each in known]
    rest = [each for each in order if each not in known and each in before]
    wanted = [*kept, *(each for each in rest if each not in kept)]
    return {**made, "ui_options": {**made["ui_options"], ORDER: wanted}} if wanted != order else made


def _order_of(form: Mapping[str, Any]) -> "list[str] | None":
    options = form.get("ui_options")
    order = options.get(ORDER) if isinstance(options, dict) else None
    return order if isinstance(order, list) else None


def lost_edits(base: Any, user: Any, result: Any) -> Iterator[Path]:
    """Yield where a user's edit is not in a result: told by the values alone, whatever brought the sides together."""
    before, mine, made = (dict(_leaves(each, ())) for each in (base, user, result))
    for path, value in mine.items():
        if value in ([], {}):  # nothing of the user's is in it, and what was taken out of it is looked for below
            continue
        if (path not in before or not _same(before[path], value)) and not _same(made.get(path, MISSING), value):
            yield path
    for path in before:
        if path not in mine and path in made:
            yield path


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _leaves(each, (*path, name))
    elif isinstance(value, list) and value and path[-1:] != (ORDER,) and (keys := _keys(value)) is not None:
        for name, each in keys:
            yield from _leaves(each, (*path, name))
    elif path[-1:] != (ORDER,):
        yield path, value
