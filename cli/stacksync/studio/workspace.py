"""A connector as it is worked on, in Studio or by `invoke`: its forms, what was loaded for them, and what was sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.dev.environment.dot_env import named_values, secret_values
from stacksync.dev.failures import Failure
from stacksync.dev.session import DevSession
from stacksync.masking import mask
from stacksync.replacement import replace_templates
from stacksync.runtime import forms
from stacksync.studio.connections.renewing import renew_chosen
from stacksync.studio.connections.saved import Connections
from stacksync.studio.examples.files import Sent
from stacksync.studio.form.choices import Choices, ContentRequest, answered, content_requests, refused
from stacksync.studio.form.controls import Input
from stacksync.studio.form.schemas import Schema, Schemas, carried
from stacksync.studio.runs.again import Again
from stacksync.studio.runs.contract import check_content, check_execute, check_schema, schema_of
from stacksync.studio.runs.envelopes import content_body, credentials_of, execute_body, schema_body
from stacksync.studio.runs.failures import read_failures
from stacksync.studio.runs.history import History, HistoryEntry, run_name
from stacksync.studio.runs.preparing import Prepared, prepare
from stacksync.studio.runs.records import without_secrets
from stacksync.studio.runs.running import Run, Runs
from stacksync.studio.runs.sending import Answer, Call
from stacksync.studio.secrets import mask_call, secrets_of

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

CHECKS = {"execute": check_execute, "schema": check_schema}


@dataclass
class Workspace:
    """One connector, as its developer works on it.

    Args:
        send: Sends a call to the connector; its second argument marks what the connector writes meanwhile.
    """

    session: DevSession
    connections: Connections
    schemas: Schemas
    send: Callable[[Call, str], Answer]
    history: History = field(default_factory=History)
    runs: Runs = field(default_factory=Runs)
    again: Again = field(default_factory=Again)
    _choices: Choices = field(default_factory=Choices)
    _served: Mapping[str, Any] = field(default_factory=dict)

    @property
    def connector(self) -> Connector:
        """Return the connector as it is on disk now."""
        return Connector(self.session.connector.root)

    @property
    def choices(self) -> Choices:
        """Return what was loaded; nothing once other code serves, which may answer otherwise."""
        state = self.session.state
        if state["state"] == "ready" and state is not self._served:
            self._served = state
            self._choices.forget()
        return self._choices

    def folder(self, module: str, version: str) -> "VersionFolder | None":
        """Return a version of a module, when there is one."""
        found = (each for each in self.connector.versions if (each.module, each.version) == (module, version))
        return next(found, None)

    def credentials(self, filled: Input) -> dict[str, Any]:
        """Return what the platform sends for the connection chosen above the form."""
        return credentials_of(self.connections.get(filled.connection) if filled.connection else None)

    def prepared(self, schema: Schema, filled: Input) -> Prepared:
        """Return an input made ready for a run, with the tokens of its connections renewed where they have expired.

        Raises:
            StacksyncError: One cannot be renewed.
        """
        self._renew(filled)
        return prepare(schema, filled, self.connections)

    def secrets(self, schema: Schema, filled: Input) -> set[str]:
        """Return every text that may not be shown: of saved connections, of `.env`, and of password fields.

        What replaces the templates in a password field is as secret as what is typed there.
        """
        sent = replace_templates(forms.effective(schema.form, filled.data), filled.data, filled.values).data
        typed = secrets_of(schema.form, filled.data) | secrets_of(schema.form, sent)
        return typed | self.connections.secrets() | secret_values(self.connector.root)

    def named_secrets(self, secrets: Iterable[str]) -> dict[str, str]:
        """Return secrets with what they are called in a connection or in `.env`; "" for the others."""
        return {**dict.fromkeys(secrets, ""), **self.connections.named_secrets(), **named_values(self.connector.root)}

    def filled(self, schema: Schema, data: dict[str, Any]) -> dict[str, Any]:
        """Return data as the platform sends it: with the values of the connections chosen in its fields."""
        made: dict[str, Any] = self.connections.filled(forms.effective(schema.form, data), data)
        return made

    def as_sent(self, schema: Schema, filled: Input, endpoint: str = "execute", names: tuple[str, ...] = ()) -> Sent:
        """Return an input as a call would send it, to be kept as an example.

        Args:
            endpoint: Which call; the platform replaces templates for execute alone.
            names: The content objects that are asked for, of content.
        """
        is_run = endpoint == "execute"
        data = prepare(schema, filled, self.connections).data if is_run else self.filled(schema, filled.data)
        return Sent(forms.effective(schema.form, data), data, self.credentials(filled), endpoint, names)

    def run(self, schema: Schema, filled: Input, prepared: Prepared, number: int | None = None) -> HistoryEntry:
        """Send what was prepared to `/execute`.

        Args:
            number: Of the call in the history, where it is given already.
        """
        body = execute_body(prepared.data, self.credentials(filled), schema.folder.module_path)
        return self._ask(schema, "execute", filled, body, prepared, number)

    def begin(self, schema: Schema, filled: Input, prepared: Prepared) -> Run:
        """Send what was prepared to `/execute`, and return the run while it is in progress."""
        run = Run(self.history.next_number(), schema.folder.module_path)
        self.runs.begin(run, lambda: self.run(schema, filled, prepared, run.number), self._tell)
        return run

    def ask_schema(self, schema: Schema, filled: Input) -> HistoryEntry:
        """Ask a module for the form that it makes of what is filled in."""
        self._renew(filled)
        body = schema_body(self.filled(schema, filled.data), self.credentials(filled))
        return self._ask(schema, "schema", filled, body)

    def ask_content(self, schema: Schema, filled: Input, names: Iterable[str]) -> HistoryEntry:
        """Ask a module for the choices of content objects."""
        self._renew(filled)
        body = content_body(self.filled(schema, filled.data), names, self.credentials(filled))
        return self._ask(schema, "content", filled, body)

    def made(self, schema: Schema, filled: Input) -> tuple[Schema, Input, str]:
        """Return the form that a module makes of an input, the input as it fits that form, and what went wrong.

        Where something did, the form stays as it was.
        """
        entry = self.ask_schema(schema, filled)
        fault = _no_form(entry)
        if fault:
            return schema, filled, f"The module's form could not be loaded: {fault}"

        new = self.schemas.keep(self.schemas.read(schema.folder), schema_of(entry.answer.json))
        return new, replace(filled, data=carried(schema.form.fields, new.form.fields, filled.data)), ""

    def load(self, schema: Schema, place: ContentRequest, filled: Input) -> None:
        """Ask the connector for the choices of a content object, and remember them for these values."""
        if place.missing:
            self.choices.keep(place, refused(place))
            return

        entry = self.ask_content(schema, filled, [place.wanted.id])
        self.choices.keep(place, answered(entry, place.wanted.id))

    def unloaded(self, schema: Schema, filled: Input) -> list[ContentRequest]:
        """Return the requests whose choices can be asked for, and were not yet."""
        return self.choices.unloaded(content_requests(schema, filled))

    def _renew(self, filled: Input) -> None:
        renew_chosen(self.connections, filled.connection, filled.data)

    def _tell(self, run: Run) -> None:
        self.session.events.publish("run", run=run.name, module=run.module_path, ended=run.ended.is_set())

    def _ask(
        self,
        schema: Schema,
        endpoint: str,
        filled: Input,
        body: dict[str, Any],
        prepared: Prepared | None = None,
        number: int | None = None,
    ) -> HistoryEntry:
        """Send a body to a module as the platform does, check what it answers, and keep both without secrets.

        Args:
            schema: The form that was filled in.
            filled: What is filled in, to be sent again later.
            body: What to send; connections in it are the saved ones, secrets included.
            prepared: What was made of the input for a run.
            number: Of the call, where it is given already.
        """
        folder, number = schema.folder, number or self.history.next_number()
        secrets = self.secrets(schema, filled)
        self.session.keep_secret(secrets)
        run = run_name(number)
        calls = self.session.calls.begin(run, (folder.module_path, endpoint), self.named_secrets(secrets))
        self.session.failures.begin(run)
        answer = self.send(Call(folder.module, folder.version, endpoint, body), run)
        calls.settle(wait=calls.is_followed and answer.status is not None)
        if endpoint == "content":
            findings = check_content(answer, [each["id"] for each in body["data"]["content_object_names"]])
        else:
            findings = CHECKS[endpoint](answer)
        entry = HistoryEntry(
            number=number,
            module_path=folder.module_path,
            endpoint=endpoint,
            filled=filled,
            request=mask_call(body, secrets),
            answer=answer,
            reply=mask(answer.text, secrets),
            findings=tuple(findings),
            made=schema.made,
            calls=calls,
            replaced=mask_call(prepared.replaced, secrets) if prepared else [],
            kept=without_secrets(schema.form, filled, secrets),
            failures=read_failures(self._failures(endpoint, answer, number), secrets),
        )
        self.history.add(entry, secrets)
        return entry

    def _failures(self, endpoint: str, answer: Answer, number: int) -> list[Failure]:
        """Return by which errors a call failed; a list of choices that failed is answered as an empty one."""
        has_failed = answer.status is not None and (answer.status >= 400 or endpoint == "content")
        return self.session.failures.of(run_name(number)) if has_failed else []


def _no_form(entry: HistoryEntry) -> str:
    """Return why an answer of `/schema` is no form; "" when it is one."""
    status = entry.answer.status
    try:
        content = entry.answer.json if status else None
        if status == 200:
            forms.read_form(schema_of(content))
            return ""
    except ValueError as error:
        return str(error) if status == 200 else f"the connector answered {status}"
    said = content.get("error") if isinstance(content, dict) else None
    return f"{said} ({status})" if isinstance(said, str) else entry.answer.problem or f"the connector answered {status}"
