"""The form of a module while it is filled in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, get_template_attribute, request

from stacksync.errors import StacksyncError
from stacksync.runtime import forms
from stacksync.studio.form.choices import at_or_below, content_requests
from stacksync.studio.form.controls import (
    CONNECTION,
    MADE,
    Connection,
    FormState,
    Input,
    field_at,
    operate,
    parse,
    render_form,
    steps_of,
)
from stacksync.studio.form.schemas import Schema, makes_form
from stacksync.studio.runs.preparing import prepare
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder
    from stacksync.runtime.forms import Form

# Names to the page the requests for choices that can be sent now that what they depend on is filled in.
WANTS_CONTENT = "X-Stacksync-Wants-Content"

Errors = Mapping[str, str]


def routes(workspace: Workspace) -> Blueprint:
    """Return what draws a form again."""
    blueprint = Blueprint("forms", __name__, url_prefix="/m/<module>/<version>")

    @blueprint.post("/form")
    def form(module: str, version: str) -> Response:
        schema, filled = posted(workspace, module, version)
        operation = request.form.get("operation", "")
        verb, _, pointer = operation.partition(":")
        if verb == "reset":
            return opened(workspace, schema.folder)
        if operation:
            filled = replace(filled, data=operated(schema.form, filled.data, operation))
        if verb == "refresh":
            found = content_requests(schema, filled)
            for place in at_or_below(found, steps_of(pointer, filled.data)):
                workspace.load(schema, place, filled)
        return answer(workspace, schema, filled, shown_faults(workspace, schema, filled))

    @blueprint.post("/content")
    def content(module: str, version: str) -> Response:
        """Ask the connector for choices: those that the page names, each beside the others, or else all of them."""
        schema, filled = posted(workspace, module, version)
        wanted = request.form.get("wanted", "")
        for place in workspace.unloaded(schema, filled):
            if wanted in ("", place.id):
                workspace.load(schema, place, filled)
        if wanted:
            return Response(status=204)
        return answer(workspace, schema, filled, shown_faults(workspace, schema, filled))

    @blueprint.post("/load")
    def load(module: str, version: str) -> Response:
        """Ask the connector what a change asks for: of a field that loads, of the connection, or of the code."""
        schema, filled = posted(workspace, module, version)
        changed = request.form.get("changed", "")
        field = field_at(forms.effective(schema.form, filled.data), steps_of(changed, filled.data))
        if field and field.load_content:
            workspace.choices.forget(schema.folder.module_path, field.reload_content_objects)
        if field.load_schema if field else makes_form(schema.folder):
            schema, filled, errors = made(workspace, schema, filled, changed)
            return answer(workspace, schema, filled, errors)
        return answer(workspace, schema, filled)

    @blueprint.get("/choices/<name>")
    def choices(module: str, version: str, name: str) -> Response:
        """Return a long list of choices: a pair for each of what is posted and of its label."""
        found = workspace.choice_lists.get(name) or abort(404, "These choices are not kept any more: refresh them.")
        return Response(found.content, mimetype="application/json")

    return blueprint


def folder_of(workspace: Workspace, module: str, version: str) -> "VersionFolder":
    """Return the folder of a version; a page for one that is gone is a 404."""
    return workspace.folder(module, version) or abort(404, f"There is no module {module}/{version} any more.")


def posted(workspace: Workspace, module: str, version: str) -> tuple[Schema, Input]:
    """Return the form that the page shows, and what is filled in."""
    folder = folder_of(workspace, module, version)
    schema = workspace.schemas.read(folder, request.form.get(MADE, ""))
    return schema, parse(schema.form, request.form.items(multi=True))


def opened(workspace: Workspace, folder: "VersionFolder", filled: Input | None = None) -> Response:
    """Return a form anew: with its defaults, or with an input; the module is asked for it where it makes its own."""
    schema = workspace.schemas.read(folder)
    filled = filled or Input(forms.defaults_of(schema.form.fields))
    if not makes_form(folder):
        return answer(workspace, schema, filled)

    return answer(workspace, *made(workspace, schema, filled))


def shown_faults(workspace: Workspace, schema: Schema, filled: Input) -> Errors:
    """Return what is wrong, where the page shows it already: choices that arrive then must not take it away."""
    return prepare(schema, filled, workspace.connections).faults if request.form.get("faults") == "1" else {}


def operated(form: "Form", data: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return data after what a button does to it."""
    try:
        return operate(form, data, operation)
    except ValueError as error:
        abort(400, str(error))


def answer(workspace: Workspace, schema: Schema, filled: Input, errors: Errors | None = None) -> Response:
    """Return the form as HTML."""
    response = Response(draw(workspace, schema, filled, errors or {}), mimetype="text/html")
    if wanted := wanted_content(workspace, schema, filled):
        response.headers[WANTS_CONTENT] = wanted
    return response


def wanted_content(workspace: Workspace, schema: Schema, filled: Input) -> str:
    """Return the ids of the requests for choices that can be sent now."""
    return " ".join(each.id for each in workspace.unloaded(schema, filled))


def draw(workspace: Workspace, schema: Schema, filled: Input, errors: Errors | None = None) -> str:
    """Return the form as HTML, with what is wrong beside its fields."""
    found = content_requests(schema, filled)
    return render_form(
        FormState(
            form=schema.form,
            data=filled.data,
            texts=filled.texts,
            errors={**(errors or {}), **filled.faults},
            choices=workspace.choices.loaded(found),
            awaited=workspace.choices.awaited(found),
            connections=saved_connections(workspace),
            connection=filled.connection,
            values=filled.values,
            line=schema.line,
            made=schema.made,
            problem=schema.problem,
            file=workspace.connector.relative(schema.folder.schema_path),
            keep=workspace.choice_lists.keep,
            placed=get_template_attribute("places.html", "placed"),
        )
    )


def saved_connections(workspace: Workspace) -> tuple[Connection, ...]:
    """Return the saved connections without their values; none when their file is broken, which the page says."""
    try:
        saved = workspace.connections.all()
    except StacksyncError:
        return ()

    return tuple(Connection(each.id, each.name, each.app_type, each.management) for each in saved)


def made(
    workspace: Workspace, schema: Schema, filled: Input, changed: str = ""
) -> tuple[Schema, Input, dict[str, str]]:
    """Return the form that the module's own `/schema` makes of an input, and the input as it fits that form.

    Args:
        changed: The control whose change asks for it: what goes wrong is said there, and the form stays as it was.
    """
    schema, filled, fault = workspace.made(schema, filled)
    where = changed if changed != CONNECTION else ""
    return schema, filled, {where: fault} if fault else {}
