"""Forms that a module's Python code makes: asked for as the platform does when a step is opened."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacksync.comparison.versions import FormOf
from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import VENV, Interpreter
from stacksync.dev.processes.loaded import LoadedConnector, loaded_connector
from stacksync.dev.processes.worker import how_it_ended
from stacksync.errors import StacksyncError
from stacksync.runtime import decode, forms
from stacksync.studio.runs.contract import schema_of
from stacksync.studio.runs.envelopes import schema_body

if TYPE_CHECKING:
    from stacksync.comparison.connectors import Key

_UNGUARDED: dict[str, str | None] = {"CONNECTOR_TOKEN": None}  # who has the files need not know the token


def with_made_forms(
    connector: Connector, interpreter: Interpreter | None, found: "Mapping[Key, FormOf]"
) -> "dict[Key, FormOf]":
    """Return forms with those that code makes in the place of their schema.json, as they open without a connection.

    Args:
        connector: The connector that they are of; it is imported in a process that ends then.
        interpreter: What it runs with.
        found: Its forms.
    """
    asked = [key for key, form in found.items() if form.handler]
    if not asked:
        return dict(found)
    if interpreter is None:
        return {**found, **{key: replace(found[key], not_made=f"there is no {VENV}") for key in asked}}

    try:
        with loaded_connector(connector, interpreter, variables=_UNGUARDED) as loaded:
            return {**found, **{key: _made(loaded, found[key]) for key in asked}}
    except StacksyncError as error:
        return {**found, **{key: replace(found[key], not_made=str(error)) for key in asked}}


def _made(loaded: LoadedConnector, form: FormOf) -> FormOf:
    folder = form.version.folder
    if loaded.ended is not None:
        return replace(form, not_made=how_it_ended(loaded.ended))
    if problem := dict(loaded.problems).get(folder.module_path):
        return replace(form, not_made=problem)

    try:
        reply = loaded.call(folder, "schema", schema_body({}, {}), "diff")
        if reply.status != 200:
            return replace(form, not_made=f"it answered {reply.status}")
        return _with_answer(form, schema_of(decode(reply.body.decode())))
    except (StacksyncError, ValueError, RecursionError) as error:
        return replace(form, not_made=str(error))


def _with_answer(form: FormOf, schema: Any) -> FormOf:
    document = form.version.schema
    if document and document.value == schema:
        return replace(form, was_run=True)

    return replace(form, form=forms.read_form(schema), was_run=True, is_made=True, problem="")
