"""Saving what is filled in as an example, and filling an example in."""

from flask import Blueprint, Response, jsonify, render_template, request

from . import examples
from .controls import Parsed
from .form_routes import answer, folder_of, posted
from .history import Entry
from .workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return what saves examples and fills the form with them."""
    blueprint = Blueprint("examples", __name__, url_prefix="/m/<module>/<version>/examples")

    def newest(module_path: str, data: object) -> Entry | None:
        """Return the last run with this very input, whose answer the example then expects."""
        entries = workspace.history.of(module_path)
        return next((each for each in entries if each.endpoint == "execute" and each.data == data), None)

    @blueprint.get("")
    def listed(module: str, version: str) -> str:
        return render_template(
            "panels/examples.html", examples=examples.names_of(folder_of(workspace, module, version))
        )

    @blueprint.post("")
    def save(module: str, version: str) -> Response:
        schema, parsed = posted(workspace, module, version)
        name = request.form.get("example", "").strip()
        answered = newest(schema.folder.module_path, parsed.data)
        secrets = workspace.secrets(schema, parsed.data)
        text = examples.text_of(schema, workspace.filled(schema, parsed.data), answered, secrets)
        file = examples.save(schema.folder, name, text)
        return jsonify(file=workspace.connector.relative(file))

    @blueprint.get("/<name>")
    def load(module: str, version: str, name: str) -> Response:
        folder = folder_of(workspace, module, version)
        data = examples.read(folder, name)
        return answer(workspace, workspace.schemas.read(folder), Parsed(data))

    return blueprint
