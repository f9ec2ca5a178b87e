"""One call of a module: what it is made of, and what came back."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.dev.calls.log import RunCalls
from stacksync.dev.environment.dot_env import secret_values
from stacksync.dev.processes.loaded import LoadedConnector
from stacksync.dev.processes.worker import how_it_ended
from stacksync.errors import StacksyncError, UsageError
from stacksync.invocation.credentials import refuse_values, refuse_values_in_body, saved_connection, with_connection
from stacksync.invocation.given import Setting, with_setting
from stacksync.invocation.unknown import unknown_fields
from stacksync.replacement import templates_in
from stacksync.runtime import forms
from stacksync.runtime import with_connection as filled_with
from stacksync.studio.connections.renewing import renewed
from stacksync.studio.examples import files as examples
from stacksync.studio.form.controls import Input
from stacksync.studio.form.schemas import Schema, makes_form
from stacksync.studio.runs.envelopes import credentials_of
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.sending import Answer, Call
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder
    from stacksync.studio.connections.saved import Connections

ENDPOINTS = ("execute", "content", "schema")
RUN = "invoke"  # what a run is called that no form is filled in for


@dataclass(frozen=True)
class Given:
    """What the command line says.

    Args:
        endpoint: execute, content or schema.
        names: The content objects that are asked for.
        input: What is filled in, or the whole body; None when nothing is given.
        settings: Values for places in it.
        connection: The name of a saved connection.
        values: For templates, by what stands between their braces, as JSON.
        save_as: The name of the example that the call is saved as.
        is_taped: Its calls are recorded or played back, so that nothing else may be asked.
    """

    endpoint: str = "execute"
    names: tuple[str, ...] = ()
    input: Any = None
    settings: tuple[Setting, ...] = ()
    connection: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    save_as: str | None = None
    is_taped: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of the form is filled in."""
        return self.input is None and not self.settings


@dataclass(frozen=True)
class Called:
    """What came of a call.

    Args:
        difference: With an example: how the answer differs from what it expects.
        remarks: Where the answer is not what the platform expects.
        unknown: What was filled in that the form does not have.
        saved: The example that the call was saved as.
        problem: Why the module was not loaded, so that it answers 503.
        calls: What was called of APIs: for the form and its choices, and then for the answer.
        recording: What was recorded.
        faults: How the calls of the module differ from the cassette that was played back.
    """

    endpoint: str
    answer: Answer
    difference: str | None = None
    remarks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    saved: str | None = None
    problem: str | None = None
    calls: tuple[RunCalls, ...] = ()
    recording: Any = None
    faults: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the answer is an error envelope."""
        content = self.content
        says_so = isinstance(content, dict) and isinstance(content.get("error"), str)
        return says_so or (self.answer.status or 500) >= 400

    @property
    def content(self) -> Any:
        """The answer as JSON; None where it is none."""
        try:
            return self.answer.json
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Named:
    """An example, and the saved connection that it is sent with."""

    example: str
    connection: str | None


# Asks on a terminal for what is missing.
Ask = Callable[[Workspace, Schema, Input], tuple[Schema, Input]]


def sender(loaded: LoadedConnector, connector: Connector) -> Callable[[Call, str], Answer]:
    """Return what sends the calls of a workspace to a process that has loaded the connector."""
    folders = {(each.module, each.version): each for each in connector.versions}

    def send(call: Call, run: str) -> Answer:
        started = perf_counter()
        reply = loaded.call(folders[call.module, call.version], call.endpoint, call.body, run)
        return Answer(reply.status, reply.content_type, reply.body, (perf_counter() - started) * 1000)

    return send


def require_served(loaded: LoadedConnector, folder: "VersionFolder") -> str | None:
    """Return why a version was not loaded, so that it answers 503; None if it was.

    Raises:
        StacksyncError: Nothing of the connector was loaded.
    """
    if loaded.ended is not None:
        raise StacksyncError(f"The connector was not loaded: {how_it_ended(loaded.ended)}.")

    problems = dict(loaded.problems)
    if not loaded.report["serves"]:
        raise StacksyncError(f"The connector was not loaded: {'; '.join(problems.values())}")
    return problems.get(folder.module_path)


def filled_in(schema: Schema, connections: "Connections", given: Given) -> Input:
    """Return what the command line fills in, which nothing needs to be started for.

    Raises:
        StacksyncError: What is given cannot be sent.
    """
    if schema.problem:
        raise StacksyncError(f"{schema.problem}.")

    return with_connection(schema.form, _filled(schema, given), connections, given.connection)


def envelope_of(given: Given) -> Any:
    """Return the body that the command line gives, but for the connection.

    Raises:
        UsageError: A setting has no place in it, or holds the values of a connection.
    """
    body = given.input
    for setting in given.settings:
        body = with_setting(forms.Form(), body, setting)
        refuse_values_in_body(body, setting.option)
    return body


def call_form(workspace: Workspace, schema: Schema, filled: Input, given: Given, ask: Ask | None) -> Called:
    """Call a module with what is filled in.

    Args:
        ask: Asks for what is missing; None where nobody can be asked.

    Raises:
        StacksyncError: What is given cannot be sent.
    """
    if ask:
        schema, filled = ask(workspace, schema, filled)
    elif given.endpoint == "execute" and _has_templates(filled.data) and makes_form(schema.folder):
        # As the platform does when a workflow runs: the form says where templates may stand.
        schema, filled, _ = workspace.made(schema, filled)
    elif not schema.folder.has_schema and _needs_form(given) and makes_form(schema.folder):
        schema, opened, _ = workspace.made(schema, filled)
        filled = opened if given.input is None else filled
    unknown = unknown_fields(workspace, schema, filled, given.settings, asks=not given.is_taped)
    return replace(_sent(workspace, schema, filled, given), unknown=unknown)


def call_with_envelope(workspace: Workspace, folder: "VersionFolder", given: Given, body: Any) -> Called:
    """Call a module with a body as it is; only the connection is put into it.

    Raises:
        UsageError: The connection is not there.
    """
    if given.connection is not None:
        saved = renewed(workspace.connections, saved_connection(workspace.connections, given.connection))
        workspace.session.keep_secret(saved.secrets())
        body = {**body, "credentials": credentials_of(saved)}
    calls = _begun(workspace, folder, given.endpoint)
    answer = workspace.send(Call(folder.module, folder.version, given.endpoint, body), RUN)
    return Called(given.endpoint, answer, calls=(calls,))


def replay(loaded: LoadedConnector, workspace: Workspace, folder: "VersionFolder", name: str) -> Called:
    """Call a module with an example.

    Raises:
        StacksyncError: There is no such example.
    """
    calls = _begun(workspace, folder, "")
    reply = loaded.example(folder, str(examples.file_of(folder, name)), RUN)
    calls.endpoint = reply.endpoint
    answer = Answer(reply.status, reply.content_type, reply.body)
    return Called(reply.endpoint, answer, reply.difference, calls=(calls,))


def _begun(workspace: Workspace, folder: "VersionFolder", endpoint: str) -> RunCalls:
    """Begin to follow the calls of a run that is no form's."""
    secrets = workspace.connections.secrets() | secret_values(workspace.connector.root)
    return workspace.session.calls.begin(RUN, (folder.module_path, endpoint), workspace.named_secrets(secrets))


def send_example(loaded: LoadedConnector, workspace: Workspace, folder: "VersionFolder", given: Named) -> Called:
    """Call a module with the request of an example and a saved connection.

    Raises:
        StacksyncError: There is no such example, or no such connection.
    """
    endpoint, body = examples.request_of(folder, given.example)
    if given.connection is not None:
        saved = renewed(workspace.connections, saved_connection(workspace.connections, given.connection))
        workspace.session.keep_secret(saved.secrets())
        body = filled_with(body, saved.value)
    calls = _begun(workspace, folder, endpoint)
    reply = loaded.call(folder, endpoint, body, RUN)
    return Called(endpoint, Answer(reply.status, reply.content_type, reply.body), calls=(calls,))


def _filled(schema: Schema, given: Given) -> Input:
    """Return what is filled in before anything is asked: a form that was just opened has its defaults."""
    data = forms.defaults_of(schema.form.fields) if given.input is None else given.input
    for setting in given.settings:
        data = with_setting(schema.form, data, setting)
        refuse_values(data, setting.option)
    return Input(data, values=given.values)


def _needs_form(given: Given) -> bool:
    """Say whether the form tells what is sent: its defaults, or the content objects that it asks for."""
    return not given.names if given.endpoint == "content" else given.endpoint == "execute" and given.input is None


def _has_templates(value: Any) -> bool:
    return bool(templates_in(json.dumps(value)))


def _sent(workspace: Workspace, schema: Schema, filled: Input, given: Given) -> Called:
    entry, names = _entry(workspace, schema, filled, given)
    remarks = tuple(f"{each.where or 'the answer'}: {each.message}" for each in entry.findings)
    made = reversed(workspace.history.of(schema.folder.module_path))
    calls = tuple(each.calls for each in made if each.calls)
    called = Called(given.endpoint, entry.answer, remarks=remarks, calls=calls)
    if given.save_as is None:
        return called

    sent = workspace.as_sent(schema, filled, given.endpoint, names)
    text = examples.text_of(sent, entry, workspace.secrets(schema, filled))
    workspace.connector.refuse_links(schema.folder.path / examples.FOLDER)
    file = examples.save(schema.folder, given.save_as, text)
    return replace(called, saved=workspace.connector.relative(file))


def _entry(workspace: Workspace, schema: Schema, filled: Input, given: Given) -> tuple[HistoryEntry, tuple[str, ...]]:
    if given.endpoint == "schema":
        return workspace.ask_schema(schema, filled), ()
    if given.endpoint == "content":
        names = given.names or tuple(each.id for each in schema.form.content_objects())
        if not names:
            fault = f"The form of {schema.folder.module_path} has no content objects."
            raise UsageError(fault, "name one: --content-object NAME")
        return workspace.ask_content(schema, filled, names), names

    prepared = workspace.prepared(schema, filled)
    if prepared.unreplaced:
        raise StacksyncError(f"{'; '.join(prepared.unreplaced.values())}.", "give it one: --variables FILE")
    return workspace.run(schema, filled, prepared), ()
