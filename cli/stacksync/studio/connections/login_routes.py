"""A login at the API's provider, begun by a button: the page shows where to log in, and waits until that is done."""

from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Blueprint, Response, abort, jsonify, request

from stacksync.dev.environment.dot_env import DotEnvError, read_client
from stacksync.errors import StacksyncError
from stacksync.oauth.provider import NONE, Provider, declares_login, read_provider
from stacksync.studio.connections.saved import Connections, Saved
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.oauth.tokens import Client
    from stacksync.studio.connections.logging_in import LoggedIn


@dataclass(frozen=True)
class LoginView:
    """What the page shows of the login that a connector declares.

    Args:
        problem: Why nobody can log in.
        client: Where id and secret of the client come from; "" if they have to be typed.
    """

    provider: Provider | None = None
    problem: str = ""
    client: str = ""

    @property
    def needs_secret(self) -> bool:
        """Whether the client has a secret."""
        return self.provider is not None and self.provider.client_auth != NONE


def view(root: Path, saved: Saved | None) -> LoginView | None:
    """Return what to show of a login; None for a connector that declares none."""
    if not declares_login(root):
        return None
    try:
        provider, (identity, _) = read_provider(root), read_client(root)
    except StacksyncError as error:
        return LoginView(problem=str(error) if not isinstance(error, DotEnvError) else f"{error}. {error.tip}")

    from_login = "the last login" if saved and saved.renewal else ""
    return LoginView(provider, client=".env" if identity else from_login)


@dataclass
class _Running:
    """A login that somebody is asked for."""

    thread: Thread
    stop: Event
    result: "Future[LoggedIn]"
    id: str = field(default_factory=lambda: uuid4().hex)


class Logins:
    """The login that is going on: one at a time, because the redirect's port is one.

    Args:
        connections: Where the connection is saved.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._running: _Running | None = None

    def begin(self, provider: Provider, client: "Client", saved: Saved) -> dict[str, str]:
        """Begin a login in the place of one that is going on, and return what the page needs to know.

        Raises:
            StacksyncError: It cannot be answered on this machine.
        """
        from stacksync.studio.connections.logging_in import logging_in

        self.end()
        with ExitStack() as stack:
            login = stack.enter_context(logging_in(self._connections, provider, client, saved))
            stop, result, held = Event(), Future["LoggedIn"](), stack.pop_all()

        def run() -> None:
            try:
                with held:
                    done = login.finish(stop=stop)
            except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
                result.set_exception(error)
            else:
                result.set_result(done)

        self._running = _Running(Thread(target=run, daemon=True), stop, result)
        self._running.thread.start()
        return {"id": self._running.id, "address": login.address, "host": provider.host, "redirect": login.redirect}

    def wait(self, id: str) -> "LoggedIn | None":  # noqa: A002
        """Wait for the end of a login; None if there is no such.

        Raises:
            StacksyncError: It failed.
        """
        running = self._running
        return running.result.result() if running and running.id == id else None

    def end(self) -> None:
        """Give up the login that is going on; its port is free then."""
        if self._running:
            self._running.stop.set()
            self._running.thread.join()


def routes(workspace: Workspace) -> Blueprint:
    """Return what begins, follows and gives up a login."""
    blueprint = Blueprint("logins", __name__, url_prefix="/login")
    logins, connections = Logins(workspace.connections), workspace.connections

    @blueprint.post("")
    def begin() -> Response:
        name = request.form.get("name", "").strip() or abort(400, "Give the connection a name.")
        provider = read_provider(connections.root)
        made = Saved(name, request.form.get("app_type", "").strip(), request.form.get("management", "custom"))
        former = connections.get(request.form.get("id", ""))
        saved = replace(made, id=former.id) if former else made
        return jsonify(logins.begin(provider, _client(connections.root, former), saved))

    @blueprint.get("/<login>")
    def follow(login: str) -> Response:
        done = logins.wait(login) or abort(404, "There is no such login any more.")
        return jsonify(id=done.saved.id, name=done.saved.name, notes=done.notes)

    @blueprint.delete("")
    def end() -> Response:
        logins.end()
        return Response(status=204)

    return blueprint


def _client(root: Path, former: Saved | None) -> "Client":
    """Return the client that was typed, else the known one."""
    from stacksync.oauth.tokens import Client
    from stacksync.studio.connections.logging_in import known_client

    typed: Any = {name: request.form.get(name, "").strip() for name in ("client_id", "client_secret")}
    if typed["client_id"]:
        return Client(typed["client_id"], typed["client_secret"])

    return known_client(root, former) or abort(400, "Give the client id that the provider has for this connector.")
