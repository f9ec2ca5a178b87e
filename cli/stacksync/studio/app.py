"""Put Studio together: one Flask application for one running connector."""

import json
from functools import partial
from pathlib import Path

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from stacksync.dev.calls.hiding import shown
from stacksync.dev.session import DevSession
from stacksync.errors import StacksyncError
from stacksync.studio import guards, icon, page, streaming
from stacksync.studio.cassettes import routes as cassettes
from stacksync.studio.colours import routes as colours
from stacksync.studio.connections import routes as connections
from stacksync.studio.connections.saved import Connections
from stacksync.studio.editors import choosing
from stacksync.studio.editors import routes as editors
from stacksync.studio.examples import replaying_routes as replaying
from stacksync.studio.examples import routes as examples
from stacksync.studio.form import routes as form
from stacksync.studio.form.schemas import Schemas
from stacksync.studio.runs import again_routes as again
from stacksync.studio.runs import calls_routes as calls
from stacksync.studio.runs import history_routes as history
from stacksync.studio.runs import routes as runs
from stacksync.studio.runs import running_routes as running
from stacksync.studio.runs import value_routes as values
from stacksync.studio.runs.cancelling import Sender
from stacksync.studio.runs.history_files import HistoryFiles
from stacksync.studio.runs.kept_history import KeptHistory
from stacksync.studio.runs.showing import answered_value, sent_value
from stacksync.studio.versions import routes as versions
from stacksync.studio.workspace import Workspace

HERE = Path(__file__).parent
# A form may hold long texts: files pasted into it, or many records.
LARGEST_FORM = 20_000_000


def create_studio(session: DevSession) -> Flask:
    """Make the application.

    Args:
        session: The connector that runs.
    """
    app = Flask("stacksync.studio", root_path=str(HERE), static_folder="static", template_folder="templates")
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=100_000)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals["dumps"] = partial(json.dumps, ensure_ascii=False)
    app.jinja_env.globals.update(answered_value=answered_value, sent_value=sent_value)
    app.jinja_env.filters["shown"] = shown
    guards.install(app)
    app.register_error_handler(HTTPException, _say)
    app.register_error_handler(StacksyncError, lambda error: _text(str(error), 409))

    root = session.connector.root
    sender = Sender(session)
    kept = KeptHistory(HistoryFiles(root))
    workspace = Workspace(session, Connections(root), Schemas(session.connector), sender, kept)
    app.jinja_env.globals.update(
        place_of=partial(choosing.place, root), split_place=choosing.split_place, editor_choices=choosing.choices
    )
    app.register_blueprint(streaming.routes(session))
    app.register_blueprint(editors.routes(session))
    app.register_blueprint(running.routes(workspace, sender))
    for part in (page, icon, form, examples, cassettes, connections, replaying, versions, colours):
        app.register_blueprint(part.routes(workspace))
    for part in (runs, history, calls, values, again):
        app.register_blueprint(part.routes(workspace))
    return app


def _say(error: HTTPException) -> Response:
    return _text(error.description or error.name, error.code or 500)


def _text(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
