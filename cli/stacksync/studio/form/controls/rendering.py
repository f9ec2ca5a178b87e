"""Drawing a form as HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from stacksync.runtime import forms

from .building import Builder
from .kinds import KEPT, connection_id
from .parsing import CONNECTION, DRAWN, MADE
from .state import FormState

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field

    from .options import Option
    from .views import Mark, View

STRANGE = " (not among the choices)"
TEMPLATES = Path(__file__).parents[2] / "templates"


def render_form(state: FormState) -> str:
    """Return the form as HTML; a password that was typed is never in it."""
    form = forms.effective(state.form, state.data)
    builder = Builder(state, form)
    views = builder.form_views()
    drawn = forms.masked(form, state.data, _masked)
    html = _template("form/form.html").render(
        views=views,
        hidden=builder.hidden,
        picker=builder.picker(),
        template_values=builder.template_values(),
        kept={DRAWN: json.dumps(drawn, ensure_ascii=True), MADE: state.made},
        problems={"form-problem": state.problem, "form-fault": state.errors.get("", "")},
        connection=CONNECTION,
        placed=state.placed,
    )
    return html.encode(errors="replace").decode()  # a schema's texts may hold halves of surrogate pairs


def render_fields(state: FormState, within: str, marks: Mapping[tuple[str, ...], Mark]) -> dict[str, str]:
    """Return each field of a form as HTML to be looked at, by its id; hidden ones are left out.

    Args:
        state: the form.
        within: what tells its names from those of another form on the page.
        marks: how fields differ, by the ids that lead to them, `items` for what a list holds.
    """
    builder = Builder(state, forms.effective(state.form, state.data))
    views = (_marked(view, (view.field.id,), marks) for view in builder.form_views((within,)))
    drawn = {view.field.id: _template("form/field.html").render(view=view) for view in views}
    return {name: html.encode(errors="replace").decode() for name, html in drawn.items()}


def _marked(view: View, path: tuple[str, ...], marks: Mapping[tuple[str, ...], Mark]) -> View:
    step = "items" if view.kind == "repeater" else None
    inner = [_marked(each, (*path, step or each.field.id), marks) for each in view.inner]
    return replace(view, difference=marks.get(path), inner=inner)


def _masked(field: Field, value: Any) -> str:
    return connection_id(value) if field.type == "connection" else KEPT


def _texts_and_labels(options: list[Option]) -> str:
    """Return what is chosen of a long list, for the page that draws it."""
    return json.dumps([[each.text, f"{each.label}{STRANGE if each.strange else ''}"] for each in options])


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update(texts_and_labels=_texts_and_labels)
    return environment.get_template(name)
