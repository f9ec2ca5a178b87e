"""Saving what is filled in as an example, and filling an example in."""

from dataclasses import replace

from flask import Blueprint, Response, jsonify, render_template, request

from stacksync.studio.examples import files as examples
from stacksync.studio.form.controls import Input
from stacksync.studio.form.routes import folder_of, opened, posted
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return what saves examples and fills the form with them."""
    blueprint = Blueprint("examples", __name__, url_prefix="/m/<module>/<version>/examples")

    def newest(module_path: str, filled: Input) -> HistoryEntry | None:
        """Return the last run with this very input, whose answer the example then expects."""
        entries = workspace.history.of(module_path)
        return next((each for each in entries if each.endpoint == "execute" and each.filled == filled), None)

    @blueprint.get("")
    def listed(module: str, version: str) -> str:
        return render_template(
            "panels/examples.html", examples=examples.names_of(folder_of(workspace, module, version))
        )

    @blueprint.post("")
    def save(module: str, version: str) -> Response:
        schema, filled = posted(workspace, module, version)
        name = request.form.get("example", "").strip()
        answered = newest(schema.folder.module_path, filled)
        text = examples.text_of(workspace.as_sent(schema, filled), answered, workspace.secrets(schema, filled))
        workspace.connector.refuse_links(schema.folder.path / examples.FOLDER)
        file = examples.save(schema.folder, name, text)
        return jsonify(file=workspace.connector.relative(file))

    @blueprint.get("/<name>")
    def load(module: str, version: str, name: str) -> Response:
        folder = folder_of(workspace, module, version)
        filled = examples.read(folder, name)
        is_here = filled.connection and workspace.connections.get(filled.connection)
        return opened(workspace, folder, filled if is_here else replace(filled, connection=""))

    return blueprint
