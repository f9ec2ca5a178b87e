"""Running a module with what is filled in."""

from flask import Blueprint, Response, jsonify, render_template, request

from stacksync.studio.form.routes import draw, made, posted
from stacksync.studio.runs.running import Run
from stacksync.studio.runs.running_routes import state_of
from stacksync.studio.workspace import Workspace

# Seconds that even a page which does not want to wait for an answer waits: most come sooner.
QUICK = 0.2


def routes(workspace: Workspace) -> Blueprint:
    """Return what sends a form to the connector."""
    blueprint = Blueprint("runs", __name__, url_prefix="/m/<module>/<version>")

    @blueprint.post("/run")
    def run(module: str, version: str) -> Response:
        schema, filled = posted(workspace, module, version)
        errors: dict[str, str] = {}
        if schema.made:
            # As the platform does when a workflow runs: the form says where templates may stand.
            schema, filled, errors = made(workspace, schema, filled)
        prepared = workspace.prepared(schema, filled)
        faults = {**errors, **prepared.faults}
        form = draw(workspace, schema, filled, faults)
        if faults and request.form.get("anyway") != "1":
            refused = render_template("panels/refused.html", messages=list(dict.fromkeys(faults.values())))
            return jsonify(sent=False, form=form, response=refused)

        run = workspace.begin(schema, filled, prepared)
        await_end(run)
        return jsonify(sent=True, form=form, **state_of(workspace, run))

    return blueprint


def await_end(run: Run) -> None:
    """Wait until a run has ended, or shortly when who asks prefers so: https://www.rfc-editor.org/rfc/rfc7240#section-4.1."""
    run.ended.wait(QUICK if "respond-async" in request.headers.get("Prefer", "") else None)
