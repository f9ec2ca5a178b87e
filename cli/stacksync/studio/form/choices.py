"""The choices of a form that come from the connector: asked for per field, remembered for the values they depend on."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms
from stacksync.studio.form.controls import FormState, Input, LoadedChoices, chooser
from stacksync.studio.form.schemas import Schema
from stacksync.studio.runs.contract import choices_of
from stacksync.studio.runs.history import HistoryEntry

if TYPE_CHECKING:
    from stacksync.runtime.forms import ContentObject, Field, Form, Steps

Key = tuple[str, str, str]

KEPT = 500  # answers, each for other values


@dataclass(frozen=True)
class ContentRequest:
    """A content object as one field of the form asks for it: what it depends on is looked up from that field.

    Args:
        key: what names the answer: the module, the content object, and all that the answer may depend on.
        missing: the fields that have to be filled in first.
    """

    wanted: "ContentObject"
    steps: "Steps"
    key: Key
    missing: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return what names it to the page, which shall not see what is filled in."""
        return hashlib.sha256(json.dumps(self.key).encode()).hexdigest()[:16]


def content_requests(schema: Schema, filled: Input) -> list[ContentRequest]:
    """Return every place of a form at which choices come from the connector; none waits for a connection."""
    if FormState(schema.form, connection=filled.connection).lacks_connection:
        return []

    form = forms.effective(schema.form, filled.data)
    found = forms.walk(form, _with_groups(form.fields, filled.data))
    reloading = [(each.field, each.value) for each in found if each.field.load_content]
    asking = [(each.steps, chooser(each.field).content) for each in found if not each.hidden]
    wanted = [(content, steps) for steps, source in asking if source for content in source.objects]
    return [_request_for(schema, form, filled, each, reloading) for each in wanted]


def _request_for(
    schema: Schema, form: "Form", filled: Input, at: "tuple[ContentObject, Steps]", reloading: list[Any]
) -> ContentRequest:
    wanted, steps = at
    values = {name: forms.value_of(form, name, steps, filled.data) for name in wanted.depends_on}
    reloads = [value for field, value in reloading if wanted.id in (field.reload_content_objects or (wanted.id,))]
    known = [filled.connection, list(values.values()), [None if value is forms.MISSING else value for value in reloads]]
    missing = tuple(name for name, value in values.items() if forms.is_empty(value))
    return ContentRequest(wanted, steps, (schema.folder.module_path, wanted.id, json.dumps(known)), missing)


def _with_groups(fields: "tuple[Field, ...]", data: Any) -> Any:
    """Return data with every group in it: one that nobody filled in is drawn too, and its choices are asked for."""
    if not isinstance(data, dict):
        return data

    groups = {each.id: each for each in fields if each.type == "object" and each.fields}
    made = {name: _with_groups(each.fields or (), data.get(name) or {}) for name, each in groups.items()}
    for each in fields:
        rows = data.get(each.id)
        if each.type == "array" and isinstance(rows, list):
            made[each.id] = [_with_groups(_fields_of(each, index), row) for index, row in enumerate(rows)]
    return {**data, **made}


def _fields_of(array: "Field", index: int) -> "tuple[Field, ...]":
    item = array.item(index)
    return (item.fields or ()) if item else ()


class Choices:
    """What content endpoints answered."""

    def __init__(self) -> None:
        self._answers: dict[Key, LoadedChoices] = {}

    def loaded(self, found: Iterable[ContentRequest]) -> "dict[tuple[str, Steps], LoadedChoices]":
        """Return what is known for requests, by content object and steps."""
        known = ((each, self._answers.get(each.key)) for each in found)
        return {(each.wanted.id, each.steps): answer for each, answer in known if answer}

    def unloaded(self, found: Iterable[ContentRequest]) -> list[ContentRequest]:
        """Return the requests to send: all they depend on is filled in; of those with one answer the first."""
        wanted = {each.key: each for each in found if each.key not in self._answers and not each.missing}
        return list(wanted.values())

    def awaited(self, found: Iterable[ContentRequest]) -> "frozenset[tuple[str, Steps]]":
        """Return which requests have no answer yet and can have one, by content object and steps."""
        return frozenset(
            (each.wanted.id, each.steps) for each in found if each.key not in self._answers and not each.missing
        )

    def keep(self, place: ContentRequest, answer: LoadedChoices) -> None:
        """Remember an answer, in the place of the oldest when there are many."""
        self._answers[place.key] = answer
        for key in list(self._answers)[:-KEPT]:
            self._answers.pop(key, None)

    def forget(self, module_path: str = "", names: Iterable[str] = ()) -> None:
        """Forget answers, so that they are asked for again.

        Args:
            module_path: the version of a module; "" for all, whose code may have changed.
            names: the content objects; none for all of them.
        """
        for key in list(self._answers):
            if module_path in ("", key[0]) and (not names or key[1] in names):
                self._answers.pop(key, None)


def refused(place: ContentRequest) -> LoadedChoices:
    """Return why choices cannot be asked for yet."""
    return LoadedChoices(error=f"Fill in {' and '.join(place.missing)} first: the choices depend on it.")


def answered(entry: HistoryEntry, name: str) -> LoadedChoices:
    """Return the choices in an answer, or what is wrong with it."""
    status = entry.answer.status
    if status is None or status >= 400:
        return LoadedChoices(error=entry.answer.problem or f"The connector answered {status}: see Content calls.")

    # The platform gets an empty list where the code fails: here it is said why.
    raised = [error for failure in entry.failures for error in failure.errors]
    reason = f"{raised[0].type}: {raised[0].message}" if raised else ""
    problem = reason or next((found.message for found in entry.findings), "")
    try:
        listed = choices_of(entry.answer.json, name)
    except ValueError:
        return LoadedChoices(error=problem)
    choices = tuple(forms.FieldChoice(value, label) for value, label in listed.choices)
    return LoadedChoices(choices, "" if choices else problem, listed.more)


def at_or_below(found: Iterable[ContentRequest], steps: "Steps") -> Iterator[ContentRequest]:
    """Yield the requests of a field and of the fields within it."""
    return (each for each in found if each.steps[: len(steps)] == steps)
