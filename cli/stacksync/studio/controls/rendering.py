"""Drawing a form as HTML."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jinja2

from stacksync.runtime import forms

from .building import Builder
from .masking import masked
from .parsing import DRAWN, MADE
from .state import FormState

TEMPLATES = Path(__file__).parents[1] / "templates"


def render_form(state: FormState) -> str:
    """Return the form as HTML; a password that was typed is never in it."""
    form = forms.effective(state.form, state.data)
    builder = Builder(state, form)
    views = builder.form_views()
    drawn = masked(state.form.fields, masked(form.fields, state.data))
    kept = {DRAWN: json.dumps(drawn, ensure_ascii=True), MADE: state.made}
    html = _template().render(views=views, hidden=builder.hidden, kept=kept, problem=state.problem)
    return html.encode(errors="replace").decode()  # a schema's texts may hold halves of surrogate pairs


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("form/form.html")
