"""What a browser posts, read back as data: a control nobody touched gives back the very value it was drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .kinds import UNSET, kind_of, shown
from .pointers import pointer
from .state import Input
from .texts import from_json, from_text

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form, Steps

# The names of controls that are no fields'; pointers begin with a slash.
DRAWN = "data"  # the hidden one with the data that the form was drawn from
MADE = "made"  # the hidden one that names the form, when the module has made it
CONNECTION = "connection"  # the picker above the form
VALUE = "value:"  # before a template: the box for what it is replaced with

# Chosen where a text of one's own is typed. `to_text` writes every value without needless spaces, so it is no value's.
OWN_TEXT = "{ }"


def parse(form: Form, pairs: Iterable[tuple[str, str]]) -> Input:
    """Read what a browser posted for a form.

    Args:
        form: the form as read, before its rules.
        pairs: names and texts in the order of the page, as `request.form.items(multi=True)` gives them.
    """
    posted: dict[str, list[str]] = {}
    for name, text in pairs:
        posted.setdefault(name, []).append(_normal(text))
    drawn = from_text(posted.get(DRAWN, ["{}"])[-1])
    base = drawn if isinstance(drawn, dict) else {}

    reader = Reader(posted)
    data = reader.object(forms.effective(form, base).fields, base, ())
    values = {name[len(VALUE) :]: texts[-1] for name, texts in posted.items() if name.startswith(VALUE)}
    return Input(data, reader.texts, reader.faults, posted.get(CONNECTION, [""])[-1], values)


class Reader:
    """Reads values by the fields they belong to.

    Args:
        posted: the texts by the name of their control.
    """

    def __init__(self, posted: dict[str, list[str]]) -> None:
        self.posted = posted
        self.texts: dict[str, str] = {}
        self.faults: dict[str, str] = {}

    def object(self, fields: tuple[Field, ...], base: Any, steps: Steps) -> dict[str, Any]:
        """Read the fields of an object; what the base holds beside them stays."""
        data = dict(base) if isinstance(base, dict) else {}
        seen: set[str] = set()
        for each in fields:
            if not each.id or each.id in seen:
                continue  # not drawn either
            seen.add(each.id)
            value = self.value(each, data.get(each.id, UNSET), (*steps, each.id))
            if value is UNSET:
                data.pop(each.id, None)
            else:
                data[each.id] = value
        return data

    def value(self, field: Field, base: Any, steps: Steps) -> Any:
        """Read the value of one field; `UNSET` when there is none."""
        kind, at = kind_of(field, base), pointer(steps)
        if kind == "group":
            return self._group(field, base, steps)
        if kind == "repeater":
            return self._items(field, base, steps)
        if at not in self.posted:
            return base  # hidden, or waiting for a connection

        texts = [text for text in self.posted[at] if text or kind not in MARKED]
        if kind == "open":
            return self._open(base, texts, at)
        if kind != "password" and texts == [_normal(text) for text in shown(kind, base)]:
            return base
        if kind == "json":
            return self._json(field, texts[-1], at)
        return READ[kind](field, base, texts)

    def _group(self, field: Field, base: Any, steps: Steps) -> Any:
        data = self.object(field.fields or (), base, steps)
        return base if not data and not (isinstance(base, dict) and base) else data or UNSET

    def _items(self, field: Field, base: Any, steps: Steps) -> Any:
        items = base if isinstance(base, list) else []
        count = max(len(items), self._posted_items(pointer(steps)))
        read = [self._item(field, items, (*steps, index)) for index in range(count)]
        return read if count else base

    def _item(self, field: Field, items: list[Any], steps: Steps) -> Any:
        index = int(steps[-1])
        item = field.item(index) or forms.Field("items")
        value = self.value(item, items[index] if index < len(items) else UNSET, steps)
        return blank(item) if value is UNSET else value

    def _posted_items(self, at: str) -> int:
        below = (name[len(at) + 1 :].split("/")[0] for name in self.posted if name.startswith(at + "/"))
        return max((int(step) + 1 for step in below if step.isdecimal() and len(step) < 5), default=0)

    def _open(self, base: Any, texts: list[str], at: str) -> Any:
        """Read what was chosen, or else the text typed beside it."""
        chosen, typed = texts[0], texts[-1]
        if chosen == OWN_TEXT:
            if not typed:
                self.texts[at] = ""  # it is about to be typed: the box stays
            return base if isinstance(base, str) and typed == _normal(base) else typed or UNSET
        if not chosen:
            return base if base in (UNSET, None, "") else UNSET

        return from_text(chosen)

    def _json(self, field: Field, text: str, at: str) -> Any:
        if not text.strip():
            return UNSET
        try:
            return from_json(text)
        except ValueError as error:
            if forms.has_template(text) and not field.disable_replacement:
                return text  # what is put in its place may make JSON of it
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


def _password(_field: Field, base: Any, texts: list[str]) -> Any:
    """Return what was typed: the page never held it, so an empty box that had a secret has lost it."""
    if texts[-1]:
        return base if texts[-1:] == shown("password", base) else texts[-1]

    return base if forms.is_empty(base) else UNSET


def _text(_field: Field, _base: Any, texts: list[str]) -> Any:
    return texts[-1] if texts[-1] else UNSET


def _value(_field: Field, _base: Any, texts: list[str]) -> Any:
    return from_text(texts[-1]) if texts[-1] else UNSET


# Controls that post nothing when nothing is chosen, so that an empty hidden one says they are there.
MARKED = ("many", "checkbox", "yes_no")

READ: dict[str, Callable[[Field, Any, list[str]], Any]] = {
    "text": _text,
    "template": _text,
    "connection": _text,
    "number": _number,
    "any": _value,
    "select": _value,
    "password": _password,
    "many": _many,
    "checkbox": lambda _field, base, texts: True if texts else (base if base in (UNSET, None) else False),
    "yes_no": lambda _field, _base, texts: texts[-1] == "true" if texts else UNSET,
}
