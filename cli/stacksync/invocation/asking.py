"""Ask on a terminal for what a form lacks, in its order.

The controls are those of Studio, and a question stands for each. After each answer the form's rules are applied anew,
choices that depend on it are loaded, and the module is asked for its form again where the field says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stacksync.errors import StacksyncError
from stacksync.invocation import prompts
from stacksync.invocation.answers import Places, answer_to
from stacksync.invocation.credentials import is_unset
from stacksync.invocation.prompts import Asked
from stacksync.replacement import templates_in
from stacksync.runtime import decode, forms
from stacksync.studio.form.choices import content_requests
from stacksync.studio.form.controls import Connection, FormState, Input
from stacksync.studio.form.controls.options import connection_options
from stacksync.studio.form.schemas import Schema, makes_form
from stacksync.studio.workspace import Workspace
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.runtime.forms import FieldValue, Form, RootConnections, Steps


@dataclass
class Asking:
    """Somebody who is asked for what a form lacks.

    Args:
        workspace: The connector.
        schema: The form, which answers may change.
        filled: What is filled in so far.
        everything: Ask for every field, as the form shows it; else only for those that are required and empty.
    """

    workspace: Workspace
    schema: Schema
    filled: Input
    everything: bool
    _done: "set[Steps]" = field(default_factory=set)

    def ask(self) -> tuple[Schema, Input]:
        """Ask until nothing is missing, and return the form and what is filled in.

        Raises:
            StacksyncError: Something is missing that cannot be answered.
        """
        self._choose_connection()
        if makes_form(self.schema.folder):
            self._make_form()
        while (place := next(self._open_places(), None)) is not None:
            self._ask_for(place)
        self._ask_for_values()
        return self.schema, self.filled

    # --- the connection above the form ------------------------------------------------------------

    def _choose_connection(self) -> None:
        wanted = self.schema.form.connections
        if wanted is None or self.filled.connection or not (wanted.required or self.everything):
            return

        found = [(each.label, each.text) for each in connection_options(self._state(), wanted, "")]
        if not found and wanted.required:
            raise StacksyncError("The form requires a connection, and none that fits is saved.", _connecting(wanted))
        if found:
            none = [] if wanted.required else [("(none)", "")]
            self.filled = replace(self.filled, connection=prompts.choose(Asked("Connection"), [*found, *none]))

    # --- the fields -------------------------------------------------------------------------------

    def _open_places(self) -> "Iterator[FieldValue]":
        """Yield the places to ask for; those whose choices wait for other fields come last."""
        waiting = []
        places = Places(forms.effective(self.schema.form, self.filled.data), self.filled.data, self.everything)
        for place in places.in_order():
            if place.steps in self._done or not self._is_wanted(place):
                continue
            if self._missing(place):
                waiting.append(place)
            else:
                yield place
        for place in waiting:
            yield from self._needed_for(place, places)
            yield place

    def _is_wanted(self, place: "FieldValue") -> bool:
        if place.field.type == "connection" and is_unset(place.value) and not place.field.required:
            return self.everything and bool(connection_options(self._state(), place.field, None))
        return self.everything or (place.field.required and is_unset(place.value))

    def _missing(self, place: "FieldValue") -> tuple[str, ...]:
        found = [each for each in content_requests(self.schema, self.filled) if each.steps == place.steps]
        return tuple(dict.fromkeys(name for each in found for name in each.missing))

    def _needed_for(self, waiting: "FieldValue", places: Places) -> "Iterator[FieldValue]":
        """Yield the fields that choices wait for, though nobody requires them."""
        for name in self._missing(waiting):
            named = places.named(name, waiting.steps)
            if named and named.steps not in self._done:
                yield named

    def _ask_for(self, place: "FieldValue") -> None:
        self._load_choices(place)
        data = answer_to(place, self._state(), self._fault)
        self._done.add(place.steps)
        if data == self.filled.data:
            return

        self.filled = replace(self.filled, data=data)
        if place.field.load_content:
            self.workspace.choices.forget(self.schema.folder.module_path, place.field.reload_content_objects)
        if place.field.load_schema:
            self._make_form()

    def _load_choices(self, place: "FieldValue") -> None:
        unknown = {each.key for each in self.workspace.unloaded(self.schema, self.filled)}
        for each in content_requests(self.schema, self.filled):
            if each.steps == place.steps and (each.missing or each.key in unknown):
                self.workspace.load(self.schema, each, self.filled)

    def _make_form(self) -> None:
        self.schema, self.filled, fault = self.workspace.made(self.schema, self.filled)
        if fault:
            say(f"warning: {fault}", err=True)

    def _fault(self, data: Mapping[str, Any], steps: "Steps") -> str | None:
        """Return what the connector would refuse at one place."""
        errors = forms.FormValidator(decode(self.schema.text)).validate(self._as_sent(data)).errors
        return next((error.message for error in errors if error.steps == steps), None)

    def _as_sent(self, data: Mapping[str, Any]) -> Any:
        return self.workspace.connections.filled(forms.effective(self.schema.form, data), data)

    def _state(self) -> FormState:
        requests = content_requests(self.schema, self.filled)
        saved = self.workspace.connections.all()
        return FormState(
            form=self.schema.form,
            data=self.filled.data,
            choices=self.workspace.choices.loaded(requests),
            connections=tuple(Connection(each.id, each.name, each.app_type, each.management) for each in saved),
            connection=self.filled.connection,
        )

    # --- templates --------------------------------------------------------------------------------

    def _ask_for_values(self) -> None:
        """Ask what stands in the place of templates in this call."""
        values = dict(self.filled.values)
        for name in _templates(self.schema.form, self.filled.data):
            if name not in values:
                values[name] = prompts.text(Asked(f"{{{{ {name} }}}} is replaced with"))
        self.filled = replace(self.filled, values=values)


def _templates(form: "Form", data: Any) -> Iterator[str]:
    shown = forms.effective(form, data)
    texts = (each.value for each in forms.walk(shown, data) if not each.field.disable_replacement)
    found = (name for text in texts if isinstance(text, str) for name in templates_in(text))
    return iter(dict.fromkeys(found))


def _connecting(wanted: "RootConnections") -> str:
    kind = f" --type {wanted.app_types[0]}" if len(wanted.app_types) > 1 else ""
    return f"save one: stacksync connect NAME{kind}"
