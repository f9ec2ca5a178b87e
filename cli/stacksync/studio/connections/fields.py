"""The fields of a connection: by its type where that is known, else by what the connector reads of it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacksync.inspection.syntax import dotted, parse, text_of
from stacksync.plain_files import read_plain_text
from stacksync.runtime import documented_keys, example_keys
from stacksync.studio.connections.saved import PUBLIC

CLIENT = "src/api_client.py"
# One text, which may be JSON with several values: `credential` of the runtime reads them as if they were fields.
ONE_TEXT = "api_credentials"
# What is shown as it is typed. Whatever else a connection holds is a secret.
_SHOWN = PUBLIC | {"instance_url", "username"}


@dataclass(frozen=True)
class ConnectionField:
    """One value of a connection, as a form has it.

    Args:
        value: Of a field that may be shown; the page never gets a secret.
        is_saved: Whether there is a value already.
    """

    key: str
    value: str = ""
    is_saved: bool = False
    help: str = ""

    @property
    def is_secret(self) -> bool:
        """Whether its value is hidden."""
        return self.key not in _SHOWN

    @property
    def label(self) -> str:
        """What it is called."""
        words = self.key.replace("_", " ").strip()
        return (words[:1].upper() + words[1:]).replace("Api ", "API ").replace(" url", " URL") or self.key


def keys_of(root: Path, app_type: str) -> tuple[str, ...]:
    """Return the fields that a connection of a type usually holds; none where nothing is known of it."""
    return documented_keys(app_type) or example_keys(app_type) or keys_read(root)


def fields_of(root: Path, app_type: str, value: Mapping[str, Any]) -> list[ConnectionField]:
    """Return the fields of a connection, those of its type first, then what it holds besides."""
    return [_field(root, key, value) for key in dict.fromkeys((*keys_of(root, app_type), *value))]


def _field(root: Path, key: str, value: Mapping[str, Any]) -> ConnectionField:
    held = value.get(key)
    field = ConnectionField(key)
    shown = "" if field.is_secret or held is None else str(held)
    return ConnectionField(key, shown, key in value, _help(root) if key == ONE_TEXT else "")


def _help(root: Path) -> str:
    keys = [key for key in keys_read(root) if key != ONE_TEXT]
    if not keys:
        return "A key, or JSON with several values."

    json = ", ".join(f'"{key}": "…"' for key in keys)
    return f"{'A key, or JSON' if ONE_TEXT in keys_read(root) else 'JSON'} with what {CLIENT} reads: {{{json}}}"


def keys_read(root: Path) -> tuple[str, ...]:
    """Return the keys that a connector's API client reads of a connection: `credential(connection, "token")`."""
    try:
        tree = parse(read_plain_text(root / CLIENT)).tree
    except (OSError, UnicodeDecodeError):
        return ()

    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func) == "credential")
    names = (text_of(argument) for call in calls for argument in call.args[1:])
    return tuple(dict.fromkeys(name for name in names if name and name.islower()))
