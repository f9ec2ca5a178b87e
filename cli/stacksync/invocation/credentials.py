"""The connection of a call: a saved one, by name. What one holds never comes by the command line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.errors import UsageError
from stacksync.runtime import forms
from stacksync.studio.connections.saved import STAND_IN, Connections, Saved, of_stand_in
from stacksync.studio.form.controls import Input

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, FieldValue, Form

_WAY = "save it, `stacksync connect NAME`, and call with --connection NAME"


class MadeUpConnections(Connections):
    """The saved connections, and that of the stand-in, of a type that the form takes.

    Args:
        form: Says which type the connection is of.
    """

    def __init__(self, root: Path, form: "Form") -> None:
        super().__init__(root)
        of_fields = [name for each in form.fields for name in each.app_types]
        app_types = [*(form.connections.app_types if form.connections else ()), *of_fields]
        self._made_up = of_stand_in(*app_types[:1])

    @property
    def is_stand_in(self) -> bool:
        """Whether a stand-in answers for the API."""
        return True

    def all(self) -> list[Saved]:
        """Return every connection, that of the stand-in first."""
        return [self._made_up, *(each for each in super().all() if each.id != STAND_IN)]


def asks_for_connection(form: "Form") -> bool:
    """Say whether a form has a place for a connection."""
    return form.connections is not None or any(each.type == "connection" for each in form.fields)


def refuse_values(value: Any, option: str) -> None:
    """Refuse what a connection holds: a shell keeps its history, and everybody sees the arguments of a process.

    Raises:
        UsageError: There is some.
    """
    if any(_connection_values(value)):
        raise _refused(option)


def _connection_values(value: Any) -> Iterator[bool]:
    """Yield whether each connection within a value holds something: the platform's envelope marks them."""
    if isinstance(value, list):
        for inner in value:
            yield from _connection_values(inner)
    elif isinstance(value, dict):
        yield _holds(value.get("connection_data"), ("connection_app_type", "connection_id", "rate_limiter"))
        for inner in value.values():
            yield from _connection_values(inner)


def refuse_values_in_body(body: dict[str, Any], option: str) -> None:
    """Refuse what a connection holds in a whole body, beside the form as well.

    Raises:
        UsageError: There is some.
    """
    refuse_values(body, option)
    if _holds(body.get("credentials"), ("connection_data", "connection_management_type")):
        raise _refused(option)


def _holds(held: Any, harmless: tuple[str, ...]) -> bool:
    """Say whether something is held, besides what says nothing of it."""
    if not isinstance(held, dict):
        return bool(held)

    return any(inner not in (None, "", {}, []) for name, inner in held.items() if name not in harmless)


def _refused(option: str) -> UsageError:
    return UsageError(f"{option} holds the values of a connection, which do not belong there.", _WAY)


def saved_connection(connections: Connections, name: str) -> Saved:
    """Return the connection that is saved under a name, or has this id.

    Raises:
        UsageError: There is none, or more than one.
    """
    known = connections.all()
    found = [each for each in known if each.id == name] or [each for each in known if each.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(each.id for each in found)
        raise UsageError(f"{len(found)} connections are called {name!r}.", f"name one by its id: {ids}")

    names = ", ".join(each.name for each in known)
    tip = f"saved are {names}" if known else f"save it: stacksync connect {name}"
    raise UsageError(f"There is no connection {name!r} on this machine.", tip)


def with_connection(form: "Form", filled: Input, connections: Connections, name: str | None) -> Input:
    """Return an input with its connections as the ids of saved ones.

    Args:
        form: Says which fields hold connections.
        filled: Its fields of that kind hold the names of saved connections.
        connections: Those that are saved.
        name: The one to use; None for none besides.

    Raises:
        UsageError: A field holds something else, or it is not clear which field the connection is for.
    """
    filled = replace(filled, data=_with_ids(form, filled.data, connections))
    if name is None:
        return filled

    saved = saved_connection(connections, name)
    fields = [each for each in _connection_fields(form, filled.data) if is_unset(each.value)]
    if form.connections or not fields:
        return replace(filled, connection=saved.id)
    if len(fields) > 1:
        which = " or ".join(f"--set {each.field.id}={name}" for each in fields)
        raise UsageError("The form has more than one field for a connection.", which)

    return replace(filled, data={**filled.data, str(fields[0].steps[0]): saved.id})


def _with_ids(form: "Form", data: Any, connections: Connections) -> Any:
    def as_id(field: "Field", value: Any) -> Any:
        if field.type != "connection":
            return value

        key = forms.key_of(value)
        known = isinstance(key, str) and [each.id for each in connections.all() if key in (each.id, each.name)]
        if not known:
            # Not said again: it may be a key that somebody typed there.
            raise UsageError(f"{field.name} takes the name of a saved connection, and this is none.", _WAY)
        return saved_connection(connections, key).id

    return forms.masked(forms.effective(form, data), data, as_id)


def is_unset(value: Any) -> bool:
    """Say whether nothing is filled in at a place of a form."""
    return value is forms.MISSING or forms.is_empty(value)


def _connection_fields(form: "Form", data: Any) -> "list[FieldValue]":
    found = forms.walk(forms.effective(form, data), data)
    return [each for each in found if each.field.type == "connection" and not each.hidden and len(each.steps) == 1]
