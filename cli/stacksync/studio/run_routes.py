"""Running a module with what is filled in."""

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, render_template, request

from stacksync.runtime import forms

from .form_routes import draw, posted
from .schemas import Schema
from .workspace import Workspace

if TYPE_CHECKING:
    from src.runtime.forms import FieldError


def routes(workspace: Workspace) -> Blueprint:
    """Return what sends a form to the connector."""
    blueprint = Blueprint("runs", __name__, url_prefix="/m/<module>/<version>")

    @blueprint.post("/run")
    def run(module: str, version: str) -> Response:
        schema, parsed = posted(workspace, module, version)
        data = workspace.filled(schema, parsed.data)
        errors = faults(schema, data)
        form = draw(workspace, schema, parsed, errors)
        if (errors or parsed.faults) and request.form.get("anyway") != "1":
            said = [error.message for error in errors] or list(parsed.faults.values())
            return jsonify(sent=False, form=form, response=render_template("panels/refused.html", messages=said))

        entry = workspace.ask(schema, "execute", parsed.data, {"data": data, "credentials": {}})
        response = render_template("panels/response.html", entry=entry, reply=pretty(entry.reply))
        return jsonify(sent=True, form=form, run=entry.run, response=response)

    return blueprint


def faults(schema: Schema, data: dict[str, Any]) -> "tuple[FieldError, ...]":
    """Return what the connector would refuse in the data; nothing when its form cannot be read."""
    try:
        return forms.FormValidator(json.loads(schema.text)).validate(data).errors
    except ValueError:
        return ()


def pretty(text: str) -> str:
    """Return JSON as people read it, and any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
