"""The form of a module while it is filled in."""

import json
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, request

from stacksync.errors import StacksyncError
from stacksync.runtime import forms

from .contract import schema_of
from .controls import MADE, Connection, FormState, Parsed, operate, parse, render_form
from .schemas import Schema
from .workspace import Workspace

if TYPE_CHECKING:
    from src.runtime.discovery import VersionFolder
    from src.runtime.forms import FieldError, Form

# Tells the page that choices can be loaded now that what they depend on is filled in.
WANTS_CONTENT = "X-Stacksync-Wants-Content"


def routes(workspace: Workspace) -> Blueprint:
    """Return what draws a form again."""
    blueprint = Blueprint("forms", __name__, url_prefix="/m/<module>/<version>")

    @blueprint.post("/form")
    def form(module: str, version: str) -> Response:
        schema, parsed = posted(workspace, module, version)
        operation = request.form.get("operation", "")
        if operation == "reset":
            schema = workspace.schemas.read(schema.folder)
        data = operated(schema.form, parsed.data, operation) if operation else parsed.data
        verb, _, pointer = operation.partition(":")
        if verb == "refresh":
            _refresh(workspace, schema, data, pointer)
        return answer(workspace, schema, Parsed(data, parsed.texts, parsed.faults))

    @blueprint.post("/content")
    def content(module: str, version: str) -> Response:
        schema, parsed = posted(workspace, module, version)
        for wanted in workspace.unloaded(schema, parsed.data):
            workspace.load(schema, wanted, parsed.data)
        return answer(workspace, schema, parsed)

    @blueprint.post("/load-schema")
    def load_schema(module: str, version: str) -> Response:
        schema, parsed = posted(workspace, module, version)
        return answer(workspace, _made(workspace, schema, parsed.data), parsed)

    return blueprint


def folder_of(workspace: Workspace, module: str, version: str) -> "VersionFolder":
    """Return the folder of a version; a page for one that is gone is a 404."""
    return workspace.folder(module, version) or abort(404, f"There is no module {module}/{version} any more.")


def posted(workspace: Workspace, module: str, version: str) -> tuple[Schema, Parsed]:
    """Return the form that the page shows, and what is filled in."""
    folder = folder_of(workspace, module, version)
    schema = workspace.schemas.read(folder, request.form.get(MADE, ""))
    return schema, parse(schema.form, request.form.items(multi=True))


def operated(form: "Form", data: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return data after what a button does to it."""
    try:
        return operate(form, data, operation)
    except ValueError as error:
        abort(400, str(error))


def answer(workspace: Workspace, schema: Schema, parsed: Parsed) -> Response:
    """Return the form as HTML."""
    response = Response(draw(workspace, schema, parsed), mimetype="text/html")
    if workspace.unloaded(schema, parsed.data):
        response.headers[WANTS_CONTENT] = "1"
    return response


def draw(workspace: Workspace, schema: Schema, parsed: Parsed, errors: "tuple[FieldError, ...]" = ()) -> str:
    """Return the form as HTML, with what is wrong beside its fields."""
    found = {pointer_of(error.field): error.message for error in reversed(errors)}
    return render_form(
        FormState(
            form=schema.form,
            data=parsed.data,
            texts=parsed.texts,
            errors={**found, **parsed.faults},
            choices=workspace.loaded(schema, parsed.data),
            connections=saved_connections(workspace),
            line=schema.line,
            made=schema.made,
            problem=schema.problem,
        )
    )


def saved_connections(workspace: Workspace) -> tuple[Connection, ...]:
    """Return the saved connections without their values; none when their file is broken, which the page says."""
    try:
        saved = workspace.connections.all()
    except StacksyncError:
        return ()

    return tuple(Connection(each.id, each.name, each.app_type, each.management) for each in saved)


def pointer_of(path: str) -> str:
    """Return the JSON Pointer of a place that validation names, such as `contacts[0].email`."""
    steps = re.findall(r"[^.\[\]]+", path)
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def _refresh(workspace: Workspace, schema: Schema, data: dict[str, Any], pointer: str) -> None:
    """Load the choices of one field anew; of all its content objects, and of its items'."""
    names = {step for step in pointer.split("/") if step and not step.isdigit()}
    shown = forms.effective(schema.form, data)
    wanted = [
        found.id
        for field in shown.walk()
        if field.id in names
        for each in field.walk()
        for found in (each.content.objects if each.content else ())
    ]
    for each in shown.content_objects():
        if each.id in wanted:
            workspace.load(schema, each, data)


def _made(workspace: Workspace, schema: Schema, data: dict[str, Any]) -> Schema:
    """Return the form that the module's own `/schema` makes for this data; as it was when there is no such answer."""
    own = workspace.schemas.read(schema.folder)
    form_data = workspace.filled(schema, data)
    body = {"data": {"schema": json.loads(own.text), "form_data": form_data, "content_objects": []}}
    entry = workspace.ask(schema, "schema", data, {**body, "credentials": {}})
    if entry.answer.status != 200:
        return schema
    try:
        return workspace.schemas.keep(own, schema_of(entry.answer.json))
    except ValueError:
        return schema
