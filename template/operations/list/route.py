"""List the records of an object, page after page."""

from typing import Any

from src.api_client import api_client, list_fields, list_objects, list_records
from src.runtime import Choice, Module, Request, Response
from src.runtime.forms import group, text
from src.runtime.records import form_fields, read_limit, without_empty

MOST = 1000

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return list_objects(api_client(request.connection()))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, which of its records are wanted, and how many."""
    chosen = str(request.form_data.get("select_object") or "")
    if not chosen:
        return module.base_form()

    fields = form_fields(list_fields(api_client(request.connection()), chosen), optional=True)
    limit = text("limit", "Limit", default="100", description=f"How many records at most, up to {MOST}.")
    return module.base_form(group(f"{chosen}_filters", "Only those with", *fields), limit)


@module.execute
def execute(request: Request) -> Response:
    """Return the records, and whether there are more."""
    data, chosen = request.data, str(request.data["select_object"])
    limit = read_limit(data.get("limit"), MOST)
    filters = without_empty(data.get(f"{chosen}_filters"))
    found = list(list_records(api_client(request.connection()), chosen, limit + 1, filters))

    return Response(data={"records": found[:limit], "total": len(found[:limit]), "has_more": len(found) > limit})
