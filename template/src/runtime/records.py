"""Records, as modules that create, read or change them need them: fields that become a form and that read what comes
back from it, and the report of what became of each record.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from .choice import Choice
from .errors import ManagedError
from .forms import boolean, comma_separated, dropdown, split, text, to_number
from .http import ApiError
from .response import Response

Record = dict[str, Any]
Kind = Literal["text", "number", "boolean", "date", "datetime", "several"]

HINTS = {"number": "A number.", "date": "As 2026-01-31.", "datetime": "As 2026-01-31T12:00:00Z."}
YES_OR_NO = (Choice("", ""), Choice("true", "Yes"), Choice("false", "No"))
# The platform waits six minutes for an answer; one record takes less than a minute, whatever the API does.
LONGEST_RUN = 300.0
MOST_TRIES = 4


@dataclass(frozen=True)
class RecordField:
    """A field of the records of an object, as the API describes it; `several` holds any number of its choices."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    choices: Sequence[Choice] = ()
    description: str = ""

    def form_field(self, *, optional: bool = False) -> dict[str, Any]:
        """Return the field of a form: a text wherever a template may stand in it.

        Args:
            optional: Nothing is required, and a box that is not ticked says nothing: to change or to look for records.
        """
        offered = ", ".join(str(choice.value) for choice in self.choices)
        several = f"Any of these, with commas between them: {offered}." if self.kind == "several" else ""
        told = " ".join(filter(None, (self.description, HINTS.get(self.kind), several)))
        more: dict[str, Any] = {"description": told} if told else {}
        if self.kind == "boolean" and not optional:
            return boolean(self.name, self.label, **more)

        more["required"] = self.required and not optional
        if self.kind == "several":
            return comma_separated(self.name, self.label, **more)
        choices = YES_OR_NO if self.kind == "boolean" else self.choices
        if choices:
            return dropdown(self.name, self.label, choices=choices, **more)

        return text(self.name, self.label, **more)

    def read(self, value: Any) -> Any:
        """Return the value as the API wants it. The form sends texts, because templates are filled in as texts.

        Raises:
            ValueError: The field cannot hold it.
        """
        if not isinstance(value, str):
            return value
        if self.kind == "number":
            return self._number(value)
        if self.kind == "several":
            return split(value)
        if self.kind != "boolean":
            return value
        if value.strip().lower() not in {"true", "false"}:
            raise ValueError(f"{self.label} must be true or false, not {value!r}.")

        return value.strip().lower() == "true"

    def _number(self, text: str) -> int | float:
        number: str | int | float = to_number(text, whole=False)
        if isinstance(number, str):
            raise ValueError(f"{self.label} must be a number, not {text!r}.")

        return number


@dataclass(frozen=True)
class Outcome:
    """What became of one record: created, updated, deleted, skipped or failed; its id in the API; why."""

    status: str
    id: str | None = None
    message: str = ""


NOT_SENT = Outcome("failed", None, "It was not sent.")


def form_fields(fields: Iterable[RecordField], *, optional: bool = False) -> list[dict[str, Any]]:
    """Return the fields of a form, those that are required first."""
    ordered = sorted(fields, key=lambda field: optional or not field.required)
    return [field.form_field(optional=optional) for field in ordered]


def rows_id(chosen: str) -> str:
    """Return the id of the form's list of records: one for each object, so that no value outlives its field."""
    return chosen if chosen.endswith("s") else f"{chosen}s"


def read_rows(value: Any) -> list[Any]:
    """Return the records of a form; a template that stands for all of them arrives as JSON text.

    Raises:
        ManagedError: There is none (400).
    """
    rows = _unpacked(value)
    if not isinstance(rows, list) or not rows:
        raise ManagedError.validation_error("Give at least one record.")

    return rows


def read_record(row: Any, fields: Iterable[RecordField]) -> Record:
    """Return a record as the API wants it. A field that was left empty is not sent: the API would take it for a value.

    Raises:
        ValueError: It is no record, nothing is filled in, or a field cannot hold its value.
    """
    if not isinstance(row, dict):
        raise ValueError("A record must be an object.")
    filled = without_empty(row)
    if not filled:
        raise ValueError("Nothing is filled in.")

    known = {field.name: field for field in fields}
    return {name: known[name].read(value) if name in known else value for name, value in filled.items()}


def without_empty(values: Any) -> Record:
    """Return the values that were filled in.

    Raises:
        ValueError: They are none of an object.
    """
    held = _unpacked(values) or {}
    if not isinstance(held, dict):
        raise ValueError(f"Fields and their values are needed, not {held!r}.")

    return {name: value for name, value in held.items() if value not in (None, "", [], {})}


def read_ids(value: Any) -> list[str]:
    """Return the ids of a form: a text with commas between them, or a list, which a template may bring as JSON text.

    Raises:
        ManagedError: There is none (400).
    """
    held = _unpacked(value)
    ids = [str(each) for each in held] if isinstance(held, list) else split(held)
    if not ids:
        raise ManagedError.validation_error("Give at least one id.")

    return ids


def _unpacked(value: Any) -> Any:
    """Return a list or object that a template brought as JSON text; anything else as it is."""
    with suppress(ValueError, RecursionError):
        return json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in ("[", "{") else value
    return value


def read_limit(value: Any, most: int) -> int:
    """Return how many records are wanted, at most `most`; that many where nothing is filled in.

    Raises:
        ValueError: It is no number above 0.
    """
    number: Any = most if value in (None, "") else to_number(str(value), whole=True)
    if isinstance(number, str) or number < 1:
        raise ValueError(f"The number of records must be a whole number above 0, not {value!r}.")

    return min(int(number), most)


def path_segment(value: Any) -> str:
    """Return a name or an id as one part of a path, which leads nowhere else.

    Raises:
        ValueError: No path can have such a part.
    """
    if str(value or "").strip() in ("", ".", ".."):
        raise ValueError(f"{value!r} is no id of a record or name of an object." if value else "An id is missing.")

    return quote(str(value), safe="")


def for_each(rows: Sequence[Any], work: Callable[[Any], Outcome]) -> Response:
    """Do `work` for each record in order, and answer what became of each; one that fails does not stop the others.

    After a 500 nothing is repeated: whether the call was carried out, only the API knows. The rest is not sent once the
    API refuses the credentials or further calls, or when the time is up.

    Raises:
        ApiError: The API failed for every record.
    """
    ends = time.monotonic() + LONGEST_RUN
    outcomes: dict[int, Outcome] = {}
    faults: list[ApiError] = []
    for index, row in enumerate(rows):
        if time.monotonic() > ends or (faults and faults[-1].status in (401, 429)):
            outcomes[index] = NOT_SENT
            continue
        try:
            outcomes[index] = _done(work, row)
        except ApiError as error:
            outcomes[index] = Outcome("failed", None, _told(error))
            faults += [error] if is_fault(error) else []
        except (ManagedError, ValueError) as error:
            outcomes[index] = Outcome("failed", None, str(error))

    if faults and len(faults) + list(outcomes.values()).count(NOT_SENT) == len(outcomes):
        raise faults[-1]
    answer = report(outcomes)
    return Response(data=answer, metadata={"affected_records": answer["successful"]})


def _done(work: Callable[[Any], Outcome], row: Any, tries: int = MOST_TRIES) -> Outcome:
    try:
        return work(row)
    except ApiError as error:
        # With 429 the call was not carried out, so that it may be made again: the API client waits for its turn.
        if error.status != 429 or tries == 1:
            raise

    return _done(work, row, tries - 1)


def is_fault(error: ApiError) -> bool:
    """Say whether the API failed, rather than refuse what it was sent."""
    return error.status in (None, 401, 429) or error.status >= 500


def report(outcomes: Mapping[int, Outcome]) -> dict[str, Any]:
    """Return what became of each record, by its place in the request, and how many there are of a kind."""
    states = [outcome.status for outcome in outcomes.values()]
    failed, skipped = states.count("failed"), states.count("skipped")
    return {
        "total": len(states),
        "successful": len(states) - failed - skipped,
        "failed": failed,
        "results": [{"index": index, **vars(outcome)} for index, outcome in sorted(outcomes.items())],
    }


def _told(error: ApiError) -> str:
    # Without an answer, or after a fault of its own, the API may have done it.
    unknown = error.status is None or error.status >= 500
    return f"{error.error}; it may have been carried out." if unknown else str(error.error)
