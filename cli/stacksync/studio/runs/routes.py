"""Running a module with what is filled in."""

import json

from flask import Blueprint, Response, jsonify, render_template, request

from stacksync.studio.form.routes import draw, made, posted
from stacksync.studio.workspace import Workspace


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

        entry = workspace.run(schema, filled, prepared)
        response = render_template("panels/response.html", entry=entry, reply=pretty(entry.reply))
        return jsonify(sent=True, form=form, run=entry.run, response=response)

    return blueprint


def pretty(text: str) -> str:
    """Return JSON as people read it, and any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
