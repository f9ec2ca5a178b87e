"""Saving connections from the page. Their values come in and never go out."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from stacksync.masking import mask_all
from stacksync.runtime import decode
from stacksync.studio.connections.saved import Saved, edited_connection
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return what adds, changes and removes connections."""
    blueprint = Blueprint("connections", __name__, url_prefix="/connections")

    @blueprint.get("")
    def connections() -> Response:
        return jsonify([_shown(each) for each in workspace.connections.all()])

    @blueprint.post("")
    def add() -> Response:
        saved = _posted()
        workspace.connections.save(saved)
        return jsonify(_shown(saved))

    @blueprint.post("/<connection>")
    def change(connection: str) -> Response:
        saved = workspace.connections.get(connection) or abort(404, "There is no such connection any more.")
        changed = edited_connection(saved, _posted())
        workspace.connections.save(changed)
        return jsonify(_shown(changed))

    @blueprint.delete("/<connection>")
    def remove(connection: str) -> Response:
        workspace.connections.remove(connection)
        return Response(status=204)

    return blueprint


def _posted() -> Saved:
    name = request.form.get("name", "").strip()
    if not name:
        abort(400, "Give the connection a name.")

    app_type = request.form.get("app_type", "").strip()
    return Saved(name, app_type, request.form.get("management", "custom"), _value())


def _value() -> dict[str, Any]:
    try:
        value = decode(request.form.get("value", "") or "{}")
    except ValueError as error:
        abort(400, f"The values are no JSON: {error}.")
    if not isinstance(value, dict):
        abort(400, 'The values must be a JSON object, such as {"api_key": "..."}.')

    return value


def _shown(saved: Saved) -> dict[str, Any]:
    return {
        "id": saved.id,
        "name": saved.name,
        "app_type": saved.app_type,
        "management": saved.management,
        "value": mask_all(saved.value),
    }
