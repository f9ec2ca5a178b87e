"""Update records of an object."""

from typing import Any

from src.api_client import api_client, list_fields, list_objects, path_of
from src.runtime import Choice, Module, Request, Response
from src.runtime.forms import records, text
from src.runtime.records import Outcome, for_each, form_fields, read_record, read_rows, rows_id

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return list_objects(api_client(request.connection()))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, the ids of its records and the fields to change."""
    chosen = str(request.form_data.get("select_object") or "")
    if not chosen:
        return module.base_form()

    fields = form_fields(list_fields(api_client(request.connection()), chosen), optional=True)
    return module.base_form(records(rows_id(chosen), "Records", text("id", "Id", required=True), *fields))


@module.execute
def execute(request: Request) -> Response:
    """Change the fields of each record that are filled in; one that is refused does not stop the others."""
    api, chosen = api_client(request.connection()), str(request.data["select_object"])
    fields = list_fields(api, chosen)

    def update(row: Any) -> Outcome:
        changes = read_record(row, fields)
        record_id = str(changes.pop("id", ""))
        if not changes:
            raise ValueError("Nothing is to be changed.")
        api.patch(path_of(chosen, record_id), json=changes)
        return Outcome("updated", record_id)

    return for_each(read_rows(request.data.get(rows_id(chosen))), update)
