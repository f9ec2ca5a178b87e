"""Call the connector's modules in this process, for `stacksync invoke`, with the client that its tests use."""

import base64
import importlib
import traceback
from pathlib import Path
from typing import Any

from .calls import Observer
from .channel import Orders, Reports
from .output import RUN, Output

# The test kit of a connector's runtime; connectors of Stacksync's own SDK have none.
KIT = "src.runtime.testing"


ORDERS = ("call", "example")


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
            return self._client.call(**data) if order == "call" else self._client.example(**data)
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

    def _module(self, name: str, version: str) -> Any:
        return self._kit.ConnectorClient(self._app).module(name, version)


def _report(reply: Any) -> "dict[str, Any]":
    body = base64.b64encode(reply.get_data()).decode()
    return {"status": reply.status_code, "content_type": reply.headers.get("Content-Type", ""), "body": body}
