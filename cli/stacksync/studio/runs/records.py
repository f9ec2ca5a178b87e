"""A run as it is kept in a file: a mapping with parts that may be missing, so that releases can add some."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from stacksync.masking import mask_in
from stacksync.replacement import templates_in
from stacksync.runtime import forms
from stacksync.studio.form.controls import Input
from stacksync.studio.form.controls.kinds import connection_id
from stacksync.studio.runs.contract import ContractFinding
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.sending import Answer

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form


def without_secrets(form: "Form", filled: Input, secrets: Iterable[str]) -> Input:
    """Return an input as it may be written: passwords empty, connections as their ids, other secrets masked.

    Args:
        form: The form before its rules.
        secrets: What may stand nowhere in it.
    """
    known = frozenset(secrets)
    shown = forms.effective(form, filled.data)
    passwords = [each.value for each in forms.walk(shown, filled.data) if forms.is_secret(each.field, each.value)]
    in_passwords = {name for value in passwords if isinstance(value, str) for name in templates_in(value)}
    values = {name: text for name, text in filled.values.items() if name not in in_passwords}
    return Input(
        data=mask_in(forms.masked(shown, filled.data, _emptied), known),
        texts=mask_in(filled.texts, known),
        connection=filled.connection,
        values=mask_in(values, known),
    )


def record_of(entry: HistoryEntry, secrets: Iterable[str]) -> dict[str, Any]:
    """Return what is written of a call."""
    answer = {"status": entry.answer.status, "content_type": entry.answer.content_type, "ms": entry.answer.ms}
    rest = {
        "number": entry.number,
        "module_path": entry.module_path,
        "endpoint": entry.endpoint,
        "time": entry.time,
        "made": entry.made,
        "filled": asdict(entry.kept),
        "lacks_secrets": entry.lacks_secrets or replace(entry.filled, faults={}) != entry.kept,
        "answer": {**answer, "problem": entry.answer.problem, "is_cancelled": entry.answer.is_cancelled},
        "findings": [asdict(each) for each in entry.findings],
    }
    return {**mask_in(rest, secrets), "request": entry.request, "reply": entry.reply, "replaced": entry.replaced}


def entry_of(record: Mapping[str, Any]) -> HistoryEntry:
    """Return a call that was written.

    Raises:
        ValueError: It is none.
    """
    try:
        filled, reply = Input(**record["filled"]), str(record["reply"])
        return HistoryEntry(
            number=int(record["number"]),
            module_path=str(record["module_path"]),
            endpoint=str(record["endpoint"]),
            filled=filled,
            request=dict(record["request"]),
            answer=Answer(**record["answer"], body=reply.encode("utf-8", "surrogatepass")),
            reply=reply,
            findings=tuple(ContractFinding(**each) for each in record.get("findings", ())),
            made=str(record.get("made", "")),
            replaced=list(record.get("replaced", ())),
            time=float(record["time"]),
            kept=filled,
            lacks_secrets=bool(record.get("lacks_secrets")),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no run: {error}") from error


def _emptied(field: "Field", value: Any) -> Any:
    return connection_id(value) if field.type == "connection" else ""
