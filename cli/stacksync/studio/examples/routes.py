"""Saving what is filled in as an example, and filling an example in."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, render_template, request

from stacksync.runtime import forms
from stacksync.studio.examples import files as examples
from stacksync.studio.form.controls import Input
from stacksync.studio.form.controls.options import fits
from stacksync.studio.form.routes import folder_of, opened, posted, saved_connections
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder
    from stacksync.runtime.forms import Field, RootConnections


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
        return opened(workspace, folder, _with_own_connection(workspace, folder, examples.read(folder, name)))

    return blueprint


def _with_own_connection(workspace: Workspace, folder: "VersionFolder", filled: Input) -> Input:
    """Return an example with a connection of this machine: that of another one is not here."""
    form = workspace.schemas.read(folder).form
    saved = saved_connections(workspace)

    def own(asked: "Field | RootConnections", chosen: Any) -> Any:
        fitting = [each.id for each in saved if fits(each, asked)]
        if forms.key_of(chosen) in fitting:
            return chosen
        return fitting[0] if len(fitting) == 1 else None

    def own_value(field: "Field", value: Any) -> Any:
        return own(field, value) or value if field.type == "connection" else value

    chosen = own(form.connections, filled.connection) if form.connections else ""
    return replace(filled, data=forms.masked(form, filled.data, own_value), connection=chosen or "")
