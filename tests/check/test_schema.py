"""Rules about forms: what the runtime says of them, at its place in the file."""

import json
import re

import pytest

from stacksync.rules import RULES
from stacksync.rules.note_rule import NoteRule
from stacksync.runtime.source import TEMPLATE
from tests.check.sample import SCHEMA, form, found, write

TEXT = {"id": "a", "type": "string"}
NOT_SPECIFIED = "is not in the specification; the platform may ignore it"


def text(**more):
    """Return a text field called "a"."""
    return {**TEXT, **more}


def rule(condition, **change):
    """Return a rule with one condition and one change of the field "a"."""
    return {"if": {"and": [condition] if condition else []}, "then": {"fields": [{"id": "a", **change}]}}


@pytest.mark.parametrize(
    "code, schema, found_at, finding",
    [
        (
            "SCH001",
            "",
            "1:1",
            "error SCH001 the file is not JSON: expecting value -> correct it; nothing else of it is checked",
        ),
        (
            "SCH001",
            '{"fields": [\n  {"id": "a",}\n]}',
            "2:13",
            (
                "error SCH001 the file is not JSON: a comma stands before the closing bracket -> "
                "correct it; nothing else of it is checked"
            ),
        ),
        (
            "SCH001",
            '{"fields": [\n  {"id" "a"}\n]}',
            "2:9",
            "error SCH001 the file is not JSON: expecting ':' delimiter -> correct it; nothing else of it is checked",
        ),
        (
            "SCH001",
            '{"fields": [],\n "a": [1, NaN]}',
            "2:11",
            "error SCH001 the file is not JSON: NaN is not a JSON number -> correct it; nothing else of it is checked",
        ),
        (
            "SCH001",
            "[]",
            "1:1",
            (
                "error SCH001 the file is not a form: a form schema is a JSON object, not a list -> "
                "write an object with metadata and fields"
            ),
        ),
        (
            "SCH002",
            form(TEXT).replace('"id": "a"', '"id": "b", "id": "a"'),
            '"id": "a"',
            'error SCH002 "id" stands here a second time -> keep one of them',
        ),
        (
            "SCH003",
            '{"metadata": {"workflows_module_schema_version": "1.0.0"}}',
            "1:1",
            'error SCH003 the list "fields" is missing -> write "fields": []',
        ),
        ("SCH004", form(text(label=5)), "5}", 'error SCH004 "label" is a text, not a number -> '),
        (
            "SCH005",
            form({"id": "a", "type": "strng"}),
            '"strng"',
            (
                'error SCH005 "strng" is not a type (string, number, integer, boolean, connection, object, array) -> '
                'write "string"'
            ),
        ),
        (
            "SCH006",
            form(TEXT, text(label="x")),
            '"a", "type": "string", "label"',
            'error SCH006 another field has the id "a" -> ',
        ),
        ("SCH007", form(text(lable="x")), '"lable"', f'warning SCH007 "lable" {NOT_SPECIFIED} -> write "label"'),
        (
            "SCH008",
            form(text(help_text="x")),
            '"help_text"',
            f'warning SCH008 "help_text" {NOT_SPECIFIED} -> write "description"',
        ),
        (
            "SCH008",
            form(text(ui_options={"ui_widget": "dropdown"})),
            '"dropdown"',
            (
                'warning SCH008 "dropdown" is not a widget of the specification; the platform may ignore it -> '
                'write "SelectWidget"'
            ),
        ),
        (
            "SCH008",
            form(text(validation={"min": 1})),
            '"min"',
            f'warning SCH008 "min" {NOT_SPECIFIED} -> write "minimum"',
        ),
        (
            "SCH009",
            form(text(ui_options={"ui_widget": "Select"})),
            '"Select"',
            (
                'warning SCH009 "Select" is not a widget of the specification; the platform may ignore it -> '
                'write "SelectWidget"'
            ),
        ),
        (
            "SCH010",
            form(TEXT, {"id": "b", "type": "string"}, ui_options={"ui_order": ["a"]}),
            '["a"]',
            'warning SCH010 ui_order misses the field "b" -> add "b"',
        ),
        (
            "SCH010",
            form(TEXT, ui_options={"ui_order": ["a", "z"]}),
            '"z"',
            'warning SCH010 ui_order names "z", which is no field -> take it out',
        ),
        (
            "SCH010",
            form(TEXT, ui_options={"ui_order": ["a", "a"]}),
            '"a"]',
            'warning SCH010 ui_order names "a" twice -> take it out',
        ),
        (
            "SCH012",
            form(TEXT, rules=[rule({"id": "z", "operator": "is_empty"}, label="x")]),
            '"z"',
            'error SCH012 the rule asks for "z", which is no field -> ',
        ),
        (
            "SCH013",
            form(TEXT, rules=[rule({"id": "a", "operator": "equals", "value": 1}, label="x")]),
            '"equals"',
            (
                'error SCH013 "equals" is not an operator '
                "(equal, not_equal, is_in, is_not_in, greater_than, less_than, "
                'is_empty, is_not_empty) -> write "equal"'
            ),
        ),
        (
            "SCH014",
            form(TEXT, rules=[rule(None, label="x")]),
            '{"and"',
            "warning SCH014 without conditions the rule never applies -> ",
        ),
        (
            "SCH015",
            form(text(validation={"pattern": "(?i)a"})),
            '"(?i)a"',
            "error SCH015 the pattern checks nothing: JavaScript has no (?i) -> ",
        ),
        (
            "SCH016",
            form(text(validation={"pattern": "^x(a|aa)+$"})),
            '"^x(a|aa)+$"',
            (
                'warning SCH016 the pattern takes time without end, as with many "a" after "x" -> '
                "let each repetition begin with a character that cannot end the one before"
            ),
        ),
        (
            "SCH021",
            form({"id": "a", "type": "object", "default": ""}),
            '""',
            'warning SCH021 the default of an object is an object or a choice; leave "" out for none -> ',
        ),
    ],
)
def test_finds_what_is_wrong(tmp_path, code, schema, found_at, finding):
    root = write(tmp_path, {SCHEMA: schema})

    assert found(root, code) == [f"{SCHEMA}:{place(schema, found_at)} {finding}"]


def place(schema, found_at):
    """Return the line and column of the last such piece of a text, or the ones that are given."""
    if re.fullmatch(r"\d+:\d+", found_at):
        return found_at

    before = schema[: schema.rindex(found_at)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize(
    "code, schema, found_at",
    [
        ("SCH011", form(TEXT, ui_options={"ui_layout": {"type": "horizontal", "elements": ["z"]}}), '["z"]'),
        (
            "SCH012",
            form(
                text(
                    content={
                        "type": ["managed"],
                        "content_objects": [{"id": "x", "content_object_depends_on_fields": [{"id": "z"}]}],
                    }
                )
            ),
            '"z"',
        ),
        ("SCH015", form(text(validation={"pattern": "("})), '"("'),
        ("SCH017", form({"id": "a", "type": "number", "validation": {"minimum": 5, "maximum": 1}}), "5"),
        ("SCH018", form(text(validation={"minimum": 5})), "5"),
        ("SCH019", form(text(choices={"values": [{"value": "x"}, {"value": {"id": "y"}}]})), '{"values"'),
        ("SCH019", form(text(choices={"values": [{"value": "x"}, {"value": 3}]})), '{"value": 3'),
        ("SCH019", form(text(choices={"values": [{"value": "x"}, {"value": "x"}]})), '{"value": "x"'),
        ("SCH020", form({"id": "a", "type": "integer", "default": "many"}), '"many"'),
    ],
)
def test_hands_on_what_the_runtime_says(tmp_path, code, schema, found_at):
    root = write(tmp_path, {SCHEMA: schema})

    assert [line.split(" ")[0] for line in found(root, code)] == [f"{SCHEMA}:{place(schema, found_at)}"]


def test_every_kind_of_note_has_one_rule():
    sources = "".join(path.read_text("utf-8") for path in (TEMPLATE / "src/runtime/forms").rglob("*.py"))
    written = {"alias", *re.findall(r'"([a-z]+(?:-[a-z]+)+)"', sources)} - {"date-time"}
    handled = [kind for rule in RULES if isinstance(rule, NoteRule) for kind in rule.kinds]

    assert len(handled) == len(set(handled))
    assert written == set(handled)


@pytest.mark.parametrize(
    "schema",
    [
        form(TEXT),
        form(TEXT, ui_options={}),
        form(text(validation={"pattern": "^[a-z]+$"}, default="abc")),
        form(TEXT, rules=[rule({"id": "a", "operator": "equal", "value": "x"}, label="Y")]),
        "\ufeff" + form(TEXT).replace("\n", "\r\n"),
        json.dumps(json.loads(form(TEXT)), indent="\t"),
    ],
)
def test_finds_nothing_where_nothing_is_wrong(tmp_path, schema):
    root = write(tmp_path, {SCHEMA: schema})

    assert found(root, "SCH") == []


def test_columns_count_characters(tmp_path):
    schema = form(text(label="Größe 📏", lable="x"))
    root = write(tmp_path, {SCHEMA: schema})

    at = place(schema, '"lable"')
    assert found(root, "SCH007")[0].startswith(f"{SCHEMA}:{at} ")


def test_a_schema_that_is_not_utf_8(tmp_path):
    root = write(tmp_path, {})
    (root / SCHEMA).write_bytes(b'{"fields": "\xff"}')

    assert found(root, "SCH") == [
        (
            f"{SCHEMA}:1:1 error SCH001 the file cannot be read: byte 13 is not UTF-8 -> "
            "correct it; nothing else of it is checked"
        )
    ]


@pytest.mark.parametrize("depth", [250, 100_000])
def test_a_schema_that_is_nested_without_end(tmp_path, depth):
    root = write(tmp_path, {SCHEMA: "[" * depth + "]" * depth})

    assert found(root, "SCH") == [
        (
            f"{SCHEMA}:1:1 error SCH001 the file is nested deeper than 200 levels -> "
            "correct it; nothing else of it is checked"
        )
    ]
