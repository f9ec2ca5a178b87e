"""A call from beginning to end: the connector is loaded in its own environment, and its module called there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from stacksync.cassettes import files as cassettes
from stacksync.connector import Connector
from stacksync.dev.calls.log import KINDS
from stacksync.dev.environment.dot_env import secret_values
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.processes.loaded import LoadedConnector, loaded_connector
from stacksync.dev.processes.worker import Message
from stacksync.dev.session import DevSession
from stacksync.errors import UsageError
from stacksync.invocation import prompts
from stacksync.invocation.asking import Asking
from stacksync.invocation.call import (
    Called,
    Given,
    Named,
    call_form,
    call_with_envelope,
    envelope_of,
    filled_in,
    replay,
    require_served,
    send_example,
    sender,
)
from stacksync.invocation.credentials import MadeUpConnections, asks_for_connection, saved_connection
from stacksync.invocation.options import Options
from stacksync.runtime import CASSETTE_SWITCH, CASSETTES, RECORD, VersionFolder
from stacksync.stand_in import stand_in_variables
from stacksync.studio.connections.saved import STAND_IN, Connections
from stacksync.studio.examples import files as examples
from stacksync.studio.form.controls import Input
from stacksync.studio.form.schemas import Schema, Schemas
from stacksync.studio.workspace import Workspace

# Callers who know the token reach the connector; whoever has its files need not show it.
_UNGUARDED: dict[str, str | None] = {"CONNECTOR_TOKEN": None}

Hear = Callable[[str], object]


@dataclass(frozen=True)
class Target:
    """What is called: a version of a module, and what its connector runs with."""

    connector: Connector
    folder: VersionFolder
    interpreter: Interpreter


def invoke(target: Target, options: Options, hear: Hear) -> Called:
    """Call a module, and return what came of it.

    Args:
        target: What to call.
        options: What to call it with.
        hear: Is called with each line that the connector writes, secrets masked.

    Raises:
        StacksyncError: The options cannot be used, or the connector cannot answer.
    """
    connector, folder, given = target.connector, target.folder, options.read()
    _require_names(folder, options)
    schemas, connections, variables = Schemas(connector), Connections(connector.root), dict(_UNGUARDED)
    cassette = _cassette(connector, folder, options)
    if options.makes_up_connections:
        form = schemas.read(folder).form
        connections = MadeUpConnections(connector.root, form)
        given = replace(given, connection=given.connection or (STAND_IN if asks_for_connection(form) else None))
    if options.uses_stand_in:
        variables |= stand_in_variables(connector, folder.path)
    variables |= {CASSETTE_SWITCH: cassette}
    call = _prepared(schemas, connections, folder, options, given)

    session = DevSession(connector, "")
    session.calls.is_followed = True
    session.keep_secret(connections.secrets() | secret_values(connector.root))
    with loaded_connector(connector, target.interpreter, partial(_hear, session, hear), variables) as loaded:
        if prompts.can_ask() and not options.reads_stdin:
            loaded.read_line = lambda prompt: prompts.read_line(session.masked(prompt))
        problem = require_served(loaded, folder)
        workspace = Workspace(session, connections, schemas, sender(loaded, connector))
        called = replace(call(loaded, workspace), problem=problem)
        last = loaded.last
        secrets = connections.secrets() | secret_values(connector.root)

    recording = cassettes.masked(last.recording, secrets) if last and last.recording else None
    return replace(called, recording=recording, faults=last.faults if last else ())


def _cassette(connector: Connector, folder: VersionFolder, options: Options) -> str | None:
    """Return what the process is to record or to play back; None for neither.

    Raises:
        StacksyncError: There is no such cassette, or one could not be written.
    """
    if options.record is not None:
        file = cassettes.place_of(connector, folder, options.record)
        if not (options.yes or prompts.can_ask()) and cassettes.is_shared(connector, file):
            fault = f"{connector.relative(file)} reaches whoever reads the repository, and nobody can look at it here."
            raise UsageError(fault, "record on a terminal, or with --yes")
        return RECORD
    if options.replay is not None:
        return connector.relative(cassettes.file_of(connector, folder, options.replay))

    beside = folder.path / CASSETTES / f"{options.example}.json"
    return connector.relative(beside) if options.example and beside.is_file() else None


def _require_names(folder: VersionFolder, options: Options) -> None:
    """Refuse names of examples before anything is called in vain."""
    if options.example is not None:
        examples.file_of(folder, options.example)
    if options.save_example is not None:
        examples.require_free(folder, options.save_example)


def _prepared(
    schemas: Schemas, connections: Connections, folder: VersionFolder, options: Options, given: Given
) -> Callable[[LoadedConnector, Workspace], Called]:
    """Return the call, once all is refused that can be without starting the connector.

    Raises:
        StacksyncError: What is given cannot be sent.
    """
    if given.connection is not None:
        saved_connection(connections, given.connection)
    if options.example is not None and options.record is not None:
        named = Named(options.example, options.connection)
        return lambda loaded, workspace: send_example(loaded, workspace, folder, named)
    if options.example is not None:
        example = options.example
        return lambda loaded, workspace: replay(loaded, workspace, folder, example)
    if options.envelope:
        body = envelope_of(given)
        return lambda _, workspace: call_with_envelope(workspace, folder, given, body)

    schema = schemas.read(folder)
    filled = filled_in(schema, connections, given)
    can_ask = prompts.can_ask() and not options.reads_stdin
    ask = partial(_ask, given.is_nothing) if can_ask else None
    return lambda _, workspace: call_form(workspace, schema, filled, given, ask)


def _ask(everything: bool, workspace: Workspace, schema: Schema, filled: Input) -> tuple[Schema, Input]:
    return Asking(workspace, schema, filled, everything).ask()


def _hear(session: DevSession, hear: Hear, message: Message) -> None:
    if message.kind in KINDS:
        session.calls.take(message.kind, message.data)
    if message.kind == "log":
        hear(session.publish_log(message.data["line"]).data["line"])
