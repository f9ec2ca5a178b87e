"""What the page asks for when a place is pressed, or another editor chosen."""

from flask import Blueprint, Response, abort, request

from stacksync.dev.session import DevSession
from stacksync.studio.editors.choosing import COOKIE, can_choose
from stacksync.studio.editors.opening import Target, open_in_editor

# A year, in seconds. Browsers give cookies of 127.0.0.1 to all its ports: the choice is for every connector.
KEPT = 365 * 24 * 3600


def routes(session: DevSession) -> Blueprint:
    """Return what opens places."""
    blueprint = Blueprint("editors", __name__, url_prefix="/editor")

    @blueprint.post("")
    def choose() -> Response:
        editor = request.form.get("editor", "")
        if not can_choose(editor):
            abort(404, "There is no such editor.")

        response = Response(status=204)
        response.set_cookie(COOKIE, editor, KEPT, httponly=True, samesite="Strict")
        return response

    @blueprint.post("/open")
    def open_() -> Response:
        form = request.form
        target = Target(form.get("file", ""), form.get("line", 1, int), form.get("column", 1, int))
        open_in_editor(session.connector.root, target)
        return Response(status=204)

    return blueprint
