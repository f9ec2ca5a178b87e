"""What a form is drawn from, and what is read back from a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from src.runtime.forms import Choice, Form
    from src.runtime.forms.notes import Path


@dataclass(frozen=True)
class Connection:
    """A saved connection: what it is called, never what it holds.

    Args:
        id: what the form posts.
        management: `managed` or `custom`.
    """

    id: str
    name: str
    app_type: str
    management: str = "custom"


@dataclass(frozen=True)
class Loaded:
    """What the connector's content endpoint answered for one content object.

    Args:
        error: what went wrong; "" when nothing did.
    """

    choices: tuple[Choice, ...] = ()
    error: str = ""


def _nowhere(_path: Path) -> None:
    return None


@dataclass(frozen=True)
class FormState:
    """A form as it is to be shown.

    Args:
        form: the form as read; its rules are applied while it is drawn.
        data: what is filled in.
        texts: what was typed into JSON editors and is no JSON, by pointer.
        errors: what is wrong, by pointer.
        choices: what has been loaded, by the id of the content object and the pointer of the field, or "" for all.
        connections: those saved, for every app.
        line: says at which line of `schema.json` a path of the schema stands, when that is known.
        made: names the form when the module's own `/schema` made it; "" for that of `schema.json`.
        problem: why `schema.json` cannot be read now, so that this is how it was before; "" when it can.
    """

    form: Form
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[tuple[str, str], Loaded] = field(default_factory=dict)
    connections: tuple[Connection, ...] = ()
    line: Callable[[Path], int | None] = _nowhere
    made: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Parsed:
    """What a browser posted, read.

    Args:
        data: typed; a text that is no JSON stands in it as that text.
        texts: those texts, by pointer, to be shown again as they were typed.
        faults: what is wrong with them, by pointer.
    """

    data: dict[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
