"""Get one record of an object."""

from typing import Any

from src.api_client import api_client, list_fields, list_objects, list_records, path_of
from src.runtime import Choice, Choices, Module, Request, Response
from src.runtime.forms import dropdown

OFFERED = 100

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return list_objects(api_client(request.connection()))


@module.content("records")
def records(request: Request) -> Choices:
    """List records of the chosen object, each by its first field; the id of another one can be typed."""
    api, chosen = api_client(request.connection()), str(request.form_data.get("select_object") or "")
    if not chosen:
        return Choices([])

    name = list_fields(api, chosen)[0].name
    found = list(list_records(api, chosen, OFFERED + 1))
    choices = [Choice(each["id"], str(each.get(name) or each["id"])) for each in found[:OFFERED]]
    return Choices(choices, has_next_page=len(found) > OFFERED)


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, which of its records."""
    chosen = str(request.form_data.get("select_object") or "")
    if not chosen:
        return module.base_form()

    which = dropdown(f"{chosen}_id", "Record", required=True, content="records", depends_on=["select_object"])
    return module.base_form(which)


@module.execute
def execute(request: Request) -> Response:
    """Return the record."""
    chosen = str(request.data["select_object"])
    path = path_of(chosen, str(request.data.get(f"{chosen}_id") or ""))

    return Response(data=api_client(request.connection()).get(path).json())
