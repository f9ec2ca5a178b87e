"""Create contacts, or records of another object, in HubSpot or Salesforce.

The form: the connection says which CRM it is, `objects` lists what can be created there, `schema` adds the fields of
the chosen object. The run: `execute` reads the records, skips duplicates, and creates the rest in batches. What the
CRMs do not have in common is in `crm/`.
"""

from collections.abc import Mapping
from typing import Any

from src.runtime import Choice, Connection, ManagedError, Module, Request, Response
from src.runtime.forms import records, split
from src.runtime.records import Outcome, RecordField, form_fields, read_record, read_rows, report, rows_id

from .crm.hubspot import HubSpot
from .crm.records import Crm, Record, find_duplicates
from .crm.salesforce import Salesforce

module = Module(__name__)

CRMS: Mapping[str, type[HubSpot] | type[Salesforce]] = {"hubspot": HubSpot, "salesforce": Salesforce}

# The CRM read the call and created nothing: it holds a faulty record, or one that is there already.
REFUSED = {400, 409}

# --- the form ------------------------------------------------------------------------------------


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects that the connected CRM can create."""
    connection = request.connection()
    return connect(connection, request.form_data).objects() if connection else []


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form of schema.json, with the fields of an object once one is chosen."""
    connection, chosen = request.connection(), str(request.form_data.get("select_object") or "")
    if not (connection and chosen):
        return module.base_form()

    fields = form_fields(connect(connection, request.form_data).fields(chosen))
    rows = records(rows_id(chosen), "Records", *fields, description="One for each record.")
    return module.base_form(rows, after="select_object")


# --- the run -------------------------------------------------------------------------------------


@module.execute
def execute(request: Request) -> Response:
    """Create the records that are not there yet, and say for each what became of it."""
    data, chosen = request.data, str(request.data["select_object"])
    crm = connect(request.connection(), data)
    fields = {field.name: field for field in crm.fields(chosen)}

    waiting, outcomes = _read(data.get(rows_id(chosen)), fields)
    outcomes |= find_duplicates(crm, chosen, _compared(data.get("duplicate_fields"), fields), waiting)
    waiting = {index: record for index, record in waiting.items() if index not in outcomes}
    create = _create_all_or_none if data.get("all_or_none") else _create_in_batches
    answer = _report(create(crm, chosen, waiting, outcomes))

    return Response(data=answer, metadata={"affected_records": answer["successful"]})


def _read(rows: Any, fields: Mapping[str, RecordField]) -> tuple[dict[int, Record], dict[int, Outcome]]:
    """Return the records by their place in the request, and the outcome of those that cannot be read."""
    read = {index: _read_record(row, fields) for index, row in enumerate(read_rows(rows))}
    return (
        {index: each for index, each in read.items() if not isinstance(each, Outcome)},
        {index: each for index, each in read.items() if isinstance(each, Outcome)},
    )


def _read_record(row: Any, fields: Mapping[str, RecordField]) -> Record | Outcome:
    try:
        return read_record(row, fields.values())
    except ValueError as error:
        return Outcome("failed", None, str(error))


def _compared(names: Any, fields: Mapping[str, RecordField]) -> list[str]:
    wanted = split(names or "")
    unknown = [name for name in wanted if name not in fields]
    if unknown:
        raise ManagedError.validation_error(f"Skip duplicates by: there is no field {', '.join(unknown)} to compare.")

    return wanted


def _create_all_or_none(
    crm: Crm, chosen: str, waiting: dict[int, Record], outcomes: dict[int, Outcome]
) -> dict[int, Outcome]:
    if len(waiting) > crm.largest_batch:
        limit = f"The CRM creates at most {crm.largest_batch} records all or none, and these are {len(waiting)}."
        raise ManagedError.validation_error(f"{limit} Send fewer at a time, or switch `all_or_none` off.")
    if any(outcome.status == "failed" for outcome in outcomes.values()):
        outcomes |= dict.fromkeys(waiting, Outcome("failed", None, "It was not sent."))
    elif waiting:
        outcomes |= _send(crm, chosen, waiting, all_or_none=True)
    if any(outcome.status == "failed" for outcome in outcomes.values()):
        raise ManagedError("No record was created.", _report(outcomes), {"affected_records": 0}, status_code=422)

    return outcomes


def _create_in_batches(
    crm: Crm, chosen: str, waiting: dict[int, Record], outcomes: dict[int, Outcome]
) -> dict[int, Outcome]:
    indexes = list(waiting)
    for start in range(0, len(indexes), crm.largest_batch):
        batch = {index: waiting[index] for index in indexes[start : start + crm.largest_batch]}
        try:
            outcomes |= _send(crm, chosen, batch, all_or_none=False)
        except ManagedError as error:
            if not any(outcome.status == "created" for outcome in outcomes.values()):
                raise
            # An error would hide what was created before; nobody could then tell what to send again.
            outcomes |= dict.fromkeys(batch, Outcome("failed", None, f"{error.error}; it may have been created."))
            rest = indexes[start + crm.largest_batch :]
            return outcomes | dict.fromkeys(rest, Outcome("failed", None, "It was not sent."))

    return outcomes


def _send(crm: Crm, chosen: str, batch: dict[int, Record], *, all_or_none: bool) -> dict[int, Outcome]:
    try:
        results = crm.create(chosen, list(batch.values()), all_or_none=all_or_none)
    except ManagedError as error:
        if error.metadata.get("status") not in REFUSED:
            raise
        return dict.fromkeys(batch, Outcome("failed", None, str(error.error)))

    return dict(zip(batch, results, strict=True))


def _report(outcomes: dict[int, Outcome]) -> dict[str, Any]:
    skipped = sum(outcome.status == "skipped" for outcome in outcomes.values())
    return {**report(outcomes), "skipped": skipped}


# --- both ----------------------------------------------------------------------------------------


def connect(connection: Connection, form: Mapping[str, Any]) -> Crm:
    """Return the CRM that the connection is of; a form without the platform's connection picker has a field for it.

    Raises:
        ManagedError: It is of no CRM that this module knows, or it lacks what that CRM needs.
    """
    name = next((name for name in (connection.connection_app_type, form.get("crm")) if name in CRMS), None)
    if name is None:
        raise ManagedError.validation_error(f"Choose a connection of one of these CRMs: {', '.join(CRMS)}.")

    return CRMS[name](connection)
