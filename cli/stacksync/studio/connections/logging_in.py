"""A connection that somebody logs in for: as which client, and what is saved of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from stacksync.dev.environment.dot_env import read_client
from stacksync.oauth.login import WAIT, Login
from stacksync.oauth.provider import Provider
from stacksync.oauth.tokens import Client
from stacksync.studio.connections.renewing import notes_on, with_grant
from stacksync.studio.connections.saved import Connections, Saved


def known_client(root: Path, saved: Saved | None) -> Client | None:
    """Return the client of the environment or `.env`, else that of an earlier login; None if it has to be asked for.

    Raises:
        DotEnvError: `.env` cannot be used.
    """
    identity, secret = read_client(root)
    if identity:
        return Client(identity, secret)

    held = saved.renewal if saved else None
    return Client(held.client_id, held.client_secret) if held else None


@dataclass(frozen=True)
class LoggedIn:
    """A connection that was saved, and what somebody should know of it."""

    saved: Saved
    notes: list[str]


class PendingLogin:
    """A login that was begun and whose connection is not saved yet.

    Args:
        connections: Where it is saved.
        login: What waits for the provider's answer.
        saved: What it is to be: name and type, and what is kept of one that is replaced.
    """

    def __init__(self, connections: Connections, login: Login, saved: Saved) -> None:
        self._connections, self._login, self._saved = connections, login, saved
        self.redirect, self.address = login.redirect, login.address

    def finish(self, seconds: float = WAIT, stop: Event | None = None) -> LoggedIn:
        """Wait until somebody has logged in, and save the connection.

        Raises:
            StacksyncError: It was refused or given up, or took too long.
        """
        grant = self._login.wait(seconds, stop)
        saved = with_grant(self._saved, self._login.client, grant)
        self._connections.save(saved)
        return LoggedIn(saved, notes_on(grant, self._login.provider.scopes))


@contextmanager
def logging_in(connections: Connections, provider: Provider, client: Client, saved: Saved) -> Iterator[PendingLogin]:
    """Begin a login, which can be answered while the block runs.

    Raises:
        StacksyncError: It cannot be answered on this machine.
    """
    with Login(provider, client) as login:
        yield PendingLogin(connections, login, saved)
