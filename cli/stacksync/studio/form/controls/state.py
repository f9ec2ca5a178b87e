"""What a form is drawn from, and what is read back from a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stacksync.runtime.forms import FieldChoice, Form, Path, Steps

    from .choice_lists import ChoiceList


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
class LoadedChoices:
    """What the connector's content endpoint answered for one content object.

    Args:
        error: what went wrong; "" when nothing did.
        more: whether the connector says that there are more choices than these.
    """

    choices: tuple[FieldChoice, ...] = ()
    error: str = ""
    more: bool = False


@dataclass(frozen=True)
class Input:
    """What is filled in.

    Args:
        data: typed; a text that is no JSON stands in it as that text.
        texts: those texts, by pointer, to be shown again as they were typed.
        faults: what is wrong with them, by pointer.
        connection: the id of the saved connection that is chosen above the form; "" when none is.
        values: what templates are replaced with in a run, by what stands between their braces, as typed.
    """

    data: dict[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    connection: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def _as_it_is(text: str, _about: str = "") -> str:
    return text


def _not_kept(_list: ChoiceList) -> None:
    return None


def _nowhere(_path: Path) -> None:
    return None


@dataclass(frozen=True)
class FormState:
    """A form as it is to be shown.

    Args:
        form: the form as read; its rules are applied while it is drawn.
        data: what is filled in.
        texts: what was typed into JSON editors and is no JSON, by pointer.
        errors: what is wrong, by pointer; under "" what is wrong with the form itself, under `CONNECTION` with the
            connection above it.
        choices: what has been loaded, by the id of the content object and the steps to the field that asks for it.
        awaited: what has not been loaded and will be, in the same way.
        connections: those saved, for every app.
        connection: the id of the one chosen above the form.
        values: what templates are replaced with in a run.
        line: says at which line of `schema.json` a path of the schema stands, when that is known.
        made: names the form when the module's own `/schema` made it; "" for that of `schema.json`.
        problem: why `schema.json` cannot be read now, so that this is how it was before; "" when it can.
        file: where `schema.json` is in the connector.
        keep: has a long list of choices ready for the page, which asks for it by its name.
        placed: draws a text that may begin with a place in a file; what it is about tells equal places apart.
    """

    form: Form
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[tuple[str, Steps], LoadedChoices] = field(default_factory=dict)
    awaited: frozenset[tuple[str, Steps]] = frozenset()
    connections: tuple[Connection, ...] = ()
    connection: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    line: Callable[[Path], int | None] = _nowhere
    made: str = ""
    problem: str = ""
    file: str = "schema.json"
    keep: Callable[[ChoiceList], object] = _not_kept
    placed: Callable[..., str] = _as_it_is

    @property
    def lacks_connection(self) -> bool:
        """Say whether choices wait for a connection: the form requires one above its fields, and none is chosen."""
        asked = self.form.connections
        return asked is not None and asked.required and not self.connection
