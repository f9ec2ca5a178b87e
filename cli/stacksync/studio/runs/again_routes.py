"""The last run of a module, sent again for code that was saved."""

from flask import Blueprint, Response, jsonify, render_template, request

from stacksync.studio.form.routes import folder_of
from stacksync.studio.runs.again import last_run
from stacksync.studio.runs.routes import await_end
from stacksync.studio.runs.running_routes import state_of
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return the switch of a module, and what a page asks for when other code serves."""
    blueprint = Blueprint("again", __name__, url_prefix="/m/<module>/<version>/again")

    @blueprint.post("/switch")
    def switch(module: str, version: str) -> Response:
        path = folder_of(workspace, module, version).module_path
        workspace.again.switch(path, on=request.form.get("on") == "1")
        return jsonify(on=workspace.again.is_on(path))

    @blueprint.post("/run")
    def run(module: str, version: str) -> Response:
        folder = folder_of(workspace, module, version)
        entry = last_run(workspace.history, folder.module_path)
        if entry is None or not workspace.again.take(folder.module_path, workspace.session.state):
            return jsonify({})

        schema = workspace.schemas.read(folder, entry.made)
        prepared = workspace.prepared(schema, entry.filled)
        if prepared.faults:
            messages = list(dict.fromkeys(prepared.faults.values()))
            return jsonify(refused=render_template("panels/refused.html", messages=messages))

        run = workspace.begin(schema, entry.filled, prepared)
        await_end(run)
        return jsonify(**state_of(workspace, run), before=entry.number)

    return blueprint
