"""What Studio works with while it runs: the connector, its forms, what was loaded for them, and what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.dev.dot_env import secret_values
from stacksync.dev.hiding import hide
from stacksync.dev.session import Session
from stacksync.runtime import forms

from .connections import Connections
from .contract import check_content, check_execute, check_schema, choices_of
from .controls import Loaded
from .history import Entry, History
from .schemas import Schema, Schemas
from .secrecy import hidden, secrets_of
from .sending import Call, send

if TYPE_CHECKING:
    from src.runtime.discovery import VersionFolder
    from src.runtime.forms import ContentObject

CHECKS = {"execute": check_execute, "schema": check_schema}


@dataclass
class Workspace:
    """One connector, as its developer works on it.

    Args:
        choices: What content endpoints answered, by version, content object and the values it depends on.
    """

    session: Session
    connections: Connections
    schemas: Schemas
    history: History = field(default_factory=History)
    choices: dict[tuple[str, str, str], Loaded] = field(default_factory=dict)

    @property
    def connector(self) -> Connector:
        """Return the connector as it is on disk now."""
        return Connector(self.session.connector.root)

    def folder(self, module: str, version: str) -> "VersionFolder | None":
        """Return a version of a module, when there is one."""
        found = (each for each in self.connector.versions if (each.module, each.version) == (module, version))
        return next(found, None)

    def ask(self, schema: Schema, endpoint: str, data: dict[str, Any], body: dict[str, Any]) -> Entry:
        """Send a body to a module as the platform does, check what it answers, and keep both without secrets.

        Args:
            schema: The form that was filled in.
            data: What is filled in, to be sent again later.
            body: What to send; connections in it are the saved ones, secrets included.
        """
        folder, number = schema.folder, self.history.next_number()
        secrets = self.secrets(schema, data)
        self.session.keep_secret(secrets)
        answer = send(self.session.address, Call(folder.module, folder.version, endpoint, body), f"studio-{number}")
        if endpoint == "content":
            findings = check_content(answer, [each["id"] for each in body["data"]["content_object_names"]])
        else:
            findings = CHECKS[endpoint](answer)
        reply = hide(answer.text, secrets)
        request = hidden(body, secrets)
        entry = Entry(number, folder.module_path, endpoint, data, request, answer, reply, tuple(findings), schema.made)
        self.history.add(entry)
        return entry

    def secrets(self, schema: Schema, data: dict[str, Any]) -> set[str]:
        """Return every text that may not be shown: of saved connections, of password fields, of `.env`."""
        return self.connections.secrets() | secrets_of(schema.form.fields, data) | secret_values(self.connector.root)

    def filled(self, schema: Schema, data: dict[str, Any]) -> dict[str, Any]:
        """Return data as the platform sends it: with the values of the connections chosen."""
        filled: dict[str, Any] = self.connections.filled(schema.form.fields, data)
        return filled

    def load(self, schema: Schema, wanted: "ContentObject", data: dict[str, Any]) -> Loaded:
        """Ask the connector for the choices of a content object, and remember them for these values."""
        missing = [name for name in wanted.depends_on if forms.is_empty(_value(data, name))]
        if missing:
            loaded = Loaded(error=f"Fill in {' and '.join(missing)} first: the choices depend on it.")
        else:
            names = [{"id": wanted.id}]
            body = {"data": {"form_data": self.filled(schema, data), "content_object_names": names}, "credentials": {}}
            loaded = _loaded(self.ask(schema, "content", data, body), wanted.id)
        self.choices[_key(schema, wanted, data)] = loaded
        return loaded

    def loaded(self, schema: Schema, data: dict[str, Any]) -> Mapping[tuple[str, str], Loaded]:
        """Return what was loaded for the values that are filled in now, by content object."""
        known = {each.id: self.choices.get(_key(schema, each, data)) for each in schema.form.content_objects()}
        return {(name, ""): loaded for name, loaded in known.items() if loaded}

    def unloaded(self, schema: Schema, data: dict[str, Any]) -> list["ContentObject"]:
        """Return the content objects not asked for yet though all they depend on is filled in."""
        return [
            each
            for each in schema.form.content_objects()
            if _key(schema, each, data) not in self.choices
            and not any(forms.is_empty(_value(data, name)) for name in each.depends_on)
        ]

    def forget_choices(self) -> None:
        """Forget what was loaded: the code that answered it has changed."""
        self.choices.clear()


def _key(schema: Schema, wanted: "ContentObject", data: dict[str, Any]) -> tuple[str, str, str]:
    values = [repr(_value(data, name)) for name in wanted.depends_on]
    return schema.folder.module_path, wanted.id, "\n".join(values)


def _value(data: Any, name: str) -> Any:
    """Return what is filled in for a field that a content object names, such as `channel` or `channel.items`."""
    for part in name.split("."):
        if isinstance(data, list) and part == "items":
            data = data[0] if data else None
        else:
            data = data.get(part) if isinstance(data, Mapping) else None
    return data


def _loaded(entry: Entry, name: str) -> Loaded:
    status = entry.answer.status
    if status is None or status >= 400:
        return Loaded(error=entry.answer.problem or f"The connector answered {status}: see Content calls.")

    problem = next((found.message for found in entry.findings), "")
    try:
        found = choices_of(entry.answer.json, name)
    except ValueError:
        return Loaded(error=problem)
    choices = tuple(forms.Choice(value, label) for value, label in found)
    return Loaded(choices, "" if choices else problem)
