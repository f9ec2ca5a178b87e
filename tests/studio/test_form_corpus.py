"""Whole form schemas, and the template's own: a control for every leaf."""

import json

import pytest

from stacksync.runtime import forms
from stacksync.studio.form.controls import FormState, parse, render_form
from tests.form_schemas import FORM_SCHEMAS
from tests.studio.browsing import page, posted


@pytest.mark.parametrize("path", FORM_SCHEMAS, ids=lambda path: path.stem)
def test_every_leaf_has_a_control_and_untouched_data_comes_back(path):
    check(path)


def test_so_it_is_in_the_forms_of_a_new_connector(made_connector):
    found = list(made_connector.glob("src/modules/*/v1/schema.json"))

    assert len(found) == 2
    for path in found:
        check(path)


def check(path):
    form = forms.read_form(json.loads(path.read_text(encoding="utf-8")))
    data = forms.defaults_of(form.fields)
    root = page(render_form(FormState(form, data)))
    names = {each["name"] for each in root.walk() if "name" in each.attributes}
    operations = {each["value"] for each in root.find("button", name="operation")}
    shown = list(leaves(forms.effective(form, data).fields, ""))
    assert not [at for at in shown if at not in names and f"add:{at}" not in operations]
    assert shown or not form.fields
    assert parse(form, posted(root)).data == data


def leaves(fields, above):
    """Find the fields that hold values, by another way than the renderer's."""
    seen = set()
    for each in fields:
        if each.hidden or not each.id or each.id in seen:
            continue
        seen.add(each.id)
        at = f"{above}/{each.id.replace('~', '~0').replace('/', '~1')}"  # a JSON pointer
        if each.type == "object" and each.fields:
            yield from leaves(each.fields, at)
        else:
            yield at
