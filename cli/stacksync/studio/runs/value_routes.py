"""What was sent and answered, as data: for the page, which draws it, and to be saved."""

from flask import Blueprint, Response, abort, request

from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.showing import PICTURES, SUFFIXES, kind_of, media_type_of, why_no_bytes
from stacksync.studio.workspace import Workspace

# What an API answered is not ours: it may style itself, and nothing else. It has no origin, runs no script, sends no
# form and asks no host. https://www.w3.org/TR/CSP3/#directive-sandbox
STRANGER = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def routes(workspace: Workspace) -> Blueprint:
    """Return what hands out values."""
    blueprint = Blueprint("values", __name__, url_prefix="/history/<int:number>")

    def entry_of(number: int) -> HistoryEntry:
        return workspace.history.get(number) or abort(404, f"Run {number} is not kept any more.")

    @blueprint.get("/sent")
    def sent(number: int) -> Response:
        entry = entry_of(number)
        return _text(entry.sent, f"{_file_name(entry)}-request.json")

    @blueprint.get("/answered")
    def answered(number: int) -> Response:
        entry = entry_of(number)
        return _text(entry.reply, f"{_file_name(entry)}.{SUFFIXES[kind_of(entry)]}")

    @blueprint.get("/preview")
    def preview(number: int) -> Response:
        entry = entry_of(number)
        if kind_of(entry) != "page":
            abort(404, f"Run {number} answered no HTML.")
        return _strange(Response(_encoded(entry.reply), content_type="text/html; charset=utf-8"))

    @blueprint.get("/bytes")
    def whole(number: int) -> Response:
        entry = entry_of(number)
        media_type = media_type_of(entry)
        if lacks := why_no_bytes(entry):
            abort(404, lacks)
        if media_type in PICTURES and "download" not in request.args:
            return _strange(Response(entry.answer.body, content_type=media_type))

        name = f"{_file_name(entry)}.{media_type.partition('/')[2] if media_type in PICTURES else 'bin'}"
        return _saved(Response(entry.answer.body, content_type="application/octet-stream"), name)

    return blueprint


def _text(text: str, name: str) -> Response:
    response = Response(_encoded(text), content_type="text/plain; charset=utf-8")
    return _saved(response, name) if "download" in request.args else response


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # a reply may hold halves of surrogate pairs


def _strange(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = STRANGER
    return response


def _saved(response: Response, name: str) -> Response:
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _file_name(entry: HistoryEntry) -> str:
    return f"{entry.module_path.replace('/', '-')}-{entry.endpoint}-{entry.number}"
