"""What was valid for the older form is valid for the newer one, unless a breaking rule says so."""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, assume, event, given, seed, settings
from hypothesis import strategies as st

from stacksync.comparison.effective import form_differences
from stacksync.comparison.severities import rate, worst
from stacksync.runtime import forms
from tests.comparison.changing import changed
from tests.forms.strategies import data_for, schemas

# More of them, and other ones, by hand: documentation/contributing.md.
COUNT = int(os.environ.get("STACKSYNC_COMPARED_FORMS", "60"))
TRIES = 6
PHASES = (Phase.generate, Phase.shrink)


def known(fields: "tuple[forms.Field, ...]", data: Any) -> Any:
    """Return data without what stands under ids that an effective form does not have: nobody filled that in."""
    by_id = {each.id: each for each in reversed(fields)}
    if not isinstance(data, dict):
        return data
    return {name: _known(by_id[name], value) for name, value in data.items() if name in by_id}


def _known(field: forms.Field, value: Any) -> Any:
    if field.type == "object" and field.fields:
        return known(field.fields, value)
    if field.type == "array" and isinstance(value, list):
        items = [field.item(index) for index in range(len(value))]
        return [_known(item, each) if item else each for item, each in zip(items, value, strict=True)]
    return value


def filled_in(form: forms.Form, data: Any) -> Any:
    return known(forms.EffectiveForms(form).for_data(data).form.fields, data)


def valid(schema: dict[str, Any], data: Any) -> bool:
    return not forms.FormValidator(schema).validate(data).errors


@seed(int(os.environ.get("STACKSYNC_FIRST_FORM", "20")))
@settings(max_examples=COUNT, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_was_valid_stays_valid_unless_a_breaking_rule_fires(data: st.DataObject) -> None:
    before = data.draw(schemas())
    after = data.draw(changed(before))
    read = [forms.read_form(each) for each in (before, after)]
    compared = form_differences(*read)
    assume(not compared.in_part)
    found = [rate(each) for each in compared.differences]
    event(worst(found))
    if worst(found) == "breaking":
        return

    for _ in range(TRIES):
        stored = filled_in(read[0], data.draw(st.one_of(data_for(read[0]), data_for(read[1]))))
        if valid(before, stored):
            event("compared with data")
            errors = forms.FormValidator(after).validate(stored).errors
            assert not errors, (stored, found)
