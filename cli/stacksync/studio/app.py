"""Put Studio together: one Flask application for one running connector."""

import json
from functools import partial
from pathlib import Path

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from stacksync.dev.session import Session
from stacksync.errors import StacksyncError

from . import connection_routes, example_routes, form_routes, guards, history_routes, page_routes, run_routes, streaming
from .connections import Connections
from .schemas import Schemas
from .workspace import Workspace

HERE = Path(__file__).parent
# A form may hold long texts: files pasted into it, or many records.
LARGEST_FORM = 20_000_000


def create_studio(session: Session) -> Flask:
    """Make the application.

    Args:
        session: The connector that runs.
    """
    app = Flask("stacksync.studio", root_path=str(HERE), static_folder="static", template_folder="templates")
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=100_000)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals["dumps"] = partial(json.dumps, ensure_ascii=False)
    guards.install(app)
    app.register_error_handler(HTTPException, _say)
    app.register_error_handler(StacksyncError, lambda error: _text(str(error), 409))

    root = session.connector.root
    workspace = Workspace(session, Connections(root), Schemas(session.connector))
    app.register_blueprint(streaming.routes(session))
    for part in (page_routes, form_routes, run_routes, example_routes, connection_routes, history_routes):
        app.register_blueprint(part.routes(workspace))
    return app


def _say(error: HTTPException) -> Response:
    return _text(error.description or error.name, error.code or 500)


def _text(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
