"""A form: its fields, their order, and the rules between them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .field import ContentObject, Field, Layout
from .notes import Note
from .rule import Rule

if TYPE_CHECKING:
    from .binding import BoundRule


@dataclass(frozen=True)
class Form:
    """A form: its fields, their order, and the rules between them."""

    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    order: tuple[str, ...] = ()
    layout: Layout | None = None
    version: str | None = None
    reading: tuple[Note, ...] = ()

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Return everything there is to say about the schema, in the order of the document."""
        from .checks import check_form  # needs jsonschema, which a runtime that only serves forms never loads

        return check_form(self)

    @cached_property
    def bound_rules(self) -> tuple[BoundRule, ...]:
        """Return every rule in the order it applies, with the fields it speaks of found."""
        from .binding import bind_rules

        return bind_rules(self)

    def walk(self) -> Iterator[Field]:
        """Yield every field, at any depth, in the order of the document."""
        for each in self.fields:
            yield from each.walk()

    def ordered(self) -> tuple[Field, ...]:
        """Return the fields as they are shown: those `ui_order` names first."""
        rank = {name: place for place, name in reversed(list(enumerate(self.order)))}
        return tuple(sorted(self.fields, key=lambda each: rank.get(each.id, len(rank))))

    def content_objects(self) -> tuple[ContentObject, ...]:
        """Return the content objects asked for, each once, with all it depends on."""
        found: dict[str, ContentObject] = {}
        for each in self.walk():
            for wanted in each.content.objects if each.content else ():
                known = found.get(wanted.id, ContentObject(wanted.id)).depends_on
                found[wanted.id] = ContentObject(wanted.id, tuple(dict.fromkeys((*known, *wanted.depends_on))))
        return tuple(found.values())

    def defaults(self) -> dict[str, Any]:
        """Return the data a newly opened form holds."""
        return _defaults(self.fields)


def _defaults(fields: tuple[Field, ...]) -> dict[str, Any]:
    found = ((each.id, _default(each)) for each in fields if each.id)
    return {name: value for name, value in found if value is not None}


def _default(each: Field) -> Any:
    if each.type == "object" and each.default == "":
        return None  # written so in real schemas, where it stands for nothing chosen
    if each.default is not None:
        return deepcopy(each.default)

    return (_defaults(each.fields) or None) if each.fields else None
