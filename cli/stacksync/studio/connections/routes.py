"""Connections as the page saves, tries and removes them. Their secrets come in and never go out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from stacksync.errors import StacksyncError
from stacksync.studio.connections import login_routes
from stacksync.studio.connections.fields import ConnectionField, fields_of
from stacksync.studio.connections.saved import STAND_IN, Saved
from stacksync.studio.connections.storing import app_types
from stacksync.studio.workspace import Workspace

FIELD, FORGOTTEN = "field:", "forget:"
GONE = "There is no such connection any more."


def routes(workspace: Workspace) -> Blueprint:
    """Return what adds, changes, tries and removes connections."""
    blueprint = Blueprint("connections", __name__, url_prefix="/connections")
    connections, root = workspace.connections, workspace.connector.root
    blueprint.register_blueprint(login_routes.routes(workspace))

    @blueprint.get("")
    def all_connections() -> Response:
        return jsonify([_shown(each) for each in connections.all()])

    @blueprint.get("/fields")
    def fields() -> str:
        """Draw the fields of a type, or of a connection that is saved."""
        saved = connections.get(request.args.get("id", ""))
        app_type = request.args.get("app_type", saved.app_type if saved else "")
        return render_template(
            "panels/connection_fields.html",
            fields=fields_of(root, app_type, saved.value if saved else {}),
            login=login_routes.view(root, saved),
            app_types=list(dict.fromkeys(app_types(workspace.connector))),
        )

    @blueprint.post("")
    def add() -> Response:
        saved = posted()
        connections.save(saved)
        return jsonify(_shown(saved))

    @blueprint.post("/<connection>")
    def change(connection: str) -> Response:
        changed, given = posted(), Given.posted()
        done = connections.change(connection, lambda saved: given.put_into(saved, changed)) or abort(404, GONE)
        return jsonify(_shown(done))

    @blueprint.post("/<connection>/try")
    def try_it(connection: str) -> Response:
        from stacksync.dev.environment.interpreter import find_interpreter
        from stacksync.studio.connections.trying import try_connection

        saved = connections.get(connection) or abort(404, GONE)
        interpreter = find_interpreter(root)
        if interpreter is None:
            raise StacksyncError("The connector has no .venv on this machine, which the call is made in.")
        outcome = try_connection(workspace.connector, interpreter, saved, workspace.session.publish_log)
        return jsonify(works=outcome.works, said=outcome.said)

    @blueprint.delete("/<connection>")
    def remove(connection: str) -> Response:
        connections.remove(connection)
        return Response(status=204)

    return blueprint


@dataclass(frozen=True)
class Given:
    """What was filled in for the values of a connection.

    Args:
        typed: By their keys; an empty text is one that was left alone, or emptied.
        forgotten: The keys of what shall be removed.
    """

    typed: Mapping[str, str]
    forgotten: frozenset[str]

    @classmethod
    def posted(cls) -> "Given":
        """Return what the page sent."""
        typed = {name.removeprefix(FIELD): text for name, text in request.form.items() if name.startswith(FIELD)}
        others = zip(request.form.getlist("other-name"), request.form.getlist("other-value"), strict=False)
        typed |= {name.strip(): text for name, text in others if name.strip()}
        forgotten = (name.removeprefix(FORGOTTEN) for name in request.form if name.startswith(FORGOTTEN))
        return cls(typed, frozenset(forgotten))

    @property
    def value(self) -> dict[str, str]:
        """Return what a connection holds then."""
        return {key: text for key, text in self.typed.items() if text}

    def put_into(self, saved: Saved, changed: Saved) -> Saved:
        """Return a connection as edited: a secret that nobody typed anew stays what it was."""
        kept = {key: inner for key, inner in saved.value.items() if not self._is_gone(key)}
        return replace(changed, id=saved.id, renewal=saved.renewal, value={**kept, **self.value})

    def _is_gone(self, key: str) -> bool:
        emptied = not ConnectionField(key).is_secret and self.typed.get(key) == ""
        return key in self.forgotten or emptied


def posted() -> Saved:
    """Return the connection that the page sent, under a new id."""
    name = request.form.get("name", "").strip()
    if not name:
        abort(400, "Give the connection a name.")

    app_type = request.form.get("app_type", "").strip()
    return Saved(name, app_type, request.form.get("management", "custom"), Given.posted().value)


def _shown(saved: Saved) -> dict[str, Any]:
    kept = {"id": saved.id, "name": saved.name, "app_type": saved.app_type, "management": saved.management}
    return {
        **kept,
        "fields": list(saved.value),
        "is_login": saved.renewal is not None,
        "stand_in": saved.id == STAND_IN,
    }
