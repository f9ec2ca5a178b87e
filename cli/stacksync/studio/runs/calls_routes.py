"""The calls to APIs that a run makes: while it goes on, and as long as it is kept."""

from flask import Blueprint, abort, render_template

from stacksync.dev.calls.curl import as_curl
from stacksync.dev.calls.log import RunCalls
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return what shows them."""
    blueprint = Blueprint("calls", __name__)

    def calls_of(number: int) -> RunCalls | None:
        entry = workspace.history.get(number)
        return entry.calls if entry else workspace.session.calls.get(f"studio-{number}")

    def known_calls_of(number: int) -> RunCalls:
        return calls_of(number) or abort(404, f"The calls of run {number} are not kept any more.")

    @blueprint.get("/m/<module>/<version>/calls")
    def newest(module: str, version: str) -> str:
        kept = [each for each in workspace.history.of(f"{module}/{version}") if each.endpoint == "execute"]
        return _panel(kept[0].calls if kept else None)

    @blueprint.get("/runs/<int:number>/calls")
    def of_run(number: int) -> str:
        return _panel(calls_of(number), number)

    @blueprint.get("/runs/<int:number>/calls/<int:call>")
    def one(number: int, call: int) -> str:
        found = known_calls_of(number).get(call) or abort(404, f"Run {number} has no call {call} that is kept.")
        return render_template("panels/api_call.html", call=found, curl=as_curl(found))

    return blueprint


def _panel(calls: RunCalls | None, earlier: int | None = None) -> str:
    return render_template("panels/calls.html", run=calls, earlier=earlier)
