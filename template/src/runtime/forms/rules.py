"""A form as it is for the data filled in: its rules applied."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from .binding import Fields, Steps
from .conditions import Firing, fired
from .editing import EVERY, Edit
from .field import Field
from .form import Form
from .merging import changed_by
from .rule import Change, Rule


def effective(form: Form, data: Any) -> Form:
    """Return the form that the rules make of it for some data.

    Ours: conditions see the data as it was sent, so what one rule changes is never another's condition; each rule acts
    once, on what the ones before it left; where two set the same, the later wins.
    """
    return with_rules(form, fired(form.bound_rules, data))


def with_rules(form: Form, firing: Firing) -> Form:
    """Return the form as these rules change it."""
    fields = form.fields
    for number, items in firing:
        bound = form.bound_rules[number]
        for place, change in bound.changes:
            if place.known:
                edit = Edit(partial(_changed, change=change, rule=bound.rule))
                fields = edit.of(fields, place.steps, items if place.local else EVERY)
    return replace(form, fields=fields) if firing else form


def why_hidden(form: Form, steps: Steps) -> Rule | None:
    """Return the rule that hid a field of an effective form, or hid what it stands in.

    Args:
        steps: the ids that lead to it from the root, and the index of an item after an array's id.
    """
    fields: Fields | None = form.fields
    here: Field | None = None
    for step in steps:
        if isinstance(step, int):
            here = here.item(step) if here else None
        else:
            here = next((each for each in fields or () if each.id == step), None)
        if here is None or here.hidden:
            break
        fields = here.fields
    return here.hidden_by if here else None


def _changed(field: Field, change: Change, rule: Rule) -> Field:
    changed = changed_by(field, change)
    by = rule if change.sets_widget else field.hidden_by
    return replace(changed, hidden_by=by if changed.hidden else None)
