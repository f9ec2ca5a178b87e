"""What was sent during this run: a list, each call whole, sent again, and compared."""

from flask import Blueprint, Response, abort, render_template

from stacksync.studio.examples import files as examples
from stacksync.studio.form.routes import folder_of
from stacksync.studio.form.schemas import Schema
from stacksync.studio.runs.copies import as_curl, as_pytest
from stacksync.studio.runs.history import HistoryEntry, difference
from stacksync.studio.runs.routes import pretty
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
        entries = [each for each in workspace.history.of(f"{module}/{version}") if each.endpoint == "execute"]
        return render_template("panels/history.html", entries=entries)

    @blueprint.get("/m/<module>/<version>/content-calls")
    def content_calls(module: str, version: str) -> str:
        entries = [each for each in workspace.history.of(f"{module}/{version}") if each.endpoint != "execute"]
        return render_template("panels/content_calls.html", entries=entries)

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
        entry = entry_of(number)
        return render_template("panels/response.html", entry=entry, reply=pretty(entry.reply))

    @blueprint.post("/history/<int:number>/replay")
    def replay(number: int) -> str:
        entry = entry_of(number)
        schema = schema_of(entry)
        again = workspace.run(schema, entry.filled, workspace.prepared(schema, entry.filled))
        return render_template("panels/response.html", entry=again, reply=pretty(again.reply))

    @blueprint.get("/history/<int:number>/diff/<int:other>")
    def diff(number: int, other: int) -> Response:
        text = difference(entry_of(number), entry_of(other)) or "The replies are the same."
        return Response(f"{text}\n", mimetype="text/plain")

    return blueprint
