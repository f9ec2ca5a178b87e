"""Update the records of an object that are there already, and create the others."""

from typing import Any

from src.api_client import api_client, list_fields, list_objects, list_records, path_of
from src.runtime import Choice, Module, Request, Response
from src.runtime.forms import dropdown, records
from src.runtime.records import Outcome, for_each, form_fields, read_record, read_rows, rows_id

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return list_objects(api_client(request.connection()))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, the field that tells its records apart, and the records."""
    chosen = str(request.form_data.get("select_object") or "")
    if not chosen:
        return module.base_form()

    fields = list_fields(api_client(request.connection()), chosen)
    names = [(field.name, field.label) for field in fields]
    key = dropdown(f"{chosen}_key", "Match by", choices=names, required=True)
    return module.base_form(key, records(rows_id(chosen), "Records", *form_fields(fields)))


@module.execute
def execute(request: Request) -> Response:
    """Update or create each record; one that is refused does not stop the others."""
    api, chosen = api_client(request.connection()), str(request.data["select_object"])
    fields, key = list_fields(api, chosen), str(request.data.get(f"{chosen}_key") or "")

    def upsert(row: Any) -> Outcome:
        record = read_record(row, fields)
        there = find(record.get(key))
        if there is None:
            return Outcome("created", api.post(path_of(chosen), json=record).json().get("id"))

        api.patch(path_of(chosen, there), json=record)
        return Outcome("updated", there)

    def find(value: Any) -> str | None:
        """Return the id of the record that has the value."""
        if value is None:
            raise ValueError(f"Fill in {key or 'Match by'}: records are matched by it.")
        found = list(list_records(api, chosen, 2, {key: value}))
        # An API that does not know the filter gives other records.
        same = [str(each["id"]) for each in found if str(each.get(key)).casefold() == str(value).casefold()]
        if len(same) > 1:
            raise ValueError(f"Several records have {key} {value}.")
        return same[0] if same else None

    return for_each(read_rows(request.data.get(rows_id(chosen))), upsert)
