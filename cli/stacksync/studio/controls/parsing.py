"""What a browser posts, read back as data: a control nobody touched gives back the very value it was drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .kinds import UNSET, kind_of, shown
from .pointers import below
from .state import Parsed
from .texts import from_json, from_text

if TYPE_CHECKING:
    from src.runtime.forms import Field, Form

DRAWN = "data"  # the hidden control with the data that the form was drawn from; no pointer is called so
MADE = "made"  # the hidden control that names the form, when the module has made it


def parse(form: Form, pairs: Iterable[tuple[str, str]]) -> Parsed:
    """Read what a browser posted for a form.

    Args:
        form: the form as read, before its rules.
        pairs: names and texts in the order of the page, as `request.form.items(multi=True)` gives them.
    """
    posted: dict[str, list[str]] = {}
    for name, text in pairs:
        posted.setdefault(name, []).append(text.replace("\r\n", "\n").replace("\r", "\n"))
    drawn = from_text(posted.get(DRAWN, ["{}"])[-1])
    base = drawn if isinstance(drawn, dict) else {}

    reader = Reader(posted)
    data = reader.object(forms.effective(form, base).fields, base, "")
    return Parsed(data, reader.texts, reader.faults)


class Reader:
    """Reads values by the fields they belong to.

    Args:
        posted: the texts by the name of their control.
    """

    def __init__(self, posted: dict[str, list[str]]) -> None:
        self.posted = posted
        self.texts: dict[str, str] = {}
        self.faults: dict[str, str] = {}

    def object(self, fields: tuple[Field, ...], base: Any, at: str) -> dict[str, Any]:
        """Read the fields of an object; what the base holds beside them stays."""
        data = dict(base) if isinstance(base, dict) else {}
        seen: set[str] = set()
        for each in fields:
            if not each.id or each.id in seen:
                continue  # not drawn either
            seen.add(each.id)
            value = self.value(each, data.get(each.id, UNSET), below(at, each.id))
            if value is UNSET:
                data.pop(each.id, None)
            else:
                data[each.id] = value
        return data

    def value(self, field: Field, base: Any, at: str) -> Any:
        """Read the value of one field; `UNSET` when there is none."""
        kind = kind_of(field, base)
        if field.hidden and at not in self.posted:
            return base
        if kind == "group":
            return self._group(field, base, at)
        if kind == "repeater":
            return self._items(field, base, at)
        if at not in self.posted:
            return base

        texts = [text for text in self.posted[at] if text or kind not in MARKED]
        if kind != "password" and texts == [_normal(text) for text in shown(kind, base)]:
            return base
        if kind == "json":
            return self._json(texts[-1], at)
        return READ[kind](field, base, texts)

    def _group(self, field: Field, base: Any, at: str) -> Any:
        data = self.object(field.fields or (), base, at)
        return base if not data and not (isinstance(base, dict) and base) else data or UNSET

    def _items(self, field: Field, base: Any, at: str) -> Any:
        items = base if isinstance(base, list) else []
        count = max(len(items), self._posted_items(at))
        read = [self._item(field, items, index, at) for index in range(count)]
        return read if count else base

    def _item(self, field: Field, items: list[Any], index: int, at: str) -> Any:
        item = field.item(index) or forms.Field("items")
        base = items[index] if index < len(items) else UNSET
        value = self.value(item, base, below(at, index))
        return blank(item) if value is UNSET else value

    def _posted_items(self, at: str) -> int:
        below_ = (name[len(at) + 1 :].split("/")[0] for name in self.posted if name.startswith(at + "/"))
        return max((int(step) + 1 for step in below_ if step.isdecimal() and len(step) < 5), default=0)

    def _json(self, text: str, at: str) -> Any:
        if not text.strip():
            return UNSET
        try:
            return from_json(text)
        except ValueError as error:
            self.texts[at], self.faults[at] = text, f"is not JSON: {error}"
            return text


def blank(item: Field) -> Any:
    """Return what a new item of a repeater holds."""
    if item.default is not None:
        return item.default

    return {"object": {}, "array": [], "string": "", "boolean": False}.get(item.type)


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _number(field: Field, _base: Any, texts: list[str]) -> Any:
    return forms.to_number(texts[-1], whole=field.type == "integer") if texts[-1].strip() else UNSET


def _many(_field: Field, base: Any, texts: list[str]) -> list[Any]:
    """Return the values ticked: those that were ticked before stay in their order."""
    left, kept = list(texts), []
    for value, text in zip(base or [], shown("many", base), strict=True) if isinstance(base, list) else ():
        if text in left:
            left.remove(text)
            kept.append(value)
    return [*kept, *map(from_text, left)]


def _password(field: Field, base: Any, texts: list[str]) -> Any:
    """Return what was typed: the page never held it, so an empty box that had a secret has lost it."""
    if texts[-1]:
        return texts[-1]

    return base if forms.is_empty(base) else UNSET


# Controls that post nothing when nothing is chosen, so that an empty hidden one says they are there.
MARKED = ("many", "checkbox", "yes_no")

READ: dict[str, Callable[[Field, Any, list[str]], Any]] = {
    "text": lambda _field, _base, texts: texts[-1] if texts[-1] else UNSET,
    "number": _number,
    "any": lambda _field, _base, texts: from_text(texts[-1]) if texts[-1] else UNSET,
    "select": lambda _field, _base, texts: from_text(texts[-1]) if texts[-1] else UNSET,
    "connection": lambda _field, _base, texts: texts[-1] or UNSET,
    "password": _password,
    "many": _many,
    "checkbox": lambda _field, base, texts: True if texts else (base if base in (UNSET, None) else False),
    "yes_no": lambda _field, _base, texts: texts[-1] == "true" if texts else UNSET,
}
