"""What was sent: a list, each call whole, its input in the form, sent again, and compared."""

from dataclasses import replace

from flask import Blueprint, Response, abort, jsonify, render_template

from stacksync.studio.examples import files as examples
from stacksync.studio.form.routes import folder_of, opened
from stacksync.studio.form.schemas import Schema
from stacksync.studio.runs.copies import as_curl, as_pytest
from stacksync.studio.runs.differences import changed, compared, news
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.routes import await_end
from stacksync.studio.runs.running_routes import state_of
from stacksync.studio.runs.showing import shown
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return what shows earlier calls."""
    blueprint = Blueprint("history", __name__)

    def entry_of(number: int) -> HistoryEntry:
        return workspace.history.get(number) or abort(404, f"Run {number} is not kept any more.")

    def schema_of(entry: HistoryEntry) -> Schema:
        return workspace.schemas.read(folder_of(workspace, *entry.module_path.split("/")), entry.made)

    @blueprint.get("/m/<module>/<version>/history")
    def history(module: str, version: str) -> str:
        path = f"{module}/{version}"
        return render_template(
            "panels/history.html",
            entries=[each for each in workspace.history.of(path) if each.endpoint == "execute"],
            problem=workspace.history.problem,
            sends_again=workspace.again.is_on(path),
        )

    @blueprint.post("/history/clear")
    def clear() -> Response:
        workspace.history.clear()
        return jsonify({})

    @blueprint.get("/history/<int:number>/form")
    def form(number: int) -> Response:
        entry = entry_of(number)
        folder = folder_of(workspace, *entry.module_path.split("/"))
        is_here = entry.filled.connection and workspace.connections.get(entry.filled.connection)
        return opened(workspace, folder, entry.filled if is_here else replace(entry.filled, connection=""))

    @blueprint.get("/m/<module>/<version>/content-calls")
    def content_calls(module: str, version: str) -> str:
        entries = [each for each in workspace.history.of(f"{module}/{version}") if each.endpoint != "execute"]
        return render_template("panels/content_calls.html", entries=entries, news=news(entries))

    @blueprint.get("/history/<int:number>")
    def request_(number: int) -> str:
        entry = entry_of(number)
        schema = schema_of(entry)
        sent, secrets = workspace.as_sent(schema, entry.filled), workspace.secrets(schema, entry.filled)
        copies = {
            "cURL": as_curl(workspace.session.address, entry),
            "pytest": as_pytest(entry),
            "example": examples.text_of(sent, entry, secrets),
        }
        return render_template("panels/request.html", entry=entry, copies=copies)

    @blueprint.get("/history/<int:number>/response")
    def response(number: int) -> str:
        return shown(entry_of(number))

    @blueprint.post("/history/<int:number>/replay")
    def replay(number: int) -> Response:
        entry = entry_of(number)
        if entry.lacks_secrets:
            abort(409, f"Secrets of run {number} are not kept. Press Show, fill them in, and run the module.")

        schema = schema_of(entry)
        run = workspace.begin(schema, entry.filled, workspace.prepared(schema, entry.filled))
        await_end(run)
        return jsonify(state_of(workspace, run))

    @blueprint.get("/history/<int:number>/diff/<int:other>")
    def diff(number: int, other: int) -> str:
        found = compared(entry_of(number), entry_of(other))
        return render_template("panels/differences.html", compared=found)

    @blueprint.get("/history/<int:number>/changed/<int:other>")
    def changed_(number: int, other: int) -> str:
        return render_template("panels/changed.html", compared=changed(entry_of(number), entry_of(other)))

    return blueprint
