"""A form as the templates draw it: one node for each control, group and repeater, everything decided."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any

from .kinds import UNSET
from .options import Option
from .parsing import VALUE
from .pointers import dom_id
from .syntax import Syntax

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Note, RootConnections


@dataclass(frozen=True)
class Refresh:
    """The button that asks for choices."""

    objects: str
    depends_on: str
    error: str = ""
    loading: bool = False


@dataclass(frozen=True)
class Picker:
    """The choice of a connection above the form."""

    asked: RootConnections
    options: list[Option]
    error: str = ""


@dataclass(frozen=True)
class TemplateValue:
    """The box for what a template is replaced with in a run.

    Args:
        text: what was typed.
        secret: whether the template stands in a password field, so that only the browser keeps the value.
    """

    template: str
    text: str
    secret: bool = False

    @property
    def name(self) -> str:
        """Return the name of its control."""
        return f"{VALUE}{self.template}"

    @property
    def id(self) -> str:
        """Return the id of its control."""
        return dom_id(self.name)


@dataclass(frozen=True)
class Mark:
    """How a field differs from that of another form.

    Args:
        severity: what that means at worst.
        remarks: what differs, each with its severity, where it is told beside the field.
    """

    severity: str
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class View:
    """One field on the page.

    Args:
        kind: how its value is read back.
        look: the macro that draws it.
        input_type: the type of an `<input>`.
        inner: the fields of a group, the items of a repeater.
        beside: whether it stands in a row with its neighbours.
        long_list: names the list of its choices, where that is too long for a dropdown: `options` are those chosen.
        more: whether there are more choices than those offered.
        waits: whether its choices wait for a connection.
        own_text: whether a text of one's own is in the box beside the choices.
        marks: the templates in it, each with what it is replaced with; "" where it has no value.
        position: of an item of a repeater, and how many there are.
        difference: how it differs, where two forms are shown beside each other.
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
    long_list: str = ""
    inner: list[View] = attribute(default_factory=list)
    error: str = ""
    notes: list[Note] = attribute(default_factory=list)
    refresh: Refresh | None = None
    more: bool = False
    waits: bool = False
    own_text: bool = False
    marks: list[tuple[str, str]] = attribute(default_factory=list)
    syntax: Syntax | None = None
    redraws: bool = False
    beside: bool = False
    position: tuple[int, int] | None = None
    difference: Mark | None = None

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
    def acts(self) -> str:
        """Return the attributes that say what a change does, and whether there may be one."""
        loads = self.field.load_schema or self.field.load_content  # the connector is asked, for choices or the form
        said = {
            "data-redraw": self.redraws,
            "data-load": loads,
            "data-template": self.marks,
            "disabled": self.waits,
        }
        return " ".join(name for name, holds in said.items() if holds)

    @property
    def chosen(self) -> list[Option]:
        """Return the options that are chosen."""
        return [each for each in self.options if each.chosen]

    @property
    def takes_templates(self) -> bool:
        """Say whether the platform replaces templates in it."""
        return not self.field.disable_replacement

    @property
    def limits(self) -> str:
        """Say how many items are needed and allowed."""
        said = self.field.validation
        least = f"at least {said.min_items}" if said.min_items else ""
        most = f"at most {said.max_items}" if said.max_items is not None else ""
        return " and ".join(filter(None, (least, most))).capitalize()

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
            "templates": self.marks,
            "syntax": self.syntax,
            "keys": self.syntax,
            "refresh": self.refresh,
        }
        return " ".join(f"{self.id}--{name}" for name, text in there.items() if text)


@dataclass(frozen=True)
class Hidden:
    """A field that is not shown, and why.

    Args:
        rule: which rule hides it, behind its place in a file where that is known; "" if none does.
        passwords: the names of the passwords in it that were typed, which only the browser keeps.
    """

    at: str
    label: str
    why: str
    rule: str = ""
    passwords: list[str] = attribute(default_factory=list)

    @property
    def id(self) -> str:
        """Return the id of its line."""
        return dom_id(self.at)

    @property
    def kept(self) -> dict[str, str]:
        """Return the names of its passwords, each with the id of its control."""
        return {name: dom_id(name) for name in self.passwords}
