"""Rules of the platform's present guides: forms that take templates, connections, content objects."""

import json

import pytest

from stacksync.inspection.fixing import fix
from stacksync.inspection.selection import Selection
from tests.check.sample import CODE, CONFIG, MODULE_CONFIG, ROUTE, SCHEMA, SDK_CODE, form, found, write

CHOICES = {"values": [{"value": "x", "label": "X"}]}
KINDS = {"type": ["managed"], "content_objects": [{"id": "kinds"}]}
PATTERN = {"validation": {"pattern": ".*"}}
SELECT = {"ui_options": {"ui_widget": "SelectWidget"}}
DROPDOWN = 'write "validation": {"pattern": ".*"}; execute then gets any text, not only the choices'
CHECKBOX = 'write "disable_replacement": true, or false where it is to take templates'
TEXT = 'write "type": "string", and convert the text in execute'
COMMAS = "make it a string of values with commas between them, and split it in execute"
RELOAD = 'name those that depend on it: "reload_content_objects": [{"id": "…"}]'


def a(**more):
    """Return a text field called "a"."""
    return {"id": "a", "type": "string", **more}


def rule(**change):
    """Return a rule that always changes the field "a"."""
    return {"if": {"and": [{"id": "a", "operator": "is_empty"}]}, "then": {"fields": [{"id": "a", **change}]}}


def without_place(lines):
    """Return findings without where they are."""
    return [line.split(" ", 1)[1] for line in lines]


WRONG_FORMS = [
    ("SCH022", form(a(choices=CHOICES)), f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}'),
    ("SCH022", form(a(content=KINDS)), f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}'),
    ("SCH022", form(a(**SELECT)), f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}'),
    (
        "SCH022",
        form(a(ui_options={"ui_widget": "dropdown"})),
        f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}',
    ),
    ("SCH022", form(a(enum=["x"])), f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}'),
    (
        "SCH022",
        form({"id": "o", "type": "array", "items": {"type": "object", "fields": [a(choices=CHOICES)]}}),
        f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}',
    ),
    (
        "SCH022",
        form(a(), rules=[rule(choices=CHOICES, apply_as="merge")]),
        f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}',
    ),
    (
        "SCH022",
        form(a(choices=CHOICES, ui_options={"ui_widget": "hidden"}), rules=[rule(**SELECT)]),
        f'warning SCH022 the dropdown "a" refuses templates -> {DROPDOWN}',
    ),
    ("SCH023", form({"id": "b", "type": "boolean"}), f'warning SCH023 "b" is not shown as a checkbox -> {CHECKBOX}'),
    ("SCH023", form({"id": "b", "type": "bool"}), f'warning SCH023 "b" is not shown as a checkbox -> {CHECKBOX}'),
    (
        "SCH024",
        form({"id": "o", "type": "object", "fields": [a(), a(id="b")]}),
        'warning SCH024 "o" has fields and no ui_order -> write "ui_options": {"ui_order": ["a", "b"]}',
    ),
    (
        "SCH024",
        form({"id": "o", "type": "array", "items": {"type": "object", "fields": [a()]}}),
        'warning SCH024 each item has fields and no ui_order -> write "ui_options": {"ui_order": ["a"]}',
    ),
    (
        "SCH025",
        form(a(choices={"values": [{"id": "x", "label": "X"}]})),
        'warning SCH025 the choice has no "value" -> write {"value": …, "label": …}',
    ),
    (
        "SCH025",
        form(a(choices={"values": ["x"]})),
        'warning SCH025 a choice is an object with a value -> write {"value": …, "label": …}',
    ),
    (
        "SCH025",
        form(a(choices=["x"])),
        'warning SCH025 "choices" is an object with the list "values" -> write {"values": […]}',
    ),
    (
        "SCH025",
        form(a(choices={"values": [{"value": "x"}]})),
        'warning SCH025 the choice has no "label" -> write "label", which is what people see',
    ),
    (
        "SCH025",
        form(a(), rules=[rule(choices={"values": [{"value": "x"}]})]),
        'warning SCH025 the choice has no "label" -> write "label", which is what people see',
    ),
    (
        "SCH027",
        form(a(content=KINDS, on_action={"load_content": True}, reload_content_objects=[{"id": "kind"}])),
        'warning SCH027 no field has the content object "kind" -> write "kinds"',
    ),
    (
        "SCH027",
        form(a(on_action={"load_content": True}, reload_content_objects=[{"id": "x"}])),
        'warning SCH027 no field has the content object "x" -> name a content object that a field has',
    ),
    (
        "SCH028",
        form({"id": "n", "type": "number"}),
        f'note SCH028 "n" is a number, into which no template can be typed -> {TEXT}',
    ),
    (
        "SCH028",
        form({"id": "n", "type": "integer"}),
        f'note SCH028 "n" is a whole number, into which no template can be typed -> {TEXT}',
    ),
    (
        "SCH028",
        form(a(format="date-time")),
        (
            'note SCH028 "a" is a date, into which no template can be typed -> '
            'leave out "format": "date-time" and say in the description how to write it'
        ),
    ),
    (
        "SCH029",
        form({"id": "l", "type": "array", "choices": CHOICES}),
        f'note SCH029 "l" is an array of choices -> {COMMAS}',
    ),
    (
        "SCH029",
        form({"id": "l", "type": "array", "items": {"type": "string", "content": KINDS}}),
        f'note SCH029 "l" is an array of choices -> {COMMAS}',
    ),
    (
        "SCH030",
        form(a(on_action={"load_content": True})),
        f'note SCH030 a change of "a" loads every content object again -> {RELOAD}',
    ),
]


@pytest.mark.parametrize("code, schema, finding", WRONG_FORMS)
def test_finds_what_is_wrong(tmp_path, code, schema, finding):
    root = write(tmp_path, {SCHEMA: schema})

    assert without_place(found(root, code)) == [finding]


@pytest.mark.parametrize("code, schema, finding", WRONG_FORMS)
def test_in_modules_of_the_first_sdk_it_is_a_note(tmp_path, code, schema, finding):
    root = write(tmp_path, {SCHEMA: schema, ROUTE: SDK_CODE})

    assert without_place(found(root, code)) == [finding.replace("warning", "note", 1)]


@pytest.mark.parametrize(
    "block, finding",
    [
        (
            [],
            (
                '"connections" is an object with required and app_types -> '
                'write {"required": true, "app_types": ["generic_api_credentials"]}'
            ),
        ),
        ({"app_types": ["postgres"]}, '"connections" is missing "required" -> '),
        ({"required": True}, '"connections" is missing "app_types" -> '),
        ({"required": "yes", "app_types": ["postgres"]}, '"required" is true or false, not a text -> '),
        ({"required": True, "app_types": "postgres"}, '"app_types" is a list, not a text -> '),
        ({"required": True, "app_types": [1, "postgres"]}, "this is a text, not a number -> "),
        (
            {"required": True, "app_types": []},
            ('"app_types" names no app type -> write ["generic_api_credentials"], or the type that is the app\'s own'),
        ),
        (
            {"required": True, "app_types": ["x"], "allowed_connection_management_types": ["manged"]},
            '"manged" is not in the specification (managed, custom) -> write "managed"',
        ),
    ],
)
def test_a_malformed_connections_block(tmp_path, block, finding):
    root = write(tmp_path, {SCHEMA: form(a(), connections=block)})

    assert [line for line in without_place(found(root, "SCH")) if "SCH007" not in line] == [f"warning SCH026 {finding}"]


SOUND_FORMS = [
    form(a(choices=CHOICES, **PATTERN), a(id="b", content=KINDS, validation={"pattern": "^x", "required": True})),
    # The object selector, whose value decides on the form.
    form(a(content=KINDS, on_action={"load_schema": True}, **SELECT)),
    form(a(choices=CHOICES, disable_replacement=True)),
    form(a(choices=CHOICES, ui_options={"ui_widget": "hidden"})),
    form({"id": "o", "type": "object", "choices": {"values": [{"value": {"id": "x"}, "label": "X"}]}}),
    form({"id": "b", "type": "boolean", "disable_replacement": True}),
    form({"id": "b", "type": "boolean", "disable_replacement": False}),
    form({"id": "b", "type": "boolean", "ui_options": {"ui_widget": "hidden"}}),
    form({"id": "o", "type": "object", "fields": [a()], "ui_options": {"ui_order": ["a"]}}),
    form({"id": "o", "type": "object"}, {"id": "p", "type": "object", "fields": []}),
    form(
        {
            "id": "l",
            "type": "array",
            "default": [{}],
            "validation": {"min_items": 1, "max_items": 9},
            "items": {"type": "object", "fields": [a()], "ui_options": {"ui_order": ["a"]}},
        }
    ),
    form({"id": "l", "type": "array", "items": {"type": "string"}}),
    form(a(format="email"), {"id": "n", "type": "integer", "disable_replacement": True}),
    form(
        a(
            content=KINDS,
            on_action={"load_content": True, "load_schema": True},
            reload_content_objects=[{"id": "kinds"}],
        )
    ),
    form(a(), connections={"required": False, "app_types": ["x"], "allowed_connection_management_types": ["custom"]}),
    form(a(choices=CHOICES, **PATTERN), rules=[rule(choices=CHOICES), rule(ui_options={"ui_widget": "hidden"})]),
]


@pytest.mark.parametrize("schema", SOUND_FORMS)
def test_finds_nothing_where_nothing_is_wrong(tmp_path, schema):
    root = write(tmp_path, {SCHEMA: schema})

    assert found(root, "SCH") == []


def test_content_objects_may_come_from_code(tmp_path):
    schema = form(a(on_action={"load_content": True}, reload_content_objects=[{"id": "kinds"}, {"id": "users"}]))
    code = CODE + "\n\n@module.schema\ndef schema(request):\n    return {}\n"

    assert without_place(found(write(tmp_path, {SCHEMA: schema, ROUTE: code}), "SCH027")) == [
        'warning SCH027 no field has the content object "users" -> name a content object that a field has'
    ]


BUILT = """

@module.schema
def schema(request):
    return forms.form(
        forms.object_selector(),
        forms.dropdown("owner", "Owner", content="user", reloads=["kinds", "teams"]),
        forms.dropdown("kind", "Kind", content=NAME),
    )
"""


def test_content_objects_that_builders_ask_for(tmp_path):
    code = f"from src.runtime import forms\n{CODE.replace('kinds', 'users')}{BUILT}"

    assert found(write(tmp_path, {SCHEMA: None, ROUTE: code}), "PY003") == [
        (
            f'{ROUTE}:20:9 warning PY003 nothing answers the content object "objects" -> '
            'write @module.content("objects") above a function'
        ),
        f'{ROUTE}:21:50 warning PY003 nothing answers the content object "user" -> the handler answers "users"',
        (
            f'{ROUTE}:21:67 warning PY003 nothing answers the content object "kinds" -> '
            'write @module.content("kinds") above a function'
        ),
        (
            f'{ROUTE}:21:76 warning PY003 nothing answers the content object "teams" -> '
            'write @module.content("teams") above a function'
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "from src.runtime.forms import dropdown as choose\n\nFIELD = choose('kind', 'Kind', content='kinds')\n",
        "from src.runtime.forms import object_selector\n\nFIELD = object_selector('Kind', 'kinds')\n",
        "from src.runtime.forms import object_selector\n\nFIELD = object_selector(**MORE)\n",
        "def dropdown(**more):\n    return more\n\n\nFIELD = dropdown(content='others')\n",
    ],
)
def test_content_objects_that_builders_ask_for_and_somebody_has(tmp_path, text):
    root = write(tmp_path, {ROUTE.replace("route", "fields"): text})

    assert found(root, "PY003") == []


@pytest.mark.parametrize(
    "code, before, after",
    [
        ("SCH022", '{"id": "a", "enum": ["x"]}', '{"id": "a", "enum": ["x"]}'),  # of no type
        (
            "SCH022",
            '{\n  "id": "a",\n  "type": "string",\n  "enum": ["x"]\n}',
            '{\n  "id": "a",\n  "type": "string",\n  "enum": ["x"],\n  "validation": {"pattern": ".*"}\n}',
        ),
        (
            "SCH022",
            '{"validation": {"required": true}, "id": "a", "type": "string", "enum": ["x"]}',
            '{"validation": {"required": true, "pattern": ".*"}, "id": "a", "type": "string", "enum": ["x"]}',
        ),
        (
            "SCH022",
            '{"validation": {}, "id": "a", "type": "string", "enum": ["x"]}',
            '{"validation": {"pattern": ".*"}, "id": "a", "type": "string", "enum": ["x"]}',
        ),
        (
            "SCH022",
            '{"validation": "none", "id": "a", "type": "string", "enum": ["x"]}',
            '{"validation": "none", "id": "a", "type": "string", "enum": ["x"]}',
        ),
        (
            "SCH023",
            '{"id": "a", "type": "boolean"}',
            '{"id": "a", "type": "boolean", "disable_replacement": true}',
        ),
        (
            "SCH024",
            '{"id": "o", "type": "object", "fields": [{"id": "ä", "type": "string"}, {"id": "b"}]}',
            (
                '{"id": "o", "type": "object", "fields": [{"id": "ä", "type": "string"}, {"id": "b"}],'
                ' "ui_options": {"ui_order": ["ä", "b"]}}'
            ),
        ),
        (
            "SCH024",
            '{"id": "o", "type": "object", "ui_options": {"ui_order": []}, "fields": [{"id": "a"}]}',
            '{"id": "o", "type": "object", "ui_options": {"ui_order": ["a"]}, "fields": [{"id": "a"}]}',
        ),
    ],
)
def test_a_rule_that_is_named_is_fixed(tmp_path, code, before, after):
    frame = '{{"metadata": {{"workflows_module_schema_version": "1.0.0"}}, "fields": [{}]}}\n'
    root = write(tmp_path, {SCHEMA: frame.format(before)})

    fix(root, Selection(select=(code,)))
    once = (root / SCHEMA).read_text("utf-8")
    fix(root, Selection(select=(code,)))

    assert once == frame.format(after)
    assert (root / SCHEMA).read_text("utf-8") == once


def test_rules_that_are_named_are_fixed_together(tmp_path):
    fields = [a(choices=CHOICES), {"id": "b", "type": "boolean", "help_text": "x"}, a(id="c", enum=["x"])]
    root = write(tmp_path, {SCHEMA: json.dumps(json.loads(form(*fields)), indent="\t")})

    _, fixed = fix(root, Selection(select=("SCH022", "SCH023", "SCH008")))

    assert fixed == 4
    assert json.loads((root / SCHEMA).read_text("utf-8"))["fields"] == [
        {**fields[0], **PATTERN},
        {"id": "b", "type": "boolean", "description": "x", "disable_replacement": True},
        {**fields[2], **PATTERN},
    ]


def test_a_form_from_code_that_is_not_asked_for_again(tmp_path):
    code = CODE + "\n\n@module.schema\ndef schema(request):\n    return {}\n"
    config = f"{MODULE_CONFIG}  on_content_update: false\n"

    assert found(write(tmp_path, {ROUTE: code, CONFIG: config}), "MOD014") == [
        (
            f"{CONFIG}:4:22 warning MOD014 on_content_update is false, and the module has a schema handler -> "
            "leave it out: true is the default"
        )
    ]
    assert found(write(tmp_path, {ROUTE: CODE}), "MOD014") == []
    assert found(write(tmp_path, {ROUTE: code, CONFIG: f"{MODULE_CONFIG}  on_content_update: true\n"}), "MOD014") == []


GENERIC = {"required": True, "app_types": ["generic_api_credentials"]}


def executing(*lines):
    """Return a module whose execute does this."""
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f"from src.runtime import Module\n\nmodule = Module(__name__)\n\n\n@module.execute\ndef run(request):\n{body}\n"
    )


@pytest.mark.parametrize(
    "types, code, finding",
    [
        (
            ["generic_api_credentials"],
            executing('return request.connection()["api_key"]'),
            '8:33 warning PY014 a connection of generic_api_credentials has no "api_key" -> it has "api_credentials"',
        ),
        (
            ["generic_api_credentials"],
            executing('return request.credentials.get("token", "")'),
            '8:36 warning PY014 a connection of generic_api_credentials has no "token" -> it has "api_credentials"',
        ),
        (
            ["postgres", "mysql"],
            executing("crm = request.connection() or {}", 'return crm["host"]'),
            '9:16 warning PY014 a connection of postgres or mysql has no "host" -> it has "connection_string"',
        ),
        (
            ["hubspot"],
            executing("return ask(request.connection())") + '\n\ndef ask(crm):\n    return crm["api_key"]\n',
            (
                '12:16 warning PY014 a connection of hubspot has no "api_key" -> '
                'it has "access_token" and "token_type" and "expiration_time"'
            ),
        ),
        (
            ["generic_api_credentials"],
            SDK_CODE.replace("data = Request(flask_request).data", 'data = Request(flask_request).credentials["key"]'),
            '8:47 warning PY014 a connection of generic_api_credentials has no "key" -> it has "api_credentials"',
        ),
    ],
)
def test_a_key_that_the_connection_does_not_have(tmp_path, types, code, finding):
    schema = form(a(), connections={"required": True, "app_types": types})
    root = write(tmp_path, {SCHEMA: schema, ROUTE: code})

    assert found(root, "PY014") == [f"{ROUTE}:{finding}"]


def test_a_key_of_an_inline_connection(tmp_path):
    schema = form({"id": "db", "type": "connection", "allowed_app_types": ["postgres"]}, a(), connections=GENERIC)
    code = executing('return request.connection("db")["api_credentials"], request.connection()["api_credentials"]')

    assert found(write(tmp_path, {SCHEMA: schema, ROUTE: code}), "PY014", "PY005") == [
        f'{ROUTE}:8:37 warning PY014 a connection of postgres has no "api_credentials" -> it has "connection_string"'
    ]


@pytest.mark.parametrize(
    "types, code",
    [
        (["generic_api_credentials"], executing('return request.connection()["api_credentials"]')),
        (["generic_api_credentials", "acme"], executing('return request.connection()["url"]')),
        (["acme"], executing('return request.connection()["api_key"]')),
        (["salesforce"], executing('return request.connection()["instance_url"], request.credentials["token_type"]')),
        (["postgres"], executing("crm = request.connection()", "crm = {}", 'return crm["url"]')),
        (["postgres"], executing("crm = {}", 'return crm["url"], request.data["a"], request.headers["x"]')),
        (
            ["postgres"],
            executing("key = input()", "return request.connection()[key], request.connection().rate_limiter"),
        ),
        # What a helper is given is not always the connection.
        (
            ["postgres"],
            executing("return ask(request.connection()), ask({})") + '\n\ndef ask(crm):\n    return crm["api_key"]\n',
        ),
    ],
)
def test_keys_that_it_may_have(tmp_path, types, code):
    schema = form(a(), connections={"required": True, "app_types": types})
    root = write(tmp_path, {SCHEMA: schema, ROUTE: code})

    assert found(root, "PY014", "PY005") == []


FORM_FROM_API = (
    CODE
    + "\n\n@module.schema\ndef schema(request):\n    return fields(request)\n\n\n"
    + ("def fields(asked):\n    return {'fields': [asked.connection()['access_token']]}\n")
)


def test_a_schema_handler_that_reads_the_connection(tmp_path):
    assert found(write(tmp_path, {ROUTE: FORM_FROM_API}), "PY015") == [
        (
            f"{ROUTE}:22:24 warning PY015 the form is asked for without a connection -> "
            "write requires_credentials_for_schema: true under module_settings in module_config.yaml"
        )
    ]
    config = f"{MODULE_CONFIG}  requires_credentials_for_schema: true\n"
    assert found(write(tmp_path, {ROUTE: FORM_FROM_API, CONFIG: config}), "PY015") == []


def test_a_schema_handler_that_does_not(tmp_path):
    code = CODE + "\n\n@module.schema\ndef schema(request):\n    return request.form_data.get('x')\n"

    assert found(write(tmp_path, {ROUTE: code}), "PY015") == []


def answering(*lines):
    """Return a module whose content handler does this."""
    body = "\n".join(f"    {line}" for line in lines)
    return CODE.replace('    return [Choice("contact", "Contact")]', body)


EMPTY = "return an empty list where there is none"


@pytest.mark.parametrize(
    "code, at",
    [
        (answering('return ask(request.connection()["api_key"])'), "13:16"),
        (answering("crm = request.credentials", 'key = crm.get("api_key")', "return ask(key)"), "13:11"),
        (
            answering("return mine(request)") + '\n\ndef mine(asked):\n    return ask(asked.connection()["key"])\n',
            "17:16",
        ),
        (
            SDK_CODE.replace("    found = []", '    key = request.credentials["key"]\n    found = [key]'),
            "15:11",
        ),
    ],
)
def test_choices_that_need_a_connection(tmp_path, code, at):
    root = write(tmp_path, {ROUTE: code})

    assert found(root, "PY016") == [f"{ROUTE}:{at} note PY016 this fails until a connection is chosen -> {EMPTY}"]


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        answering("if not request.credentials:", "    return []", 'return ask(request.credentials["key"])'),
        answering("crm = request.connection()", 'return [crm["key"]] if crm else []'),
        answering("crm = request.connection()", 'return crm and [crm["key"]]'),
        answering('key = request.connection().get("key")', "if key:", "    return ask(key)", "return []"),
        answering("try:", '    return ask(request.connection()["key"])', "except KeyError:", "    return []"),
        answering("try:", "    return mine(request)", "except KeyError:", "    return []")
        + '\n\ndef mine(asked):\n    return ask(asked.connection()["key"])\n',
        # What other code does with it cannot be seen from here.
        answering("return ask(request.connection())"),
        answering("return ask(request)"),
    ],
)
def test_choices_that_do_without_a_connection(tmp_path, code):
    assert found(write(tmp_path, {ROUTE: code}), "PY016") == []


@pytest.mark.parametrize(
    "code, at, key, severity",
    [
        (answering('return [{"id": each, "label": each} for each in "ab"]'), "13:14", "id", "warning"),
        (answering('return [{"const": 1, "title": "One"}]'), "13:14", "const", "warning"),
        (SDK_CODE.replace('"data": []', '"data": [{"id": 1, "label": "One"}]'), "18:69", "id", "note"),
    ],
)
def test_choices_from_code_that_have_no_value(tmp_path, code, at, key, severity):
    assert found(write(tmp_path, {ROUTE: code}), "PY017") == [
        (
            f'{ROUTE}:{at} {severity} PY017 a choice has no value but "{key}" -> '
            'write "value" and "label", or return Choice(value, label)'
        )
    ]


def test_choices_from_code_that_have_one(tmp_path):
    code = answering(
        'fields = [{"id": "x", "label": "X", "type": "string"}]',
        'return [{"value": {"id": 1, "label": "One"}, "label": "One"}, *fields]',
    )

    assert found(write(tmp_path, {ROUTE: code}), "PY017") == []
