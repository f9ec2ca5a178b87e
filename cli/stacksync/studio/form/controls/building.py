"""Building the nodes of a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacksync.replacement import replace_templates, templates_in
from stacksync.runtime import forms

from .inputs import input_type, look
from .kinds import KEPT, UNSET, kind_of, shown
from .options import (
    Option,
    chooser,
    chosen_options,
    connection_options,
    loaded,
    long_list,
    options,
    without_own_text,
)
from .parsing import CONNECTION
from .pointers import pointer
from .state import FormState
from .syntax import syntax
from .views import Hidden, Picker, Refresh, TemplateValue, View

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form, Layout, Note, Path, Steps

    from .choice_lists import ChoiceList

CHOOSERS = ("select", "many", "open")

_BY_ITSELF = "hidden by its own ui_widget, whatever is filled in"


class Builder:
    """Builds the nodes of one form.

    Args:
        state: what is to be shown.
        form: its form with the rules applied.
    """

    def __init__(self, state: FormState, form: Form) -> None:
        self.state, self.form = state, form
        self.hidden: list[Hidden] = []
        self._watched = forms.watched(state.form)
        found = [each for each in forms.walk(form, state.data) if forms.is_secret(each.field, each.value)]
        passwords = [each for each in found if each.field.type != "connection"]
        self._secrets = [each.steps for each in passwords]
        self._hidden_secrets = [each.steps for each in passwords if each.hidden]
        self._replacements = replace_templates(form, state.data, {}).replacements
        self._notes = notes_by_field(state.form)

    def form_views(self, within: Steps = ()) -> list[View]:
        """Return the nodes of the form's fields.

        Args:
            within: what their names begin with, where a page has more than one form.
        """
        return self._laid_out(self.form.ordered(), self.form.layout, self.state.data, within)

    def picker(self) -> Picker | None:
        """Return the connection picker above the form."""
        asked = self.form.connections
        if asked is None:
            return None

        chosen = connection_options(self.state, asked, self.state.connection)
        return Picker(asked, chosen, self.state.errors.get(CONNECTION, ""))

    def template_values(self) -> list[TemplateValue]:
        """Return what asks for the values of the templates that are filled in, each once."""
        found: dict[str, bool] = {}
        for each in self._replacements:
            for name in templates_in(each.text):
                found[name] = found.get(name, False) or self._is_secret(each.steps)
        return [TemplateValue(name, self.state.values.get(name, ""), secret) for name, secret in found.items()]

    def _laid_out(self, fields: tuple[Field, ...], layout: Layout | None, data: Any, steps: Steps) -> list[View]:
        """Return the nodes of some fields, those that a layout puts in a row marked."""
        layouts = [each for each in (layout, *(field.layout for field in fields if not field.fields)) if each]
        rows = [set(each.elements or [inner.id for inner in fields]) for each in layouts if each.type == "horizontal"]
        views = list(self._views(fields, data, steps))
        return [replace(view, beside=any(view.field.id in row for row in rows)) for view in views]

    def _views(self, fields: tuple[Field, ...], data: Any, steps: Steps) -> Iterator[View]:
        seen: set[str] = set()
        for each in fields:
            if not each.id or each.id in seen:
                yield self._unusable(each, (*steps, each.id))
                continue
            seen.add(each.id)
            here = (*steps, each.id)
            value = data[each.id] if isinstance(data, dict) and each.id in data else UNSET
            if each.hidden:
                self.hidden.append(self._hidden(each, here))
            else:
                yield self.view(each, value, here)

    def view(self, field: Field, value: Any, steps: Steps, position: tuple[int, int] | None = None) -> View:
        """Return the node of one field."""
        at, kind = pointer(steps), kind_of(field, value)
        long = self._long_list(field, kind, steps)
        offered = chosen_options(long, chooser(field), value) if long else self._options(field, kind, value, steps)
        if kind == "open":
            offered = without_own_text(offered, value)
        text = self._text(field, kind, value, at)
        looks = look(field, kind, text)
        language = "json" if kind == "json" else field.language or "json"
        answers = loaded(self.state, chooser(field), steps) if kind in CHOOSERS else []
        return View(
            field=field,
            at=at,
            kind=kind,
            look=looks,
            label=_label(field, position),
            value=value,
            text=text,
            input_type=input_type(field, kind, text),
            options=offered,
            long_list=long.name if long else "",
            inner=self._inner(field, kind, value, steps),
            error=self.state.errors.get(at, ""),
            notes=self._notes.get(field.source, []),
            refresh=self._refresh(field, steps) if kind in CHOOSERS else None,
            more=any(each.more for each in answers),
            waits=self.state.lacks_connection and bool(chooser(field).content) and kind in CHOOSERS,
            own_text=kind == "open" and _is_own_text(self.state, at, value, offered),
            marks=self._marks(kind, steps),
            syntax=syntax(language, text) if looks == "code" else None,
            redraws=self._is_watched(steps),
            position=position,
        )

    def _text(self, field: Field, kind: str, value: Any, at: str) -> str:
        if kind in ("group", "repeater", "many", "connection"):
            return ""
        if kind == "password" and forms.is_secret(field, value):
            return ""
        if at in self.state.texts:
            return self.state.texts[at]
        if kind == "open" and not isinstance(value, str):
            return ""

        return next(iter(shown(kind, value)), "")

    def _options(self, field: Field, kind: str, value: Any, steps: Steps) -> list[Option]:
        if kind == "connection":
            return connection_options(self.state, field, value)
        if kind not in CHOOSERS:
            return []

        return options(self.state, chooser(field), steps, value)

    def _long_list(self, field: Field, kind: str, steps: Steps) -> ChoiceList | None:
        """Return what a control offers where the page has to ask for it, and have it ready."""
        found = long_list(self.state, chooser(field), steps) if kind in CHOOSERS else None
        if found:
            self.state.keep(found)
        return found

    def _inner(self, field: Field, kind: str, value: Any, steps: Steps) -> list[View]:
        if kind == "group":
            return self._laid_out(field.ordered(), field.layout, value, steps)
        if kind != "repeater" or not isinstance(value, list):
            return []

        items = ((index, field.item(index) or forms.Field("items")) for index in range(len(value)))
        return [self.view(item, value[index], (*steps, index), (index, len(value))) for index, item in items]

    def _refresh(self, field: Field, steps: Steps) -> Refresh | None:
        content = chooser(field).content
        if content is None:
            return None

        needed = dict.fromkeys(name for each in content.objects for name in each.depends_on)
        error = next((each.error for each in loaded(self.state, chooser(field), steps) if each.error), "")
        loading = any((each.id, steps) in self.state.awaited for each in content.objects)
        return Refresh(", ".join(each.id for each in content.objects), ", ".join(needed), error, loading)

    def _marks(self, kind: str, steps: Steps) -> list[tuple[str, str]]:
        """Return the templates that stand in a field, each with what it is replaced with."""
        if not self._replacements or kind in ("group", "repeater"):
            return []

        here = [each for each in self._replacements if each.steps[: len(steps)] == steps]
        names = dict.fromkeys(name for each in here for name in templates_in(each.text))
        given = ((name, self.state.values.get(name, "")) for name in names)
        return [(name, KEPT if text and self._is_secret(steps) else text) for name, text in given]

    def _is_secret(self, steps: Steps) -> bool:
        return any(steps[: len(secret)] == secret for secret in self._secrets)

    def _unusable(self, field: Field, steps: Steps) -> View:
        return View(field, pointer(steps), "none", "none", field.name, notes=self._notes.get(field.source, []))

    def _hidden(self, field: Field, steps: Steps) -> Hidden:
        passwords = [pointer(each) for each in self._hidden_secrets if each[: len(steps)] == steps]
        why = f"hidden because {forms.in_words(field.hidden_by)}" if field.hidden_by else _BY_ITSELF
        return Hidden(pointer(steps), field.name, why, self._rule(field), passwords)

    def _rule(self, field: Field) -> str:
        rule = field.hidden_by
        if rule is None:
            return ""

        number = f"rule {int(rule.source[-1]) + 1}" if isinstance(rule.source[-1], int) else "its conditions"
        line = self.state.line(rule.source)
        return f"{self.state.file}:{line}: {number}" if line else number

    def _is_watched(self, steps: Steps) -> bool:
        return any(_touch(steps, each) for each in self._watched)


def notes_by_field(form: Form) -> dict[Path, list[Note]]:
    """Return the remarks on a schema by the field that they stand in."""
    sources = {each.source for each in form.walk()}
    found: dict[Path, list[Note]] = {}
    for note in forms.remarks(form):
        ends = range(len(note.path), 0, -1)
        owner = next((note.path[:end] for end in ends if note.path[:end] in sources), None)
        if owner is not None:
            found.setdefault(owner, []).append(note)
    return found


def _is_own_text(state: FormState, at: str, value: Any, offered: list[Option]) -> bool:
    return at in state.texts or (isinstance(value, str) and value != "" and not any(each.chosen for each in offered))


def _label(field: Field, position: tuple[int, int] | None) -> str:
    if position is None:
        return field.name

    return f"{field.item_label or field.label or 'Item'} {position[0] + 1}"


def _touch(one: Steps, other: Steps) -> bool:
    """Say whether a change at one place is a change at the other: the same, or one holds the other."""
    return all(
        mine == its or (its == forms.EACH and isinstance(mine, int)) for mine, its in zip(one, other, strict=False)
    )
