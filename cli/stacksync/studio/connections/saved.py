"""Connections saved on this machine: what the platform would send for them, in a file that git never sees."""

import json
import os
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as setting
from itertools import zip_longest
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from stacksync.errors import StacksyncError
from stacksync.masking import MASK, texts_of
from stacksync.plain_files import read_plain_text
from stacksync.runtime import STAND_IN_SWITCH, JsonError, decode, forms

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form

FOLDER = ".stacksync"
FILE = "connections.json"
STAND_IN = "stand-in"  # the id of the connection that stands for it


@dataclass(frozen=True)
class Saved:
    """One saved connection.

    Args:
        value: What modules get as `connection_data.value`; secret.
    """

    name: str
    app_type: str
    management: str = "custom"
    value: Mapping[str, Any] = setting(default_factory=dict, repr=False)
    id: str = setting(default_factory=lambda: uuid.uuid4().hex)


class Connections:
    """The connections of one connector."""

    def __init__(self, root: Path) -> None:
        self.file = root / FOLDER / FILE
        self._lock = RLock()

    def all(self) -> list[Saved]:
        """Return every connection, by name.

        Raises:
            StacksyncError: The file cannot be read.
        """
        with self._lock:
            return sorted([*self._read(), *_of_stand_in()], key=lambda each: (each.name.lower(), each.id))

    def get(self, id: str) -> Saved | None:  # noqa: A002 - what it is called in the contract
        """Return one connection."""
        return next((each for each in self.all() if each.id == id), None)

    def save(self, connection: Saved) -> None:
        """Add a connection, or put it in the place of the one with its id."""
        with self._lock:
            self._write([*self._others(connection.id), connection])

    def remove(self, id: str) -> None:  # noqa: A002
        """Forget a connection."""
        with self._lock:
            self._write(self._others(id))

    def filled(self, form: "Form", data: Any) -> Any:
        """Return data with each saved connection chosen in a field turned into what the platform sends for it.

        Args:
            form: the effective form.
        """
        known = {each.id: each for each in self.all()}
        return forms.masked(form, data, lambda field, value: _value(field, value, known))

    def secrets(self) -> set[str]:
        """Return every text of every connection's value: none may be shown."""
        return {text for each in self.all() for text in texts_of(each.value) if text}

    def named_secrets(self) -> dict[str, str]:
        """Return every text of every connection's value, with the name it stands under."""
        pairs = ((name, text) for each in self.all() for name, held in each.value.items() for text in texts_of(held))
        return {text: str(name) for name, text in pairs if text}

    def _others(self, id: str) -> list[Saved]:  # noqa: A002
        return [each for each in self._read() if each.id != id]

    def _read(self) -> list[Saved]:
        try:
            content = decode(read_plain_text(self.file))
            return [Saved(**each) for each in content["connections"]]
        except FileNotFoundError:
            return []
        except JsonError as error:
            fault = f"{FOLDER}/{FILE}:{error.lineno}: It is no JSON: {error.reason}."
        except (OSError, ValueError, TypeError, KeyError) as error:
            fault = f"{FOLDER}/{FILE}: It does not hold connections ({type(error).__name__})."
        raise StacksyncError(fault, "fix the file, or move it away to start over")

    def _write(self, connections: list[Saved]) -> None:
        folder = self.file.parent
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("# What belongs to this machine, and secrets.\n*\n", encoding="utf-8")
        text = json.dumps({"connections": [asdict(each) for each in connections]}, indent=2, ensure_ascii=False)
        # Made readable for nobody else before anything is in it, and moved into place whole.
        descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".connections-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
            Path(draft).replace(self.file)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise


def of_stand_in(app_type: str = "generic_api_credentials") -> Saved:
    """Return the connection to choose while a stand-in answers for the API; the runtime replaces what it holds."""
    return Saved("Stand-in", app_type, value={"api_credentials": "made-up"}, id=STAND_IN)


def _of_stand_in() -> list[Saved]:
    return [of_stand_in()] if os.environ.get(STAND_IN_SWITCH) else []


def edited_connection(saved: Saved, changed: Saved) -> Saved:
    """Return a connection as edited: a value that the page showed as a mask stays what it was."""
    return replace(changed, id=saved.id, value=_unmasked(changed.value, saved.value))


def _unmasked(edited: Any, kept: Any) -> Any:
    if edited == MASK:
        return kept
    if isinstance(edited, Mapping):
        known = kept if isinstance(kept, Mapping) else {}
        return {key: _unmasked(inner, known.get(key)) for key, inner in edited.items()}
    if isinstance(edited, list):
        items = kept[: len(edited)] if isinstance(kept, list) else []
        return [_unmasked(inner, each) for inner, each in zip_longest(edited, items)]

    return edited


def _value(field: "Field", value: Any, known: Mapping[str, Saved]) -> Any:
    if field.type != "connection":
        return value

    chosen = forms.key_of(value)
    saved = known.get(chosen) if isinstance(chosen, str) else None
    return {"id": saved.id, "connection_data": {"value": dict(saved.value)}} if saved else value
