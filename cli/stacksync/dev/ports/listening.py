"""The port that something is served on: which one is wanted, who has it, and the next that is free."""

import socket
from contextlib import suppress
from dataclasses import dataclass

from stacksync.connector import Connector
from stacksync.dev.environment.dot_env import DotEnvError, read_environment
from stacksync.dev.ports.owner import owner_of
from stacksync.errors import StacksyncError

HOST = "127.0.0.1"
# As many connections as may wait while the connector is reloaded.
BACKLOG = 128
TRIES = 50


@dataclass(frozen=True)
class Listener:
    """A socket that is listened on.

    Args:
        owner: Who has the port that was wanted, where another one was taken and the system tells.
    """

    socket: socket.socket
    wanted: int
    owner: str = ""

    @property
    def port(self) -> int:
        """The port that is listened on, which need not be the one that was wanted."""
        return int(self.socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def is_other(self) -> bool:
        """Whether the port that was wanted is taken, and this is the next one that was free."""
        return self.wanted not in (0, self.port)


def configured_port(connector: Connector) -> int:
    """Return the port of the environment, of `.env` or of the configuration; faults of these files the start tells.

    Raises:
        StacksyncError: PORT is no port.
    """
    from stacksync.runtime import DEFAULT_PORT, ConfigError, port_of

    with suppress(DotEnvError):
        if named := read_environment(connector.root).get("PORT", "").strip():
            if port := port_of(named):
                return port
            raise StacksyncError(f"PORT is {named!r} in the environment or in .env.", "write a number from 1 to 65535.")

    with suppress(ConfigError):
        return connector.layout.read_config(connector.root).port
    return DEFAULT_PORT


def listen(wanted: int) -> Listener:
    """Listen on a port of this machine, or on the next one that is free; 0 means any.

    Raises:
        StacksyncError: None of the next ones is free either, or the system refuses.
    """
    for port in range(wanted, min(wanted + TRIES, 65536)):
        try:
            found = socket.create_server((HOST, port), backlog=BACKLOG)
        except OSError as error:
            refusal = error
            continue
        return Listener(found, wanted, "" if port == wanted else owner_of(wanted))

    raise StacksyncError(f"No port from {wanted} on can be listened on: {refusal.strerror}.", "name one: --port 8000")
