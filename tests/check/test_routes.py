"""Rules about route files, and how they fit the form: for both ways to write modules."""

import pytest

from stacksync.inspection.python_file import PYTHON
from tests.check.sample import CODE, ROUTE, SCHEMA, SDK_CODE, V1, form, found, write

KIND = {"id": "kind", "type": "string"}
LIMIT = {"id": "limit", "type": "integer"}
MODULE = "from src.runtime import Module\n\nmodule = Module(__name__)\n"
ADD_FIELD = "add the field to schema.json, or do not read it"


def asking(*names):
    """Return a form that asks for content objects."""
    return form({**KIND, "content": {"type": ["managed"], "content_objects": [{"id": name} for name in names]}}, LIMIT)


def content(body, before=""):
    """Return a route file in the SDK's style, whose handler of content begins with the names that were asked for."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    head = SDK_CODE.split('@router.route("/content"')[0]
    names = '    names = [each["id"] for each in Request(flask_request).data.get("content_object_names", [])]\n'
    return f'{before}{head}@router.route("/content", methods=["POST"])\ndef content():\n{names}{lines}'


@pytest.mark.parametrize(
    "code, files, findings",
    [
        (
            "PY001",
            {ROUTE: "def execute(:\n    pass\n"},
            [f"{ROUTE}:1:13 error PY001 the file does not parse: invalid syntax -> correct it"],
        ),
        (
            "PY001",
            {"src/a.py": "x = '\0'"},
            [
                (
                    "src/a.py:1:1 error PY001 the file does not parse: "
                    "source code string cannot contain null bytes -> correct it"
                )
            ],
        ),
        (
            "PY002",
            {ROUTE: CODE.replace("@module.execute\n", "")},
            [
                (
                    f"{ROUTE}:1:1 error PY002 no function answers execute -> "
                    "write @module.execute above the function that does the work"
                )
            ],
        ),
        (
            "PY002",
            {ROUTE: SDK_CODE.replace('"/execute"', '"/run"')},
            [
                (
                    f"{ROUTE}:1:1 error PY002 no function answers execute -> "
                    'write @router.route("/execute") above the function that does the work'
                )
            ],
        ),
        (
            "PY003",
            {SCHEMA: asking("kinds", "users"), ROUTE: CODE.replace('"kinds"', '"user"')},
            [
                (
                    f'{SCHEMA}:3:105 error PY003 nothing answers the content object "kinds" -> '
                    'write @module.content("kinds") above a function'
                ),
                f'{SCHEMA}:3:122 error PY003 nothing answers the content object "users" -> the handler answers "user"',
            ],
        ),
        (
            "PY003",
            {ROUTE: SDK_CODE.split('@router.route("/content"')[0]},
            [
                (
                    f'{SCHEMA}:15:19 error PY003 nothing answers the content object "kinds" -> '
                    'answer it in the function of @router.route("/content")'
                )
            ],
        ),
        (
            "PY003",
            {ROUTE: SDK_CODE.replace('"kinds"', '"kind_list"')},
            [
                (
                    f'{SCHEMA}:15:19 error PY003 nothing answers the content object "kinds" -> '
                    'the handler answers "kind_list"'
                )
            ],
        ),
        (
            "PY003",
            {
                SCHEMA: asking("users"),
                ROUTE: content(
                    'found = []\nfor name in names:\n    data = []\n    if name == "user":\n        data = [1]\n'
                    '    found.append({"content_object_name": name, "data": data})\nreturn found'
                ),
            },
            [f'{SCHEMA}:3:105 error PY003 nothing answers the content object "users" -> the handler answers "user"'],
        ),
        (
            "PY004",
            {ROUTE: CODE.replace('content("kinds")', 'content("kindes")')},
            [f'{ROUTE}:12:5 warning PY004 no field asks for the content object "kindes" -> the form asks for "kinds"'],
        ),
        (
            "PY004",
            {ROUTE: content('if "kinds" in names:\n    return [1]\nif "posts" in names:\n    return [2]')},
            [
                (
                    f'{ROUTE}:17:8 warning PY004 no field asks for the content object "posts" -> '
                    "remove it, or ask for it in schema.json"
                )
            ],
        ),
        (
            "PY005",
            {ROUTE: CODE.replace('data["kind"]', 'data["kinds"]')},
            [f'{ROUTE}:8:26 error PY005 the form has no field "kinds" -> write "kind"'],
        ),
        (
            "PY005",
            {ROUTE: CODE.replace('request.data["kind"]', 'request.data.get("token", "")')},
            [f'{ROUTE}:8:30 warning PY005 the form has no field "token" -> {ADD_FIELD}'],
        ),
        (
            "PY005",
            {ROUTE: CODE.replace('return [request.data["kind"]]', 'data = request.data\n    return [data["kinde"]]')},
            [f'{ROUTE}:9:18 error PY005 the form has no field "kinde" -> write "kind"'],
        ),
        (
            "PY005",
            {ROUTE: SDK_CODE.replace('data.get("kind")', 'data.get("sheet")')},
            [f'{ROUTE}:9:36 warning PY005 the form has no field "sheet" -> {ADD_FIELD}'],
        ),
        (
            "PY005",
            {ROUTE: CODE.replace("return [Choice", 'request.form_data["sheet"]\n    return [Choice')},
            [f'{ROUTE}:13:23 error PY005 the form has no field "sheet" -> {ADD_FIELD}'],
        ),
        (
            "PY005",
            {ROUTE: CODE.replace("return [request", 'request.connection("crm")\n    return [request')},
            [f'{ROUTE}:8:24 warning PY005 the form has no field "crm" -> {ADD_FIELD}'],
        ),
        (
            "PY006",
            {ROUTE: SDK_CODE.replace("def content", "def execute")},
            [f"{ROUTE}:13:5 error PY006 line 7 has a function execute for another route -> give it a name of its own"],
        ),
        (
            "PY007",
            {ROUTE: CODE + '\n\n@module.content("kinds")\ndef more(request):\n    return []\n'},
            [
                (
                    f'{ROUTE}:17:5 error PY007 the content object "kinds" is answered in line 12 already -> '
                    "keep one of the two"
                )
            ],
        ),
        (
            "PY007",
            {
                f"{V1}/other.py": "from main import router\n\n\n"
                '@router.route("/execute", methods=["POST"])\ndef run():\n    return {}\n'
            },
            [f"{ROUTE}:7:5 error PY007 /execute is answered in line 5 already -> keep one of the two"],
        ),
    ],
)
def test_finds_what_is_wrong(tmp_path, code, files, findings):
    root = write(tmp_path, files)

    assert [line.removesuffix(f" (Python {PYTHON})") for line in found(root, code)] == findings


@pytest.mark.parametrize(
    "route",
    [
        SDK_CODE,
        "from src.answers import *\n",
        f"from src import answers\n{MODULE}answers.register(module)\n",
        f"{MODULE}module.add_url_rule('/execute', view_func=print)\n",
        CODE.replace("def execute", "async def execute"),
        # The names are only told apart elsewhere, or not at all.
        content("from src.choices import answer\nreturn answer(names)"),
        content('return [{"content_object_name": name, "data": []} for name in names]'),
        content("return [FOUND[name]() for name in names]", "from src.choices import FOUND\n"),
        # In other words than ==.
        content('for name in names:\n    match name:\n        case "kinds":\n            return []'),
        content('for name in names:\n    if name in ("kinds",):\n        return []'),
        content('return [{"kinds": list}[name]() for name in names]'),
        content(
            "return [one(name) for name in names]", 'def one(name):\n    return [] if name == "kinds" else None\n\n\n'
        ),
        # What is compared is not what was asked for.
        content(
            'kind = Request(flask_request).data.get("form_data")["kind"]\n'
            'if flask_request.method == "GET" or kind == "lead":\n    return []\n'
            'return [name for name in names if name == "kinds"]'
        ),
        # Reads that are guarded, of data that was changed, or of something else that is called data.
        CODE.replace(
            "    return [request", '    data = request.data\n    data["x"] = 1\n    data["x"]\n    return [request'
        ),
        CODE.replace(
            "    return [request", '    if "x" in request.data:\n        request.data["x"]\n    return [request'
        ),
        CODE.replace(
            "    return [request", '    data = {}\n    data["x"]\n    data = request.data\n    return [request'
        ),
        CODE.replace("    return [request", '    request = {"data": 1}\n    request.data["x"]\n    return [request'),
        # A form that comes from code.
        CODE.replace('"kind"]', '"other"]') + "\n\n@module.schema\ndef schema(request):\n    return {}\n",
    ],
)
def test_finds_nothing_where_nothing_is_wrong(tmp_path, route):
    root = write(tmp_path, {ROUTE: route})

    assert [line for line in found(root, "PY") if "error" in line or "warning" in line] == []


def test_content_that_a_rule_asks_for_counts(tmp_path):
    change = {"id": "limit", "content": {"type": ["managed"], "content_objects": [{"id": "limits"}]}}
    rule = {"if": {"and": [{"id": "kind", "operator": "is_empty"}]}, "then": {"fields": [change]}}
    root = write(tmp_path, {SCHEMA: form(KIND, LIMIT, rules=[rule]), ROUTE: CODE.replace('"kinds"', '"limits"')})

    assert found(root, "PY003", "PY004") == []


def test_a_form_from_code_makes_it_a_warning(tmp_path):
    code = CODE.replace('"kinds"', '"kind"') + "\n\n@module.schema\ndef schema(request):\n    return {}\n"
    root = write(tmp_path, {ROUTE: code})

    assert found(root, "PY003", "PY004") == [
        f'{SCHEMA}:15:19 warning PY003 nothing answers the content object "kinds" -> the handler answers "kind"'
    ]
