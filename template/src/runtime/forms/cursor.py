"""One object of a form schema: hands out its values, and notes what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .values import is_integer, is_number
from .vocabulary import ALIASES, SPECIFIED, Note, Path, nearest, spoken


class Cursor:
    """An object of the schema, with where it stands.

    Args:
        value: what stands there; anything but an object is noted and read as an empty one.
        place: what the object is, a key of `SPECIFIED`.
    """

    def __init__(self, value: Any, path: Path, place: str, notes: list[Note]) -> None:
        self.path, self.place, self.notes = path, place, notes
        self.value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.note("wrong-type", f"{_a(place)} is an object, not {spoken(value)}")
        self._note_keys()

    def note(self, kind: str, message: str, suggestion: str | None = None, *, at: Path = ()) -> None:
        """Add a remark on the object, or on what stands `at` a path below it."""
        self.notes.append(Note((*self.path, *at), kind, message, suggestion))

    def key(self, *names: str) -> str | None:
        """Return the first of the names that the object holds."""
        return next((name for name in names if name in self.value), None)

    def get(self, *names: str) -> Any:
        """Return the value under the first of the names that the object holds."""
        key = self.key(*names)
        return None if key is None else self.value[key]

    def text(self, *names: str) -> str | None:
        """Return a text."""
        found: str | None = self._typed(names, str, "a text")
        return found

    def flag(self, *names: str) -> bool | None:
        """Return a boolean."""
        found: bool | None = self._typed(names, bool, "true or false")
        return found

    def number(self, *names: str) -> int | float | None:
        """Return a number."""
        value: int | float | None = self._checked(names, is_number, "a number")
        return value

    def size(self, *names: str) -> int | None:
        """Return a whole number of zero or more."""
        value = self._checked(names, lambda value: is_integer(value) and value >= 0, "a whole number, zero or more")
        return None if value is None else int(value)

    def one_of(self, allowed: tuple[str, ...], *names: str) -> str | None:
        """Return a text out of a list."""
        value = self.text(*names)
        if value is None or value in allowed:
            return value

        key = self.key(*names) or ""
        message = f'"{value}" is not a {key} of the specification ({", ".join(allowed)})'
        self.note("unknown-value", message, nearest(value, allowed), at=(key,))
        return None

    def inner(self, place: str, *names: str) -> Cursor | None:
        """Return the object under a name."""
        key = self.key(*names)
        return None if key is None else self.at(place, self.value[key], key)

    def at(self, place: str, value: Any, *path: str | int) -> Cursor:
        """Return an object that stands below this one."""
        return Cursor(value, (*self.path, *path), place, self.notes)

    def entries(self, *names: str) -> Iterator[tuple[Any, Path]]:
        """Yield the values of a list, each with its path."""
        key = self.key(*names)
        found = self._typed(names, list, "a list")
        for index, value in enumerate(found or ()):
            yield value, (*self.path, key or "", index)

    def objects(self, place: str, *names: str) -> Iterator[Cursor]:
        """Yield the objects of a list."""
        for value, path in self.entries(*names):
            yield Cursor(value, path, place, self.notes)

    def texts(self, *names: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts."""
        found = list(self.entries(*names))
        for value, path in found:
            if not isinstance(value, str):
                self.notes.append(Note(path, "wrong-type", f"this is a text, not {spoken(value)}"))
            elif allowed and value not in allowed:
                message = f'"{value}" is not in the specification ({", ".join(allowed)})'
                self.notes.append(Note(path, "unknown-value", message, nearest(value, allowed)))
        return tuple(value for value, _ in found if isinstance(value, str))

    def _typed(self, names: tuple[str, ...], kind: type, called: str) -> Any:
        return self._checked(names, lambda value: isinstance(value, kind), called)

    def _checked(self, names: tuple[str, ...], fits: Callable[[Any], bool], called: str) -> Any:
        key = self.key(*names)
        if key is None or fits(self.value[key]):
            return self.get(*names)

        self.note("wrong-type", f'"{key}" is {called}, not {spoken(self.value[key])}', at=(key,))
        return None

    def _note_keys(self) -> None:
        known, aliases = SPECIFIED[self.place], ALIASES.get(self.place, {})
        for key in self.value:
            if key in known:
                continue

            kind = "alias" if key in aliases else "unknown-key"
            suggestion = aliases[key] if key in aliases else nearest(str(key), (*known, *aliases))
            message = f'"{key}" is not in the specification; the platform may ignore it'
            self.note(kind, message, aliases.get(suggestion or "", suggestion), at=(key,))


def _a(place: str) -> str:
    return f"an {place}" if place[0] in "aeiou" else f"a {place}"
