"""A run while it is in progress: how long it takes, its end, and the end of the wait."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template

from stacksync.studio.runs.cancelling import Sender
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.running import Run
from stacksync.studio.runs.showing import shown
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace, sender: Sender) -> Blueprint:
    """Return what a page asks about a run that it waits for, or has left and comes back to."""
    blueprint = Blueprint("running", __name__)

    def run_of(number: int) -> Run:
        return workspace.runs.get(number) or abort(404, f"There is no run {number} of this stacksync dev.")

    @blueprint.get("/runs/<int:number>")
    def state(number: int) -> Response:
        return jsonify(state_of(workspace, run_of(number)))

    @blueprint.post("/runs/<int:number>/cancel")
    def cancel(number: int) -> Response:
        run = run_of(number)
        if sender.cancel(run.name):
            run.ended.wait()
        return jsonify(state_of(workspace, run))

    @blueprint.get("/m/<module>/<version>/runs/last")
    def last(module: str, version: str) -> Response:
        """Return the run in progress, or else the newest that ended."""
        path = f"{module}/{version}"
        if run := workspace.runs.in_progress(path):
            return jsonify(state_of(workspace, run))

        entry = next((each for each in workspace.history.of(path) if each.endpoint == "execute"), None)
        return jsonify(ended(entry) if entry else {})

    return blueprint


def state_of(workspace: Workspace, run: Run) -> dict[str, Any]:
    """Return how a run is, for the page."""
    entry = workspace.history.get(run.number)
    if not run.ended.is_set():
        waiting = render_template("panels/waiting.html", run=run)
        return {"run": run.name, "number": run.number, "running": True, "seconds": run.seconds, "response": waiting}
    if entry is None:
        abort(409, run.problem or f"Run {run.number} is not kept any more.")

    return ended(entry)


def ended(entry: HistoryEntry) -> dict[str, Any]:
    """Return the end of a run, for the page."""
    return {"run": entry.run, "number": entry.number, "running": False, "response": shown(entry)}
