"""Changing one field deep within a form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .binding import Fields, Steps
from .conditions import Indices
from .either import Either
from .field import Field

Do = Callable[[Field], Field]

EVERY: tuple[Indices, ...] = ((),)


@dataclass(frozen=True)
class Edit:
    """What is done to one field, wherever it stands.

    Args:
        do: returns the field changed.
        done: results by field, for the items of a long array share a few.
    """

    do: Do
    done: dict[tuple[int, tuple[Indices, ...]], tuple[Field, Field]] = field(default_factory=dict)

    def of(self, fields: Fields, steps: Steps, items: tuple[Indices, ...] = EVERY) -> Fields:
        """Return the fields with the one that steps lead to changed, in these items of the arrays on the way."""
        return tuple(self._of_one(each, steps[1:], items) if each.id == steps[0] else each for each in fields)

    def at(self, steps: Steps) -> Do:
        """Return what changes the field that steps lead to from another."""
        return lambda here: self._of_one(here, steps, EVERY)

    def _of_one(self, here: Field, steps: Steps, items: tuple[Indices, ...]) -> Field:
        if isinstance(here, Either):
            return here.mapped(lambda branch: self._of_one(branch, steps, items))
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
