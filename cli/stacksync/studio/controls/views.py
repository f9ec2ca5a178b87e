"""A form as the templates draw it: one node for each control, group and repeater, everything decided."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any

from .kinds import UNSET
from .options import Option
from .pointers import dom_id
from .syntax import Syntax

if TYPE_CHECKING:
    from src.runtime.forms import Field, Note


@dataclass(frozen=True)
class Refresh:
    """The button that asks for choices."""

    objects: str
    depends_on: str
    error: str = ""


@dataclass(frozen=True)
class View:
    """One field on the page.

    Args:
        kind: how its value is read back.
        look: the macro that draws it.
        input_type: the type of an `<input>`.
        inner: the fields of a group, the items of a repeater.
        beside: whether it stands in a row with its neighbours.
        position: of an item of a repeater, and how many there are.
    """

    field: Field
    at: str
    kind: str
    look: str
    label: str
    value: Any = None
    text: str = ""
    input_type: str = "text"
    options: list[Option] = attribute(default_factory=list)
    inner: list[View] = attribute(default_factory=list)
    error: str = ""
    notes: list[Note] = attribute(default_factory=list)
    refresh: Refresh | None = None
    syntax: Syntax | None = None
    redraws: bool = False
    beside: bool = False
    position: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        """Return the id of its control."""
        return dom_id(self.at)

    @property
    def language(self) -> str:
        """Return the language of a code field; an editor for values of any type holds JSON."""
        return "json" if self.kind == "json" else self.field.language or "json"

    @property
    def placeholder(self) -> str:
        """Return what an empty control shows."""
        examples = {"date-time": "2026-01-31T09:30:00Z", "uuid": "123e4567-e89b-12d3-a456-426614174000"}
        return self.field.placeholder or (examples.get(self.field.format or "", "") if self.kind == "text" else "")

    @property
    def keeps_secret(self) -> bool:
        """Say whether a password has been typed, which only the browser keeps."""
        return self.kind == "password" and not self.text and bool(self.value) and self.value is not UNSET

    @property
    def moves(self) -> dict[str, str]:
        """Return what the buttons of an item are called."""
        return {"up": f"Move {self.label} up", "down": f"Move {self.label} down", "remove": f"Remove {self.label}"}

    @property
    def described_by(self) -> str:
        """Return the ids of the texts that tell more of it."""
        there = {
            "error": self.error,
            "help": self.field.description,
            "notes": self.notes,
            "syntax": self.syntax,
            "refresh": self.refresh,
        }
        return " ".join(f"{self.id}--{name}" for name, text in there.items() if text)


@dataclass(frozen=True)
class Hidden:
    """A field that is not shown, and why.

    Args:
        secret: whether a password typed into it is kept by the page.
    """

    at: str
    label: str
    why: str
    secret: bool = False

    @property
    def id(self) -> str:
        """Return the id of its line."""
        return dom_id(self.at)
