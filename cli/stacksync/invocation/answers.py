"""The places of a form that can be asked for, and the question that stands for each control."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stacksync.invocation import prompts
from stacksync.invocation.prompts import Asked
from stacksync.runtime import forms
from stacksync.runtime.forms import FieldValue
from stacksync.studio.form.controls import FormState, chooser
from stacksync.studio.form.controls.kinds import UNSET, kind_of
from stacksync.studio.form.controls.options import Option, connection_options, loaded, options
from stacksync.studio.form.controls.parsing import blank
from stacksync.studio.form.controls.texts import from_json, from_text, to_text
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form, Steps

# Says what the connector would refuse at a place of the data; None for nothing.
Fault = Callable[[Mapping[str, Any], "Steps"], str | None]

MORE = -1  # a step that no data has: the question whether a list gets another item


@dataclass(frozen=True)
class Places:
    """The places of an effective form, with what the data holds there.

    Args:
        everything: Whether groups that are not given count too.
    """

    form: "Form"
    data: Mapping[str, Any]
    everything: bool = False

    def in_order(self) -> Iterator[FieldValue]:
        """Yield every place that is shown, in the order of the form; a list ends with the question for another item."""
        yield from self._within(self.form.ordered(), self.data, ())

    def named(self, name: str, steps: "Steps") -> FieldValue | None:
        """Return the place of a field as another one names it: beside that one first, then from the root."""
        wanted = next((each for each in self.in_order() if _is_named(each.steps, name, steps[:-1])), None)
        return wanted or next((each for each in self.in_order() if _is_named(each.steps, name, ())), None)

    def _within(self, fields: "tuple[Field, ...]", data: Any, steps: "Steps") -> Iterator[FieldValue]:
        for each in fields:
            if not each.hidden and each.id:
                value = data.get(each.id, UNSET) if isinstance(data, Mapping) else UNSET
                yield from self._at(each, value, (*steps, each.id))

    def _at(self, field: "Field", value: Any, steps: "Steps") -> Iterator[FieldValue]:
        kind = kind_of(field, value)
        if kind == "group":
            # What a group requires is required of one that is given.
            is_given = isinstance(value, Mapping) or field.required or self.everything
            yield from self._within(field.ordered(), value, steps) if is_given else ()
        elif kind == "repeater":
            items = value if isinstance(value, list) else []
            for index, item in enumerate(items):
                yield from self._at(field.item(index) or forms.Field("items"), item, (*steps, index))
            yield FieldValue(field, value, (*steps, len(items), MORE))
        else:
            yield FieldValue(field, value, steps)


def _is_named(steps: "Steps", name: str, scope: "Steps") -> bool:
    return tuple(map(str, steps)) == (*map(str, scope), *name.split("."))


def answer_to(place: FieldValue, state: FormState, fault: Fault) -> dict[str, Any]:
    """Ask for the value of a place, and return the data with it.

    Args:
        place: Where, and what stands there now.
        state: The form, with the choices that are loaded.
        fault: Checks an answer.
    """
    if place.steps[-1] == MORE:
        return _another_item(place, state.data)

    def with_answer(value: Any) -> dict[str, Any]:
        if value is UNSET and place.value is UNSET:
            return dict(state.data)  # without the group that it would stand in

        made: dict[str, Any] = _put(state.data, place.steps, value)
        return made

    question = _Question(place, state, lambda value: fault(with_answer(value), place.steps) or True)
    return with_answer(QUESTIONS[kind_of(place.field, place.value)](question))


def _another_item(place: FieldValue, data: Mapping[str, Any]) -> dict[str, Any]:
    field, steps = place.field, place.steps[:-2]
    items = place.value if isinstance(place.value, list) else []
    wanted = field.required and not items
    message = f"Add {'another' if items else 'an'} item to {field.name}?"
    if not (wanted or prompts.confirm(Asked(message))):
        return dict(data)

    item = field.item(len(items)) or forms.Field("items")
    made: dict[str, Any] = _put(data, steps, [*items, blank(item)])
    return made


@dataclass(frozen=True)
class _Question:
    """A question for the value of one place.

    Args:
        check: Says what is wrong with a value; True if nothing is.
    """

    place: FieldValue
    state: FormState
    check: Callable[[Any], "bool | str"]

    @property
    def field(self) -> "Field":
        return self.place.field

    @property
    def value(self) -> Any:
        return None if self.place.value is UNSET else self.place.value

    def asked(self, read: Callable[[Any], Any]) -> Asked:
        """Return the words of the question; `read` makes the value of what is typed."""

        def validate(typed: Any) -> bool | str:
            try:
                return self.check(read(typed))
            except ValueError as error:
                return f"That is no JSON: {error}"

        mark = "" if self.field.required else " (optional)"
        return Asked(f"{self._name()}{mark}", self.field.description, validate)

    def _name(self) -> str:
        indexes = [step for step in self.place.steps if isinstance(step, int)]
        return f"{self.field.name} {indexes[-1] + 1}" if indexes else self.field.name

    def offered(self) -> list[Option]:
        return options(self.state, chooser(self.field), self.place.steps, self.place.value)

    def problem(self) -> str:
        """Return why there are no choices."""
        found = loaded(self.state, chooser(self.field), self.place.steps)
        return next((each.error for each in found if each.error), "")


def _text(question: _Question) -> Any:
    return _text_or_unset(prompts.text(question.asked(_text_or_unset), _shown(question.value)))


def _text_or_unset(typed: str) -> Any:
    return typed or UNSET


def _password(question: _Question) -> Any:
    return _text_or_unset(prompts.password(question.asked(_text_or_unset)))


def _any(question: _Question) -> Any:
    def read(typed: str) -> Any:
        return from_text(typed) if typed else UNSET

    return read(prompts.text(question.asked(read), to_text(question.value) if question.value is not None else ""))


def _json(question: _Question) -> Any:
    def read(typed: str) -> Any:
        if not typed.strip():
            return UNSET
        return typed if forms.has_template(typed) else from_json(typed)

    default = "" if question.value is None else json.dumps(question.value, ensure_ascii=False)
    help_text = f"{question.field.description} (JSON)".strip()
    return read(prompts.text(replace(question.asked(read), help=help_text), default))


def _checkbox(question: _Question) -> Any:
    answer = prompts.confirm(question.asked(bool), default=question.value is True)
    is_left_alone = not answer and question.place.value is UNSET and not question.field.required
    return UNSET if is_left_alone else answer


def _select(question: _Question) -> Any:
    """Choose among what is offered, or type a value where the field takes one of one's own or nothing is offered."""
    offered = question.offered()
    if not offered:
        if question.problem():
            say(f"note: {question.field.name} has no choices. {question.problem()}", err=True)
        return _any(question)

    own, none = object(), object()
    found: list[tuple[str, Any]] = [(each.label, from_text(each.text)) for each in offered]
    if kind_of(question.field, question.place.value) == "open":
        found.append((OWN_VALUE, own))
    if not question.field.required:
        found.append((NOTHING, none))
    chosen = next((from_text(each.text) for each in offered if each.chosen), None)
    value = prompts.choose(question.asked(lambda value: value), found, chosen)
    if value is own:
        return _text(question)
    return UNSET if value is none else value


OWN_VALUE = "(another value, or a template)"
NOTHING = "(nothing)"


def _many(question: _Question) -> Any:
    offered = [(each.label, from_text(each.text), each.chosen) for each in question.offered()]
    if not offered:
        return _json(question)

    return prompts.choose_some(question.asked(lambda value: value), offered) or UNSET


def _connection(question: _Question) -> Any:
    """Choose a saved connection by its name; what it holds is filled in when it is sent."""
    found = [(each.label, each.text) for each in connection_options(question.state, question.field, question.value)]
    if not found:
        say(f"note: no connection that fits {question.field.name} is saved: stacksync connect NAME", err=True)
        return UNSET
    none = [] if question.field.required else [(NOTHING, UNSET)]
    return prompts.choose(replace(question.asked(lambda value: value), validate=lambda _: True), [*found, *none])


QUESTIONS: Mapping[str, Callable[[_Question], Any]] = {
    "text": _text,
    "number": _text,
    "template": _text,
    "any": _any,
    "json": _json,
    "password": _password,
    "checkbox": _checkbox,
    "yes_no": _checkbox,
    "select": _select,
    "open": _select,
    "many": _many,
    "connection": _connection,
}


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else to_text(value)


def _put(value: Any, steps: "Steps", new: Any) -> Any:
    """Return data with another value at a place; UNSET takes away what is there."""
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(value)
        items[step] = _put(items[step], rest, new) if rest else new
        return [item for item in items if item is not UNSET]

    known = dict(value) if isinstance(value, Mapping) else {}
    known[step] = _put(known.get(step), rest, new) if rest else new
    return {name: inner for name, inner in known.items() if inner is not UNSET}
