"""Create contacts, or records of another type, in HubSpot or Salesforce.

The CRMs differ in `crm/`; this file is what they have in common: the form's values, duplicates, batches, the report.
"""

from typing import Any

from src.runtime import Choice, ManagedError, Module, Request, Response

from .crm import Crm, Outcome, Record, connect, find_duplicates

module = Module(__name__)

# The CRM read the call and created nothing: it holds a faulty record, or one that is there already.
REFUSED = {400, 409}


@module.execute
def execute(request: Request) -> Response:
    """Create the records that are not there yet, and say for each what became of it."""
    data = request.data
    crm = _connect(request, data)
    records: list[Record] = data["contacts_data"]

    outcomes = find_duplicates(crm, data["object_type"], data.get("duplicate_fields") or [], records)
    waiting = {index: record for index, record in enumerate(records) if index not in outcomes}
    if data.get("all_or_none"):
        outcomes |= _create_all_or_none(crm, data["object_type"], waiting)
    else:
        size = min(data.get("batch_size") or crm.largest_batch, crm.largest_batch)
        outcomes |= _create_in_batches(crm, data["object_type"], waiting, size)

    return Response(data=_report(outcomes), metadata=_count(outcomes))


@module.content("object_types")
def object_types(request: Request) -> list[Choice]:
    """List the types of records that the connected CRM can create."""
    return _connect(request, request.form_data).object_types()


@module.content("object_fields")
def object_fields(request: Request) -> list[Choice]:
    """List the fields of the chosen type that can be filled in and searched for."""
    object_type = request.form_data.get("object_type")
    if not object_type:
        return []

    return _connect(request, request.form_data).fields(object_type)


def _connect(request: Request, values: dict[str, Any]) -> Crm:
    return connect(str(values.get("crm")), request.connection("connection"), float(values.get("timeout") or 30))


def _create_all_or_none(crm: Crm, object_type: str, waiting: dict[int, Record]) -> dict[int, Outcome]:
    if len(waiting) > crm.largest_batch:
        limit = f"The CRM creates at most {crm.largest_batch} records all or none, and these are {len(waiting)}."
        raise ManagedError.validation_error(f"{limit} Send fewer at a time, or switch `all_or_none` off.")
    if not waiting:
        return {}

    outcomes = _send(crm, object_type, waiting, all_or_none=True)
    if any(outcome.status == "failed" for outcome in outcomes.values()):
        raise ManagedError("No record was created.", _report(outcomes), _count(outcomes), status_code=422)

    return outcomes


def _create_in_batches(crm: Crm, object_type: str, waiting: dict[int, Record], size: int) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    indexes = list(waiting)
    for start in range(0, len(indexes), size):
        batch = {index: waiting[index] for index in indexes[start : start + size]}
        try:
            outcomes |= _send(crm, object_type, batch, all_or_none=False)
        except ManagedError as error:
            if not any(outcome.status == "created" for outcome in outcomes.values()):
                raise
            # An error would hide what was created before; nobody could then tell what to send again.
            outcomes |= dict.fromkeys(batch, Outcome("failed", None, f"{error.error}; it may have been created."))
            return outcomes | dict.fromkeys(indexes[start + size :], Outcome("failed", None, "It was not sent."))

    return outcomes


def _send(crm: Crm, object_type: str, batch: dict[int, Record], *, all_or_none: bool) -> dict[int, Outcome]:
    try:
        results = crm.create(object_type, list(batch.values()), all_or_none=all_or_none)
    except ManagedError as error:
        if error.metadata.get("status") not in REFUSED:
            raise
        return dict.fromkeys(batch, Outcome("failed", None, str(error.error)))

    return dict(zip(batch, results, strict=True))


def _report(outcomes: dict[int, Outcome]) -> dict[str, Any]:
    """Return what became of each record, by its place in the request."""
    each = ({"index": index, **vars(outcome)} for index, outcome in sorted(outcomes.items()))
    return {"records": list(each)}


def _count(outcomes: dict[int, Outcome]) -> dict[str, int]:
    states = [outcome.status for outcome in outcomes.values()]
    counts = {state: states.count(state) for state in ("created", "skipped", "failed")}
    return {"affected_records": counts["created"], **counts}
