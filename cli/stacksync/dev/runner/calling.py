"""Call the connector's modules in this process, for `stacksync invoke`, with the client that its tests use."""

import base64
import importlib
import os
import traceback
from pathlib import Path
from typing import Any

from .calls import Observer
from .channel import Orders, Reports
from .output import RUN, Output

# The test kit of a connector's runtime; connectors of Stacksync's own SDK have none.
KIT = "src.runtime.testing"
# What it records and plays back with, and the variable that asks for it.
CASSETTES, CASSETTE_SWITCH = "src.runtime.cassettes.installing", "STACKSYNC_CASSETTE"
# The connector's client of its API, and what it declares there for trying a connection.
API_CLIENT, CHECK = "src.api_client", "check_connection"
STAND_IN = "stacksync_stand_in"  # where the runtime keeps what connections hold while a stand-in serves


ORDERS = ("call", "example", "check")


class Answering:
    """Calls modules as it is ordered to, each call as a run, and reports what they answer."""

    def __init__(self, app: Any, reports: Reports, output: Output, calls: Observer) -> None:
        self._client = Client(app)
        self._reports = reports
        self._output = output
        self._calls = calls

    def answer(self, order: "dict[str, Any]", orders: Orders) -> None:
        """Answer this call and those that follow, until there is another order."""
        while order["order"] in ORDERS:
            report = self._run(**order)
            self._output.end_lines()
            self._reports.send("answer", **report)
            order = orders.next()

    def _run(self, order: str, run: str, **data: Any) -> "dict[str, Any]":
        token = RUN.set(run)
        self._calls.begin_run(run)
        try:
            answered: dict[str, Any] = getattr(self._client, order)(**data)
            return answered
        except Exception as error:  # noqa: BLE001 - of the connector's own code: its stand-in, or its framework
            traceback.print_exc()
            return {"problem": traceback.format_exception_only(type(error), error)[-1].strip()}
        finally:
            self._calls.end_run(run)
            RUN.reset(token)


class Client:
    """Calls modules, by the connector's own kit where it has one."""

    def __init__(self, app: Any) -> None:
        self._app = app
        try:
            self._kit: Any = importlib.import_module(KIT)
        except ImportError:  # there is no src/runtime, or it is an older one, whose kit needs pytest
            self._kit = None

    def call(self, module: str, version: str, url: str, endpoint: str, body: Any) -> "dict[str, Any]":
        """Post a body to a module.

        Args:
            url: The beginning of its URLs.
        """
        if self._kit is None:
            return _report(self._app.test_client().post(f"{url}/{endpoint}", json=body))

        return _report(self._module(module, version).send(endpoint, body))

    def example(self, module: str, version: str, file: str) -> "dict[str, Any]":
        """Replay an example, while what stands in for its API runs, and say how the answer differs."""
        if not hasattr(self._kit, "ready_example"):
            return {"problem": f"the connector has no {KIT} of this release, which replays examples"}

        folder = self._module(module, version).folder
        with self._kit.ready_example(folder, Path(file)) as example:
            reply = self._module(module, version).send(example.endpoint, example.request)
            different = self._kit.difference(example.reply, reply.get_json(silent=True))
        if reply.status_code != example.status:
            different = f"the status is {reply.status_code}, not {example.status}"
        return {**_report(reply), "endpoint": example.endpoint, "difference": different}

    def check(self, value: "dict[str, Any]") -> "dict[str, Any]":
        """Make the call that the connector declares for trying a connection, and say how it went.

        Args:
            value: What the connection holds; while a stand-in serves, what that holds goes instead.
        """
        client = importlib.import_module(API_CLIENT)
        if not hasattr(client, CHECK):
            return {"problem": f"src/api_client.py has no {CHECK}(api), which would call the API"}

        try:
            said = client.check_connection(client.api_client(self._app.extensions.get(STAND_IN, value)))
        except Exception as error:  # noqa: BLE001 - whatever the call raises is its outcome
            return {"works": False, "said": _reason(error)}
        return {"works": True, "said": said if isinstance(said, str) else ""}

    def _module(self, name: str, version: str) -> Any:
        return self._kit.ConnectorClient(self._app).module(name, version)


def _reason(error: Exception) -> str:
    """Return what a user would be told of an error; of one that is nobody's answer, the traceback is written too."""
    said = getattr(error, "error", None)  # of a ManagedError, also the API's reason
    if isinstance(said, str):
        return said

    traceback.print_exc()
    return traceback.format_exception_only(type(error), error)[-1].strip()


def _report(reply: Any) -> "dict[str, Any]":
    body = base64.b64encode(reply.get_data()).decode()
    content_type = reply.headers.get("Content-Type", "")
    return {"status": reply.status_code, "content_type": content_type, "body": body, **_taped()}


def _taped() -> "dict[str, Any]":
    """Return what was recorded, or how the calls differed from what is played back."""
    if not os.environ.get(CASSETTE_SWITCH):
        return {}

    outcome: dict[str, Any] = importlib.import_module(CASSETTES).outcome()
    return outcome
