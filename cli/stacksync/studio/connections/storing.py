"""A connection made from what a file, the environment or somebody on a terminal gives, and saved under a name."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.plain_files import read_plain_text
from stacksync.runtime import JsonError, decode, documented_keys, example_keys, forms
from stacksync.studio.connections.saved import Connections, Saved

if TYPE_CHECKING:
    from stacksync.runtime.forms import Form

# Asks for the value of a field, which is not shown.
AskValue = Callable[[str], str]
MANAGEMENT = ("custom", "managed")


def app_types(connector: Connector) -> list[str]:
    """Return the types of connections that the forms of a connector ask for, each once."""
    found: list[str] = []
    for folder in connector.versions:
        try:
            form = forms.read_form(decode(read_plain_text(folder.schema_path)))
        except (OSError, ValueError, RecursionError):
            continue  # `stacksync check` says what is wrong with it
        found += _types_of(form)
    return list(dict.fromkeys(found))


def _types_of(form: "Form") -> list[str]:
    of_fields = [name for each in form.walk() for name in each.app_types]
    return [*(form.connections.app_types if form.connections else ()), *of_fields]


def fields_of(app_type: str) -> tuple[str, ...]:
    """Return the fields that a connection of a type usually holds; none where nothing is known of it."""
    return documented_keys(app_type) or example_keys(app_type)


def read_file(name: str) -> dict[str, Any]:
    """Return the fields in a JSON file, or in what comes on standard input for `-`.

    Raises:
        UsageError: It cannot be read, or holds no object.
    """
    shown = "standard input" if name == "-" else name
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig") if name == "-" else Path(name).read_text("utf-8-sig")
        content = decode(text)
    except JsonError as error:
        raise UsageError(f"{shown}:{error.lineno}: It is no JSON: {error.reason}.", _AS_JSON) from None
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is not text in UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None
    if not isinstance(content, dict) or not content:
        raise UsageError(f"{shown} holds no fields.", _AS_JSON)

    return content


_AS_JSON = 'write the fields as JSON: {"api_key": "..."}'


def read_variables(pairs: Sequence[str]) -> dict[str, str]:
    """Return fields with the values of environment variables, from `FIELD=VARIABLE`.

    Raises:
        UsageError: One is no such pair, or a variable is not set. What it says is not repeated: it may be a value.
    """
    found = {}
    for number, pair in enumerate(pairs, start=1):
        field, _, variable = pair.partition("=")
        if not (field and variable):
            raise UsageError(f"--from-env number {number} is no FIELD=VARIABLE.", "--from-env api_key=MY_API_KEY")
        value = os.environ.get(variable)
        if not value:
            fault = f"--from-env {field}: there is no environment variable of that name, or it is empty."
            raise UsageError(fault, "name the variable that holds the value, not the value")
        found[field] = value
    return found


def ask_fields(app_type: str, ask: AskValue, ask_name: Callable[[], str]) -> dict[str, str]:
    """Ask for the fields of a type, or for their names as well where nothing is known of it.

    Raises:
        StacksyncError: None was given.
    """
    known = fields_of(app_type)
    names = known or iter(ask_name, "")
    found = {name: value for name in names if (value := ask(name))}
    if not found:
        raise StacksyncError("A connection without a value is none.", "give a value for one field at least")

    return found


def store(connections: Connections, connection: Saved) -> bool:
    """Save a connection, in the place of the one that has its name, and say whether there was one.

    Raises:
        StacksyncError: More than one has it: nobody can tell which is meant.
    """
    same = [each for each in connections.all() if each.name == connection.name]
    if len(same) > 1:
        fault = f"{len(same)} connections are called {connection.name!r}."
        raise StacksyncError(fault, "remove or rename all but one in Studio: stacksync dev --open")

    connections.save(replace(connection, id=same[0].id) if same else connection)
    return bool(same)
