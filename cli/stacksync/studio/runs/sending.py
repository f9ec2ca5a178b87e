"""Requests to the connector, exactly as the platform sends them."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from stacksync.dev.environment.dot_env import DotEnvError, read_environment
from stacksync.dev.session import DevSession
from stacksync.runtime import decode

# A handler may wait for a slow service; the page shows that it does.
TIMEOUT = 300
LARGEST_ANSWER = 20_000_000
RUN_HEADER = "X-Stacksync-Run"
# Seconds until it is known why a connection broke: how a process ended is told when it is over.
LAST_WORDS = 1.0
MAY_HAVE_ACTED = "What it had asked of the API until then may have been done."


@dataclass(frozen=True)
class Call:
    """A request to one module.

    Args:
        module: The first part of its URL.
        version: The second part.
        endpoint: execute, content or schema.
        body: What is sent, secrets included.
    """

    module: str
    version: str
    endpoint: str
    body: dict[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        """Return the path of the URL."""
        parts = (self.module.replace(" ", "_"), self.version, self.endpoint)
        return "".join(f"/{quote(part)}" for part in parts)


@dataclass(frozen=True)
class Answer:
    """What came back.

    Args:
        status: None when nothing did: `problem` then says why.
        ms: How long it took, in milliseconds.
        is_cancelled: Whether somebody stopped waiting for it.
    """

    status: int | None
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    ms: float = 0.0
    problem: str = ""
    is_cancelled: bool = False

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ValueError: It is none.
        """
        return decode(self.body, most_parts=LARGEST_ANSWER)


def send(session: DevSession, call: Call, run: str) -> Answer:
    """Send a request and wait for its answer; a connector that cannot be reached is an answer too.

    Args:
        session: Where the connector answers.
        run: Marks what the connector logs meanwhile.
    """
    started = time.perf_counter()
    host = urlsplit(session.address)
    connection = http.client.HTTPConnection(str(host.hostname), host.port, timeout=TIMEOUT)
    try:
        connection.request("POST", call.path, json.dumps(call.body).encode(), _headers(session, run))
        reply = connection.getresponse()
        body = reply.read(LARGEST_ANSWER + 1)
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, ms=_since(started), problem=_problem(session, error, run))
    finally:
        connection.close()

    if len(body) > LARGEST_ANSWER:
        return Answer(None, ms=_since(started), problem=f"The answer is larger than {LARGEST_ANSWER // 10**6} MB.")
    return Answer(reply.status, reply.getheader("Content-Type", ""), body, _since(started))


def _headers(session: DevSession, run: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", RUN_HEADER: run}
    try:
        token = read_environment(session.connector.root).get("CONNECTOR_TOKEN")
    except DotEnvError:
        return headers  # the connector is not served then, and says so

    return {**headers, "X-Connector-Token": token} if token else headers


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _problem(session: DevSession, error: Exception, run: str) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing answers at {session.address}. Is the connector running?"
    if isinstance(error, TimeoutError):
        return f"The connector did not answer within {TIMEOUT} seconds."
    if reason := session.lost_runs.why(run, LAST_WORDS):
        return f"The process that worked on it was ended: {reason}. {MAY_HAVE_ACTED}"

    return f"The connector ended the connection without an answer ({type(error).__name__})."
