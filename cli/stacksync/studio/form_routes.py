"""The form of a module while it is filled in."""

import json
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, request

from stacksync.errors import StacksyncError
from stacksync.runtime import forms

from .contract import schema_of
from .controls import Connection, FormState, Parsed, operate, parse, render_form
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
        folder = folder_of(workspace, module, version)
        schema = workspace.schemas.read(folder)
        parsed = parse(schema.form, posted())
        operation = request.form.get("operation", "")
        data = operated(schema.form, parsed.data, operation) if operation else parsed.data
        verb, _, pointer = operation.partition(":")
        if verb == "refresh":
            _refresh(workspace, folder, schema.form, data, pointer)
        return answer(workspace, folder, schema, Parsed(data, parsed.texts, parsed.faults))

    @blueprint.post("/content")
    def content(module: str, version: str) -> Response:
        folder = folder_of(workspace, module, version)
        schema = workspace.schemas.read(folder)
        parsed = parse(schema.form, posted())
        for wanted in workspace.unloaded(folder, schema.form, parsed.data):
            workspace.load(folder, wanted, parsed.data)
        return answer(workspace, folder, schema, parsed)

    @blueprint.post("/load-schema")
    def load_schema(module: str, version: str) -> Response:
        folder = folder_of(workspace, module, version)
        schema = workspace.schemas.read(folder)
        parsed = parse(schema.form, posted())
        return answer(workspace, folder, _answered(workspace, folder, schema, parsed.data), parsed)

    return blueprint


def folder_of(workspace: Workspace, module: str, version: str) -> "VersionFolder":
    """Return the folder of a version; a page for one that is gone is a 404."""
    return workspace.folder(module, version) or abort(404, f"There is no module {module}/{version} any more.")


def posted() -> list[tuple[str, str]]:
    """Return the names and texts that the page sent."""
    return list(request.form.items(multi=True))


def operated(form: "Form", data: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return data after what a button does to it."""
    try:
        return operate(form, data, operation)
    except ValueError as error:
        abort(400, str(error))


def answer(workspace: Workspace, folder: "VersionFolder", schema: Schema, parsed: Parsed) -> Response:
    """Return the form as HTML."""
    response = Response(draw(workspace, folder, schema, parsed), mimetype="text/html")
    if workspace.unloaded(folder, schema.form, parsed.data):
        response.headers[WANTS_CONTENT] = "1"
    return response


def draw(
    workspace: Workspace,
    folder: "VersionFolder",
    schema: Schema,
    parsed: Parsed,
    errors: "tuple[FieldError, ...]" = (),
) -> str:
    """Return the form as HTML, with what is wrong beside its fields."""
    found = {pointer_of(error.field): error.message for error in reversed(errors)}
    return render_form(
        FormState(
            form=schema.form,
            data=parsed.data,
            texts=parsed.texts,
            errors={**found, **parsed.faults},
            choices=workspace.loaded(folder, schema.form, parsed.data),
            connections=saved_connections(workspace),
            line=schema.line,
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


def _refresh(workspace: Workspace, folder: "VersionFolder", form: "Form", data: dict[str, Any], pointer: str) -> None:
    """Load the choices of one field anew; of all its content objects, and of its items'."""
    names = {step for step in pointer.split("/") if step and not step.isdigit()}
    shown = forms.effective(form, data)
    wanted = [
        found.id
        for field in shown.walk()
        if field.id in names
        for each in field.walk()
        for found in (each.content.objects if each.content else ())
    ]
    for each in shown.content_objects():
        if each.id in wanted:
            workspace.load(folder, each, data)


def _answered(workspace: Workspace, folder: "VersionFolder", schema: Schema, data: dict[str, Any]) -> Schema:
    """Return the form that the module's own `/schema` makes for this data; as it was when there is no such answer."""
    form_data = workspace.filled(schema.form, data)
    body = {"data": {"schema": json.loads(schema.text), "form_data": form_data, "content_objects": []}}
    entry = workspace.ask(folder, "schema", data, {**body, "credentials": {}})
    if entry.answer.status != 200:
        return schema
    try:
        made = schema_of(entry.answer.json)
        return Schema(forms.read_form(made), json.dumps(made, indent=2))
    except ValueError:
        return schema
