"""A rule as its schema describes it: conditions on values, and changes to fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .notes import Path

if TYPE_CHECKING:
    from .field import Field


@dataclass(frozen=True)
class Condition:
    """What a rule asks of one value."""

    id: str
    operator: str
    value: Any = None
    source: Path = ()

    def __str__(self) -> str:
        said = f"{self.id} {self.operator.replace('_', ' ')}"
        return said if self.operator.endswith("_empty") else f"{said} {self.value!r}"


@dataclass(frozen=True)
class Change:
    """What a rule does to one field: merges the partial field into it, or puts it in its place."""

    field: Field
    replaces: bool = False

    @property
    def sets_widget(self) -> bool:
        """Say whether it decides if the field is hidden."""
        return self.replaces or "widget" in self.field.given


@dataclass(frozen=True)
class Rule:
    """Changes to fields that hold while every one of `all` and at least one of `any` is true."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    changes: tuple[Change, ...] = ()
    source: Path = ()

    def __str__(self) -> str:
        either = " or ".join(map(str, self.any))
        return " and ".join([*map(str, self.all), *([either] if either else [])])
