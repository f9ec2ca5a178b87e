"""A connection made from what a file, the environment or somebody on a terminal gives, and saved under a name."""

import ast
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.plain_files import read_plain_text
from stacksync.runtime import JsonError, decode, documented_keys, example_keys, forms
from stacksync.studio.connections.saved import STAND_IN, Connections, Saved

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder
    from stacksync.runtime.forms import Form

# Asks for the value of a field, which is not shown.
AskValue = Callable[[str], str]
MANAGEMENT = ("custom", "managed")


def app_types(connector: Connector) -> list[str]:
    """Return the types of connections that the forms of a connector ask for, as often as they do."""
    found: list[str] = []
    for folder in connector.versions:
        found += _types_in_code(folder)
        try:
            form = forms.read_form(decode(read_plain_text(folder.schema_path)))
        except (OSError, ValueError, RecursionError):
            continue  # `stacksync check` says what is wrong with it
        found += _types_of(form)
    return found


def _types_in_code(folder: "VersionFolder") -> list[str]:
    """Return the types that the forms of a project of the kit ask for, which are code, where they are written out."""
    from stacksync.modules.routes import parse_python

    try:
        trees = [parse_python(read_plain_text(file)) for file in folder.route_files if folder.by_name]
    except (OSError, ValueError, SyntaxError):
        return []
    dicts = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict))
    pairs = (pair for node in dicts for pair in zip(node.keys, node.values, strict=True))
    lists = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "app_types"]
    named = [each for value in lists if isinstance(value, ast.List) for each in value.elts]
    return list(
        dict.fromkeys(each.value for each in named if isinstance(each, ast.Constant) and isinstance(each.value, str))
    )


def _types_of(form: "Form") -> list[str]:
    of_fields = [name for each in form.walk() for name in each.app_types]
    return list(dict.fromkeys([*(form.connections.app_types if form.connections else ()), *of_fields]))


@dataclass(frozen=True)
class Wanted:
    """A connection as the command line names it.

    Args:
        app_type: None for the likely one.
        former: The one that has its name already, and is replaced.
    """

    connector: Connector
    name: str
    app_type: str | None
    management: str
    former: Saved | None = None

    def saved(self, keys: Iterable[str] = ()) -> Saved:
        """Return it as it is saved, still without values.

        Args:
            keys: The fields that are given, which tell the type where none is named.
        """
        kind = self.app_type or (self.former and self.former.app_type) or likely_type(self.connector, keys)
        made = Saved(self.name, kind, self.management)
        return replace(made, id=self.former.id) if self.former else made


def likely_type(connector: Connector, keys: Iterable[str] = ()) -> str:
    """Return the type that a connection of this connector most likely has.

    That which holds the given fields comes first, then that which most forms ask for.

    Args:
        keys: The fields that are given.
    """
    asked = Counter(app_types(connector))

    def rank(app_type: str) -> tuple[bool, int, bool]:
        known = documented_keys(app_type) or example_keys(app_type)
        return not set(keys) <= set(known), -asked[app_type], app_type != EVERYWHERE

    return min(asked, key=rank, default=EVERYWHERE)


EVERYWHERE = "generic_api_credentials"  # every workspace has connections of this type


def require_known_keys(app_type: str, keys: Iterable[str], option: str) -> None:
    """Refuse fields that a type does not have, where its fields are documented in full.

    Raises:
        UsageError: There is one.
    """
    known = documented_keys(app_type)
    strange = [key for key in keys if key not in known] if known else []
    if not strange or known is None:
        return

    fault = f"{option}: a connection of the type {app_type} has no field {strange[0]!r}."
    if app_type == EVERYWHERE:
        raise UsageError(fault, f"its one field is {known[0]}: a key, or JSON with several values")
    raise UsageError(fault, f"its fields are {', '.join(known)}; name another type with --type")


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


def ask_fields(known: Iterable[str], ask: AskValue, ask_name: Callable[[], str]) -> dict[str, str]:
    """Ask for fields, or for their names as well where none is known.

    Raises:
        StacksyncError: None was given.
    """
    names = known or iter(ask_name, "")
    found = {name: value for name in names if (value := ask(name))}
    if not found:
        raise StacksyncError("A connection without a value is none.", "give a value for one field at least")

    return found


def find_named(connections: Connections, name: str) -> Saved | None:
    """Return the connection that has a name; None if none has.

    Raises:
        StacksyncError: More than one has it: nobody can tell which is meant.
    """
    same = [each for each in connections.all() if each.name == name and each.id != STAND_IN]
    if len(same) > 1:
        fault = f"{len(same)} connections are called {name!r}."
        raise StacksyncError(fault, "remove or rename all but one in Studio: stacksync dev --open")

    return same[0] if same else None
