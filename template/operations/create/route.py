"""Create records of an object."""

from typing import Any

from src.api_client import api_client, list_fields, list_objects, path_of
from src.runtime import Choice, Module, Request, Response
from src.runtime.forms import records
from src.runtime.records import Outcome, for_each, form_fields, read_record, read_rows, rows_id

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return list_objects(api_client(request.connection()))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, its records with their fields."""
    chosen = str(request.form_data.get("select_object") or "")
    if not chosen:
        return module.base_form()

    fields = form_fields(list_fields(api_client(request.connection()), chosen))
    return module.base_form(records(rows_id(chosen), "Records", *fields))


@module.execute
def execute(request: Request) -> Response:
    """Create each record; one that is refused does not stop the others."""
    api, chosen = api_client(request.connection()), str(request.data["select_object"])
    fields = list_fields(api, chosen)

    def create(row: Any) -> Outcome:
        made = api.post(path_of(chosen), json=read_record(row, fields)).json()
        return Outcome("created", made.get("id"))

    return for_each(read_rows(request.data.get(rows_id(chosen))), create)
