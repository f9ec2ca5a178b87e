"""Recording an example, looking at what was recorded before it is written, and playing it back."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from stacksync.cassettes import files
from stacksync.cassettes.review import review, with_replacements
from stacksync.cassettes.taping import Sender, in_words
from stacksync.dev.environment.dot_env import secret_values
from stacksync.masking import mask
from stacksync.runtime import forms
from stacksync.studio.connections.renewing import renewed
from stacksync.studio.examples import files as examples
from stacksync.studio.form.controls import Input
from stacksync.studio.form.routes import folder_of, posted
from stacksync.studio.form.schemas import Schema
from stacksync.studio.runs.showing import pretty
from stacksync.studio.workspace import Workspace

REPLACE = "replace:"
Place = tuple[str, str, str]


def routes(workspace: Workspace) -> Blueprint:
    """Return what records examples and plays them back."""
    blueprint = Blueprint("cassettes", __name__, url_prefix="/m/<module>/<version>/cassettes/<name>")
    # What was recorded and waits to be agreed to; nothing of it is on disk.
    waiting: dict[Place, Any] = {}

    def secrets() -> set[str]:
        return workspace.connections.secrets() | secret_values(workspace.connector.root)

    @blueprint.post("/play")
    def play(module: str, version: str, name: str) -> str:
        folder = folder_of(workspace, module, version)
        reply = Sender(workspace.session, folder).play(name)
        text = mask(reply.body.decode("utf-8", "replace"), secrets())
        faults, taped = in_words(reply), name in files.names_of(folder)
        return render_template(
            "panels/played.html", name=name, reply=reply, faults=faults, taped=taped, text=pretty(text)
        )

    @blueprint.post("/record")
    def record(module: str, version: str, name: str) -> str:
        schema, filled = posted(workspace, module, version)
        workspace.session.keep_secret(secrets())
        reply = Sender(workspace.session, schema.folder).record(name, _connection(workspace, schema, filled))
        content = waiting[module, version, name] = files.masked(reply.recording, secrets())
        file = workspace.connector.relative(files.place_of(workspace.connector, schema.folder, name))
        shown = review(content, examples.request_of(schema.folder, name)[1].get("data"))
        return render_template("panels/recording.html", name=name, file=file, reply=reply, shown=shown)

    @blueprint.post("")
    def keep(module: str, version: str, name: str) -> Response:
        content = waiting.get((module, version, name)) or abort(404, "There is no such recording any more.")
        given = {
            key.removeprefix(REPLACE): value for key, value in request.form.items() if key.startswith(REPLACE) and value
        }
        folder = folder_of(workspace, module, version)
        file = files.place_of(workspace.connector, folder, name)
        written = files.write(workspace.connector, file, with_replacements(content, given))
        del waiting[module, version, name]
        return jsonify(file=written)

    return blueprint


def _connection(workspace: Workspace, schema: Schema, filled: Input) -> Mapping[str, Any] | None:
    """Return what the connection holds that is chosen in the form, above it or in a field."""
    found = forms.walk(forms.effective(schema.form, filled.data), filled.data)
    keys = [filled.connection, *(forms.key_of(each.value) for each in found if each.field.type == "connection")]
    saved = [workspace.connections.get(key) for key in keys if isinstance(key, str) and key]
    chosen = next((each for each in saved if each), None)
    return renewed(workspace.connections, chosen).value if chosen else None
