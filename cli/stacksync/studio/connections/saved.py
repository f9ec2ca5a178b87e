"""Connections saved on this machine: what the platform would send for them, in a file that git never sees."""

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from dataclasses import field as setting
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.errors import StacksyncError
from stacksync.file_lock import locked
from stacksync.masking import texts_of
from stacksync.plain_files import read_plain_text
from stacksync.runtime import STAND_IN_SWITCH, JsonError, decode, forms
from stacksync.studio.private_folder import FOLDER, private_folder, write_private

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form

FILE = "connections.json"
STAND_IN = "stand-in"  # the id of the connection that stands for it
# Of what a connection holds, what everybody may know.
PUBLIC = frozenset({"token_type", "expiration_time"})


@dataclass(frozen=True)
class Renewal:
    """What gets another access token for a connection that somebody logged in; no module ever sees it.

    Args:
        client_id: The connector as the provider knows it.
        client_secret: "" where it has none.
        refresh_token: None where the provider gave none.
        scopes: What was granted.
    """

    client_id: str
    client_secret: str = setting(default="", repr=False)
    refresh_token: str | None = setting(default=None, repr=False)
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saved:
    """One saved connection.

    Args:
        value: What modules get as `connection_data.value`; secret.
        renewal: Of an OAuth login: what renews its access token.
    """

    name: str
    app_type: str
    management: str = "custom"
    value: Mapping[str, Any] = setting(default_factory=dict, repr=False)
    id: str = setting(default_factory=lambda: uuid.uuid4().hex)
    renewal: Renewal | None = None

    def secrets(self) -> Iterator[str]:
        """Yield every text of it that may not be shown."""
        yield from texts_of({key: inner for key, inner in self.value.items() if key not in PUBLIC})
        if self.renewal:
            yield from filter(None, (self.renewal.client_secret, self.renewal.refresh_token))


class Connections:
    """The connections of one connector."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / FOLDER / FILE

    @property
    def is_stand_in(self) -> bool:
        """Whether a stand-in answers for the API; then no real credential is sent anywhere."""
        return bool(os.environ.get(STAND_IN_SWITCH))

    def all(self) -> list[Saved]:
        """Return every connection, by name.

        Raises:
            StacksyncError: The file cannot be read.
        """
        made_up = [of_stand_in()] if self.is_stand_in else []
        return sorted([*self._read(), *made_up], key=lambda each: (each.name.lower(), each.id))

    def get(self, id: str) -> Saved | None:  # noqa: A002 - what it is called in the contract
        """Return one connection."""
        return next((each for each in self.all() if each.id == id), None)

    def save(self, connection: Saved) -> None:
        """Add a connection, or put it in the place of the one with its id."""
        with self.lock("connections"):
            self._write([*self._others(connection.id), connection])

    def change(self, id: str, change: Callable[[Saved], Saved]) -> Saved | None:  # noqa: A002
        """Replace a connection by what is made of it as it is now; None if there is none any more."""
        with self.lock("connections"):
            found = next((each for each in self._read() if each.id == id), None)
            changed = change(found) if found else None
            if changed:
                self._write([*self._others(id), changed])
            return changed

    def remove(self, id: str) -> None:  # noqa: A002
        """Forget a connection."""
        with self.lock("connections"):
            self._write(self._others(id))

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Return a lock that Studio and every command in this connector share."""
        self._make_folder()
        return locked(self.file.with_name(f"{name}.lock"))

    def filled(self, form: "Form", data: Any) -> Any:
        """Return data with each saved connection chosen in a field turned into what the platform sends for it.

        Args:
            form: the effective form.
        """
        known = {each.id: each for each in self.all()}
        return forms.masked(form, data, lambda field, value: _value(field, value, known))

    def secrets(self) -> set[str]:
        """Return every text of every connection's value: none may be shown."""
        return {text for each in self.all() for text in each.secrets() if text}

    def named_secrets(self) -> dict[str, str]:
        """Return every text of every connection's value, with the name it stands under."""
        pairs = ((name, text) for each in self.all() for name, held in each.value.items() for text in texts_of(held))
        renewals = [each.renewal for each in self.all() if each.renewal]
        kept = [
            pair
            for each in renewals
            for pair in (("client_secret", each.client_secret), ("refresh_token", each.refresh_token))
        ]
        return {text: str(name) for name, text in (*kept, *pairs) if text}

    def _others(self, id: str) -> list[Saved]:  # noqa: A002
        return [each for each in self._read() if each.id != id]

    def _read(self) -> list[Saved]:
        try:
            content = decode(read_plain_text(self.file))
            return [_saved(**each) for each in content["connections"]]
        except FileNotFoundError:
            return []
        except JsonError as error:
            fault = f"{FOLDER}/{FILE}:{error.lineno}: It is no JSON: {error.reason}."
        except (OSError, ValueError, TypeError, KeyError) as error:
            fault = f"{FOLDER}/{FILE}: It does not hold connections ({type(error).__name__})."
        raise StacksyncError(fault, "fix the file, or move it away to start over")

    def _make_folder(self) -> Path:
        return private_folder(self.root)

    def _write(self, connections: list[Saved]) -> None:
        text = json.dumps({"connections": [_kept(each) for each in connections]}, indent=2, ensure_ascii=False)
        self._make_folder()
        write_private(self.file, f"{text}\n")


def of_stand_in(app_type: str = "generic_api_credentials") -> Saved:
    """Return the connection to choose while a stand-in answers for the API; the runtime replaces what it holds."""
    return Saved("Stand-in", app_type, value={"api_credentials": "made-up"}, id=STAND_IN)


def _kept(connection: Saved) -> dict[str, Any]:
    return {name: value for name, value in asdict(connection).items() if name != "renewal" or value}


def _saved(renewal: Mapping[str, Any] | None = None, **held: Any) -> Saved:
    if renewal is None:
        return Saved(**held)

    return Saved(**held, renewal=Renewal(**{**renewal, "scopes": tuple(renewal.get("scopes", ()))}))


def _value(field: "Field", value: Any, known: Mapping[str, Saved]) -> Any:
    if field.type != "connection":
        return value

    chosen = forms.key_of(value)
    saved = known.get(chosen) if isinstance(chosen, str) else None
    return {"id": saved.id, "connection_data": {"value": dict(saved.value)}} if saved else value
