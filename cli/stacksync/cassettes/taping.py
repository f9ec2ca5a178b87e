"""An example sent in a process of its own: recorded, or played back, while the connector serves other runs.

What sessions of `requests` are led to holds for all of a process, also for the threads that a module starts in it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.cassettes import files
from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.processes.loaded import Hear, LoadedConnector, Reply, loaded_connector
from stacksync.dev.processes.worker import Message
from stacksync.dev.session import DevSession
from stacksync.errors import StacksyncError
from stacksync.invocation.call import require_served
from stacksync.runtime import CASSETTE_SWITCH, CASSETTES, RECORD, STAND_IN_SWITCH, with_connection
from stacksync.studio.examples import files as examples

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

RUN = "example"


@dataclass(frozen=True)
class Process:
    """A process that examples are sent in, as the connector's tests send them.

    Args:
        connector: The connector.
        interpreter: What it runs with; None where there is none.
        folder: The version.
        taped: The cassette that is played back, or that one is to be recorded; None for neither.
    """

    connector: Connector
    interpreter: Interpreter | None
    folder: "VersionFolder"
    taped: str | None = None

    @contextmanager
    def loaded(self, hear: Hear) -> Iterator[LoadedConnector]:
        """Load the connector while the block runs.

        Raises:
            StacksyncError: There is no interpreter for it, or the version does not load.
        """
        if self.interpreter is None:
            tip = "`stacksync test` makes one; run stacksync dev without --docker"
            raise StacksyncError("Examples are sent in the connector's own environment.", tip)

        # Callers who know the token reach the connector; whoever has its files need not show it. A stand-in that serves
        # all of `stacksync dev` is not the one that an example may have declared for itself.
        variables: dict[str, str | None] = {CASSETTE_SWITCH: self.taped, "CONNECTOR_TOKEN": None}
        if self.taped != RECORD:
            variables[STAND_IN_SWITCH] = None
        with loaded_connector(self.connector, self.interpreter, hear, variables) as loaded:
            problem = require_served(loaded, self.folder)
            if problem:
                raise StacksyncError(f"The module was not loaded: {problem}")
            yield loaded


@dataclass(frozen=True)
class Sender:
    """What sends examples of a version.

    Args:
        session: The connector that is developed; what it writes meanwhile is shown there.
        folder: The version.
    """

    session: DevSession
    folder: "VersionFolder"

    def play(self, name: str) -> Reply:
        """Send an example: its cassette is played back, or else its stand-in answers.

        Raises:
            StacksyncError: There is no such example, or the connector cannot answer.
        """
        file = examples.file_of(self.folder, name)
        cassette = self.folder.path / CASSETTES / file.name
        taped = self.session.connector.relative(cassette) if cassette.is_file() else None
        return self._sent(taped, lambda loaded: loaded.example(self.folder, str(file), RUN))

    def record(self, name: str, connection: Mapping[str, Any] | None) -> Reply:
        """Send an example to the API with the values of a connection, and record what is called.

        Raises:
            StacksyncError: There is no such example, or the connector cannot answer.
        """
        files.place_of(self.session.connector, self.folder, name)
        endpoint, body = examples.request_of(self.folder, name)
        filled = body if connection is None else with_connection(body, connection)
        return self._sent(RECORD, lambda loaded: loaded.call(self.folder, endpoint, filled, RUN))

    def _sent(self, taped: str | None, send: Callable[[LoadedConnector], Reply]) -> Reply:
        process = Process(self.session.connector, self.session.interpreter, self.folder, taped)
        with process.loaded(self._hear) as loaded:
            return send(loaded)

    def _hear(self, message: Message) -> None:
        if message.kind == "log":
            self.session.publish_log(message.data["line"])


def in_words(reply: Reply) -> list[str]:
    """Return how a run differs from its example and its cassette."""
    return [*([reply.difference] if reply.difference else []), *reply.faults]
