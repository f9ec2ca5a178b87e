"""What a form can be asked."""

from src.runtime.forms import ContentObject, defaults_of, read_form

THINGS = {"content_objects": [{"id": "things", "content_object_depends_on_fields": [{"id": "a"}, {"id": "b.items"}]}]}
MORE = {"content_objects": [{"id": "more"}, {"id": "things", "content_object_depends_on_fields": [{"id": "c"}]}]}
SCHEMA = {
    "fields": [
        {"id": "a", "type": "string", "content": THINGS, "default": "x"},
        {"id": "b", "type": "array", "items": {"type": "string", "content": MORE}, "default": ["y"]},
        {
            "id": "c",
            "type": "object",
            "fields": [{"id": "on", "type": "boolean", "default": False}, {"id": "off", "type": "boolean"}],
        },
        {"id": "d", "type": "object", "default": ""},
        {"id": "e", "type": "number", "default": 0},
        {"id": "f", "type": "object", "fields": [{"id": "in", "type": "string"}]},
        {"id": "g", "type": "array"},
    ],
    "ui_options": {"ui_order": ["e", "nowhere", "a"]},
}


def test_content_objects_are_each_named_once_with_all_they_depend_on():
    found = [(each.id, each.depends_on) for each in read_form(SCHEMA).content_objects()]
    assert found == [("things", ("a", "b.items", "c")), ("more", ())]
    assert read_form({"fields": []}).content_objects() == ()
    assert ContentObject("x").depends_on == ()


def test_defaults_are_what_a_new_form_holds_and_may_be_changed():
    form = read_form(SCHEMA)
    assert defaults_of(form.fields) == {"a": "x", "b": ["y"], "c": {"on": False}, "e": 0}
    defaults_of(form.fields)["b"].append("z")
    assert defaults_of(form.fields)["b"] == ["y"]


def test_fields_stand_in_the_order_asked_for_then_in_that_of_the_document():
    assert [each.id for each in read_form(SCHEMA).ordered()] == ["e", "a", "b", "c", "d", "f", "g"]


def test_walking_meets_every_field():
    walked = [each.id for each in read_form(SCHEMA).walk()]
    assert walked == ["a", "b", "items", "c", "on", "off", "d", "e", "f", "in", "g"]


def test_where_a_field_stands_in_its_schema():
    sources = {each.id: each.source for each in read_form(SCHEMA).walk()}
    assert (sources["items"], sources["off"]) == (("fields", 1, "items"), ("fields", 2, "fields", 1))
