"""Colours for what is being written."""

from flask import Blueprint, Response, jsonify, request

from stacksync.studio.colours.painter import painter
from stacksync.studio.workspace import Workspace


def routes(_workspace: Workspace) -> Blueprint:
    """Return what answers with the spans of a text."""
    blueprint = Blueprint("colours", __name__)

    @blueprint.post("/colours")
    def colours() -> Response:
        return jsonify(painter().paint(request.form.get("language", ""), request.form.get("text", "")))

    return blueprint
