"""Building small forms, and asking them and their rules short questions."""

from src.runtime.forms import FormValidator, effective, read_form, remarks

REQUIRED = {"validation": {"required": True}}
WITH_CONTENT = {"content": {"type": ["managed"], "content_objects": [{"id": "things"}]}}
VERSION = {"workflows_module_schema_version": "1.0.0"}


def form(*fields, **parts):
    return {"metadata": VERSION, "fields": list(fields), **parts}


def field(type_, **parts):
    return {"id": "x", "type": type_, "label": "The field", **parts}


def faults(schema, data):
    return [(each.field, each.rule) for each in FormValidator(schema).validate(data).errors]


def rules_of(schema_field, value):
    return [rule for _, rule in faults(form(schema_field), {"x": value})]


def rule(condition, *changes, clause="and"):
    conditions = condition if isinstance(condition, list) else [condition]
    return {"if": {clause: conditions}, "then": {"fields": list(changes)}}


def when(name, operator, *value):
    return {"id": name, "operator": operator, **({"value": value[0]} if value else {})}


def hide(name):
    return {"id": name, "ui_options": {"ui_widget": "hidden"}}


def show(name):
    return {"id": name, "ui_options": {"ui_widget": None}}


def label(name, text):
    return {"id": name, "label": text}


def text_field(name, **parts):
    return {"id": name, "type": "string", **parts}


def at(form, *steps):
    """Find a field by the ids that lead to it, numbers for items, and "items" for what every item is."""
    here = form
    for step in steps:
        if isinstance(step, int):
            here = here.item(step)
        else:
            here = here.items if step == "items" else next(each for each in here.fields if each.id == step)
    return here


def labels(form, data):
    return {each.id: each.label for each in effective(form, data).fields if each.label}


def read(*fields, **parts):
    return read_form(form(*fields, **parts))


def read_one(**parts):
    (field,) = read({"id": "x", "type": "string", **parts}).fields
    return field


def notes_of(*fields, **parts):
    return [(note.path, note.kind) for note in remarks(read(*fields, **parts))]


def notes_of_one(**parts):
    """Return path, kind and suggestion of the notes on a field, from the field."""
    form = read({"id": "x", "type": "string", **parts})
    return [(note.path[2:], note.kind, note.suggestion) for note in remarks(form)]
