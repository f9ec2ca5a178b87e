"""Delete records of an object."""

from typing import Any

from src.api_client import api_client, list_objects, path_of
from src.runtime import Choice, Module, Request, Response
from src.runtime.forms import comma_separated
from src.runtime.records import Outcome, for_each, read_ids

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return list_objects(api_client(request.connection()))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, the ids of its records."""
    chosen = str(request.form_data.get("select_object") or "")
    if not chosen:
        return module.base_form()

    return module.base_form(comma_separated(f"{chosen}_ids", "Ids", required=True))


@module.execute
def execute(request: Request) -> Response:
    """Delete each record; one that is refused does not stop the others."""
    api, chosen = api_client(request.connection()), str(request.data["select_object"])

    def delete(record_id: str) -> Outcome:
        api.delete(path_of(chosen, record_id))
        return Outcome("deleted", record_id)

    return for_each(read_ids(request.data.get(f"{chosen}_ids")), delete)
