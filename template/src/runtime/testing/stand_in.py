"""A stand-in for a third-party API: a Flask application that answers on this machine as the API's documentation says.

api = StandIn(connection={"api_key": "made-up"}, headers={"X-API-Key": "made-up"}, rate_limit=(10, 1))
api.collection("/contacts", [{"email": "ada@example.com"}], required=["email"])

@api.get("/status")
def status() -> dict[str, str]:
    return {"state": "fine"}
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from threading import Thread
from typing import Any

import flask
from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from ..declaration import DeclarationError, run_declaration
from ..http.limits import RATE_LIMITS
from ..http.oauth import TOKENS
from ..http.paging import CursorPages, Pages
from .clients import ROOT
from .collections import Collection, Lists
from .leading import sessions_led_to

HOST = "127.0.0.1"
BY_CURSOR = CursorPages("data")


@dataclass(frozen=True)
class Call:
    """What the API was asked: `asked` is the line `GET /contacts/1`."""

    asked: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Fault:
    """An answer that is given instead of the right one."""

    at: str
    after: int
    times: int
    status: int
    headers: Mapping[str, str]
    body: Any


class StandIn(Flask):
    """The API: routes are declared as in any Flask application, lists of records by `collection`.

    Args:
        connection: What a connection to it holds, made up; `${url}` in it is where it is served.
        headers: What each call has to carry; one that does not is answered with 401.
        rate_limit: How many calls it takes in how many seconds; one more is answered with 429 and Retry-After.
    """

    def __init__(
        self,
        connection: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        rate_limit: tuple[int, float] | None = None,
    ) -> None:
        super().__init__("stand_in", static_folder=None)
        self.url = ""
        self.calls: list[Call] = []
        self._connection, self._headers, self._rate_limit = connection or {}, headers or {}, rate_limit
        self._faults: list[Fault] = []
        self._taken: deque[float] = deque()
        self.json.sort_keys = False  # type: ignore[attr-defined]
        self.before_request(self._receive)
        self.register_error_handler(HTTPException, _as_json)

    @property
    def connection(self) -> dict[str, str]:
        """Return what a connection to it holds."""
        return {name: Template(value).safe_substitute(url=self.url) for name, value in self._connection.items()}

    def answer(self, asked: str, body: Any, status: int = 200) -> None:
        """Answer `asked`, such as `GET /users/<id>`, with the same body each time."""
        method, _, path = asked.partition(" ")
        self.add_url_rule(path, asked, lambda **_: (flask.jsonify(body), status), methods=[method])

    def collection(
        self,
        path: str,
        records: Iterable[Mapping[str, Any]] = (),
        *,
        required: Sequence[str] = (),
        pages: Pages = BY_CURSOR,
        page_size: int = 100,
    ) -> Collection:
        """Answer for records of one kind: list, create, get, update or replace, and delete them.

        Args:
            path: Where they are: `/contacts`.
            records: Those that are there at first; one without an `id` gets the next number.
            required: The fields without which a record is refused with 422.
            pages: How the pages of their list follow each other, in the words of `paginate`.
            page_size: How many of them a page holds at most.
        """
        collection = Collection(records, required, Lists(pages, page_size))
        one = f"{path}/<id>"
        for route, method, view in (
            (path, "GET", collection.list),
            (path, "POST", collection.create),
            (one, "GET", collection.get),
            (one, "PATCH", collection.update),
            (one, "PUT", collection.put),
            (one, "DELETE", collection.delete),
        ):
            self.add_url_rule(route, f"{method} {route}", view, methods=[method])
        return collection

    def fail(
        self,
        status: int,
        at: str = "",
        *,
        after: int = 0,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        """Fail the next calls whose `asked` begins with `at`.

        Args:
            status: The status to answer with.
            at: Which calls: `POST`, or `GET /contacts`; all of them without it.
            after: How many of them are answered rightly before.
            times: How many fail.
            headers: Further headers, such as Retry-After.
            body: What the API says; `{"message": "Not now."}` without it.
        """
        said = {"message": "Not now."} if body is None else body
        self._faults.append(Fault(at, after, times, status, headers or {}, said))

    @property
    def asked(self) -> list[str]:
        """Return what was asked, in short: `["GET /contacts", "POST /contacts"]`."""
        return [call.asked for call in self.calls]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve on a free port of this machine while the block runs."""
        server = make_server(HOST, 0, self, threaded=True, request_handler=_Handler)
        self.url = f"http://{HOST}:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()

    def _receive(self) -> ResponseReturnValue | None:
        """Keep the call, and answer it here where it must fail."""
        request = flask.request
        call = Call(
            # The path as it was sent: what is escaped in it is what a test may ask about.
            f"{request.method} {request.environ['RAW_URI'].partition('?')[0]}",
            request.args.to_dict(),
            dict(request.headers),
            _body() if request.get_data() else None,
        )
        self.calls.append(call)
        return self._fault(call) or self._refusal()

    def _fault(self, call: Call) -> ResponseReturnValue | None:
        fault = next((each for each in self._faults if each.times and call.asked.startswith(each.at)), None)
        if fault is None:
            return None
        if fault.after:
            fault.after -= 1
            return None

        fault.times -= 1
        return flask.jsonify(fault.body), fault.status, dict(fault.headers)

    def _refusal(self) -> ResponseReturnValue | None:
        if any(flask.request.headers.get(name) != value for name, value in self._headers.items()):
            return {"message": "The credentials are wrong."}, 401
        wait = self._wait()
        if wait:
            return {"message": "Too many calls."}, 429, {"Retry-After": str(math.ceil(wait))}

        return None

    def _wait(self) -> float:
        """Return how many seconds there are until the rate limit admits a call; it is counted when that is now."""
        if self._rate_limit is None:
            return 0
        calls, seconds = self._rate_limit
        now = time.monotonic()
        while self._taken and self._taken[0] <= now - seconds:
            self._taken.popleft()
        if len(self._taken) >= calls:
            return self._taken[0] + seconds - now

        self._taken.append(now)
        return 0


class _Handler(WSGIRequestHandler):
    # An answer is written in two parts, and the second would wait for the first to be acknowledged.
    disable_nagle_algorithm = True

    def log_request(self, *_: Any) -> None:
        """Write nothing: `calls` has them."""


def _body() -> Any:
    """Return what was sent: JSON, or the fields of a form, of one with several values the list."""
    fields = flask.request.form.to_dict(flat=False)
    if fields:
        return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}

    return flask.request.get_json(force=True, silent=True)


def _as_json(error: HTTPException) -> ResponseReturnValue:
    unknown = f"The stand-in declares no {flask.request.method} {flask.request.path}."
    return {"message": unknown if flask.request.url_rule is None else error.description}, error.code or 500


@contextmanager
def serving(file: Path) -> Iterator[StandIn]:
    """Serve the stand-in that a file declares, and lead every session to it, while the block runs.

    Raises:
        DeclarationError: The file declares none.
    """
    stand_in = load(file)
    for kept in (RATE_LIMITS, TOKENS):
        kept.clear()  # another one may have had the same port
    with stand_in.running(), sessions_led_to(stand_in.url):
        yield stand_in


def load(file: Path) -> StandIn:
    """Return what a file declares as `api`, made anew: no call or record of another run is in it.

    Raises:
        DeclarationError: It declares none, or cannot be run.
    """
    # By this name it finds its neighbours: `from .objects import CONTACTS`.
    name = ".".join((file.relative_to(ROOT) if file.is_relative_to(ROOT) else Path(file.name)).with_suffix("").parts)
    try:
        api = getattr(run_declaration(file, name), "api", None)
    except DeclarationError as error:
        raise DeclarationError(f"{file}: {error}") from error

    if not isinstance(api, StandIn):
        raise DeclarationError(f"{file}: declares no stand-in. Write `api = StandIn(…)`.")
    return api
