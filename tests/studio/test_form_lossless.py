"""A form that nobody touched gives back the data that it was drawn from, whatever the schema and the data are."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacksync.runtime import forms
from stacksync.studio.form.controls import FormState, parse, render_form
from tests.forms.strategies import JSON, data_for, schemas
from tests.studio.browsing import page, posted

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
quick = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def drawn_and_read(form, data):
    return parse(form, posted(page(render_form(FormState(form, data)))))


def without_connections(form, data):
    """Connections are saved apart: of an object the form keeps its id."""
    return "connection" not in {each.type for each in form.walk()}


@quick
@given(st.data())
def test_generated_forms_and_data(drawn):
    form = forms.read_form(drawn.draw(schemas()))
    data = drawn.draw(data_for(form))
    if without_connections(form, data):
        assert drawn_and_read(form, data).data == data


@quick
@given(st.data())
def test_data_of_any_shape(drawn):
    schema = drawn.draw(schemas())
    form = forms.read_form(schema)
    data = {each.id: drawn.draw(JSON) for each in form.fields}
    if without_connections(form, data):
        read = drawn_and_read(form, data)
        assert read.data == data
        assert read.faults == {}


@quick
@given(st.data())
def test_templates_anywhere(drawn):
    form = forms.read_form(drawn.draw(schemas()))
    templates = st.sampled_from(["{{ x }}", "a {{ x }}\nb", '"{{ x }}"', "{{ x }}\r\n", "{{ x }}\0", "{{ x }} " * 60])
    data = {each.id: drawn.draw(templates | st.lists(templates)) for each in form.fields}
    if without_connections(form, data):
        read = drawn_and_read(form, data)
        assert read.data == data
        assert read.faults == {}


@quick
@given(
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.sampled_from([None, "textarea", "CodeblockWidget", "input", "SelectWidget"]),
)
def test_any_text(text, widget):
    form = forms.read_form({"fields": [{"id": "a", "type": "string", "ui_options": {"ui_widget": widget}}]})
    assert drawn_and_read(form, {"a": text}).data == {"a": text}
