"""Connectors written for Stacksync's SDK, unchanged."""

import subprocess
import sys

import pytest

from tests.runtime.conftest import SDK, SDK_MAIN, Build, Write
from workflows_cdk import validate_and_parse_json, validate_array, validate_object
from workflows_cdk.core import Request, Response, Router
from workflows_cdk.core.errors import ManagedError
from workflows_cdk.core.validation import parse_str_to_json

EXECUTE = "@sdk\n@router.route('/execute', methods=['POST'])\ndef execute():\n"
ECHO = EXECUTE + (
    "    request = Request(flask_request)\n"
    "    return Response(data={'data': request.data, 'credentials': request.credentials})\n"
)


def answer(build_sdk: Build, **files: str):
    """Return what the module `m/v1` of these files answers."""
    client = build_sdk({f"m/v1/{name}.py": text for name, text in files.items()})
    return client.post("/m/v1/execute", json={}).json["data"]


@pytest.mark.parametrize(
    "body,seen",
    [
        ({"data": {"a": 1}}, {"data": {"a": 1}, "credentials": {}}),
        ({"data": [1, 2]}, {"data": [1, 2], "credentials": {}}),
        ({"data": None}, {"data": None, "credentials": {}}),
        ({"credentials": {"connection_data": {"value": {"k": 1}}}}, {"data": {}, "credentials": {"k": 1}}),
        ({"credentials": {"connection_data": {"value": None}}}, {"data": {}, "credentials": None}),
        ({"credentials": None}, {"data": {}, "credentials": {}}),
    ],
)
def test_request(build_sdk: Build, body: object, seen: object):
    client = build_sdk({"m/v1/route.py": ECHO})
    assert client.post("/m/v1/execute", json=body).json == {"data": seen}


@pytest.mark.parametrize("body", ["{", "[]", '{"a": NaN}'])
def test_broken_bodies_are_refused_before_the_handler(build_sdk: Build, body: str):
    client = build_sdk({"m/v1/route.py": EXECUTE + "    raise SystemError('ran')\n"})
    assert client.post("/m/v1/execute", data=body, content_type="application/json").status_code == 400


def test_input_is_not_checked_against_the_schema(build_sdk: Build):
    schema = '{"fields": [{"id": "name", "type": "string", "validation": {"required": true}}]}'
    client = build_sdk({"m/v1/route.py": ECHO, "m/v1/schema.json": schema})
    assert client.post("/m/v1/execute", json={}).status_code == 200


def test_routes_with_flasks_options(build_sdk: Build):
    code = (
        "@sdk\n"
        "@router.route('/execute')\ndef execute(): return 'default methods'\n"
        "@router.route('/item/<int:number>', methods=['GET'])\ndef item(number): return number\n"
        "@router.route('no_slash', methods=['POST'])\ndef no_slash(): return 'without slash'\n"
        "@router.route(methods=['POST'])\ndef named(): return 'named'\n"
        "@router.route('/page', defaults={'number': 1}, methods=['GET'])\n"
        "@router.route('/page/<int:number>', methods=['GET'])\ndef page(number): return number\n"
        "@router.route('/same')\ndef same(): return 1\n"
        "@router.route('/other')\ndef same(): return 2\n"
    )
    client = build_sdk({"m/v1/route.py": code})
    assert client.post("/m/v1/execute").json == {"data": "default methods"}
    assert client.get("/m/v1/execute").status_code == 405
    assert client.get("/m/v1/item/7").json == {"data": 7}
    assert client.post("/m/v1/no_slash").json == {"data": "without slash"}
    assert client.post("/m/v1/named").json == {"data": "named"}
    assert (client.get("/m/v1/page").json, client.get("/m/v1/page/2").json) == ({"data": 1}, {"data": 2})
    assert (client.post("/m/v1/same").json, client.post("/m/v1/other").json) == ({"data": 1}, {"data": 2})


def test_a_schema_of_its_own_wins_for_its_methods(build_sdk: Build):
    code = "@sdk\n@router.route('/schema', methods=['POST'])\ndef schema(): return Response(data={'own': True})\n"
    client = build_sdk({"m/v1/route.py": code, "m/v1/schema.json": '{"file": true}'})
    assert client.post("/m/v1/schema").json == {"data": {"own": True}}
    assert client.get("/m/v1/schema").json == {"data": {"schema": {"file": True}}}


def test_routes_belong_to_the_file_that_they_stand_in(build_sdk: Build):
    """A decorator without functools.wraps, a helper that registers, and a module that imports another."""
    shared = (
        "def logged(view):\n    def anything(): return view()\n    return anything\n"
        "def register(router):\n    @router.route('/helped')\n    def helped(): return 'helped'\n"
    )
    one = (
        "from src.shared import logged, register\n@sdk\nregister(router)\n"
        "@router.route('/execute')\n@logged\ndef execute(): return 1\n"
    )
    two = "import src.modules.one.v1.route\n@sdk\n@router.route('/execute')\ndef execute(): return 2\n"
    client = build_sdk({"one/v1/route.py": one, "a_two/v1/route.py": two, "/src/shared.py": shared})
    assert client.post("/one/v1/execute").json == {"data": 1}
    assert client.post("/one/v1/helped").json == {"data": "helped"}
    assert client.post("/a_two/v1/execute").json == {"data": 2}


def test_bare_imports_find_the_files_beside(build_sdk: Build):
    code = "import helper\n" + EXECUTE + "    import late\n    return [helper.WHO, late.WHO]\n"
    files = {f"{name}/v1/route.py": code for name in ("one", "two")}
    for name in ("one", "two"):
        files |= {
            f"{name}/v1/helper.py": f"WHO = '{name}'\n",
            f"{name}/v1/late.py": "import helper\nWHO = helper.WHO\n",
        }
    client = build_sdk(files)
    assert client.post("/one/v1/execute").json == {"data": ["one", "one"]}
    assert client.post("/two/v1/execute").json == {"data": ["two", "two"]}


@pytest.mark.parametrize(
    "statement,expression",
    [
        ("import helper", "helper.WHO"),
        ("import helper as h", "h.WHO"),
        ("from helper import WHO", "WHO"),
        ("from helper import *", "WHO"),
        ("from .helper import WHO", "WHO"),
        ("from . import helper", "helper.WHO"),
        ("import package.inner", "package.inner.WHO"),
        ("from package import inner", "inner.WHO"),
        ("from package.inner import WHO", "WHO"),
        ("from package.bare import WHO", "WHO"),
        ("import src.modules.m.v1.helper as h", "h.WHO"),
    ],
)
def test_ways_to_import_a_file_beside(build_sdk: Build, statement: str, expression: str):
    files = {
        "m/v1/route.py": f"{statement}\n{EXECUTE}    return {expression}\n",
        "m/v1/helper.py": "WHO = 'helper'\n",
        "m/v1/package/__init__.py": "",
        "m/v1/package/inner.py": "WHO = 'helper'\n",
        "m/v1/package/bare.py": "from helper import WHO\n",
    }
    assert build_sdk(files).post("/m/v1/execute").json == {"data": "helper"}


def test_a_file_beside_is_imported_once(build_sdk: Build):
    code = "import helper\n" + EXECUTE + "    from . import helper as again\n    return again is helper\n"
    assert answer(build_sdk, route=code, helper="") is True


def test_a_file_beside_never_hides_the_standard_library(build_sdk: Build):
    code = "import json\n" + EXECUTE + "    return json.dumps([1])\n"
    assert answer(build_sdk, route=code, json="def dumps(value): return 'hidden'\n") == "[1]"


def test_a_folder_without_code_hides_nothing(build_sdk: Build):
    client = build_sdk(
        {"m/v1/route.py": "import yaml\n" + EXECUTE + "    return yaml.safe_load('1')\n", "m/v1/yaml/a.txt": ""}
    )
    assert client.post("/m/v1/execute").json == {"data": 1}


def test_the_projects_own_packages_can_be_imported(build_sdk: Build):
    code = (
        "import project_file\nfrom src.shared import lib\n"
        + EXECUTE
        + "    import project_file as again\n    from src.shared.lib import Special\n"
        "    try:\n        lib.boom()\n    except Special:\n        return [again is project_file, project_file.WHO]\n"
    )
    lib = "class Special(Exception): ...\ndef boom(): raise Special\n"
    files = {"m/v1/route.py": code, "/src/shared/lib.py": lib, "/project_file.py": "WHO = 'project'\n"}
    assert build_sdk(files).post("/m/v1/execute").json == {"data": [True, "project"]}


def test_a_broken_module_leaves_no_route(build_sdk: Build):
    code = "@sdk\n@router.route('/content')\ndef content(): return 1\nraise RuntimeError\n"
    client = build_sdk({"bad/v1/route.py": code, "good/v1/route.py": ECHO})
    assert client.post("/bad/v1/content").status_code == 503
    assert client.post("/good/v1/execute").status_code == 200


@pytest.mark.parametrize(
    "main",
    [
        SDK_MAIN,
        SDK_MAIN.replace("Flask(__name__)", "Flask('Workflows App Connector')"),
        SDK_MAIN.replace("Router(app)", "Router()") + "router.init_app(app)\n",
        "from flask import Flask\nfrom workflows_cdk import Router\nrouter = Router(app := Flask(__name__))\n",
        SDK_MAIN + "@app.get('/own')\ndef health(): return 'own'\n",
    ],
)
def test_shapes_of_main(build_sdk: Build, main: str):
    client = build_sdk({"m/v1/route.py": ECHO}, main)
    assert client.post("/m/v1/execute", json={}).status_code == 200
    assert client.get("/health").json == {"data": {"status": "healthy"}}


def test_arguments_of_the_router_win_over_the_file(build_sdk: Build):
    main = SDK_MAIN.replace("Router(app)", "Router(app, cors_origins=['https://a.example'], config={'X': 1})")
    client = build_sdk({"m/v1/route.py": ECHO}, main)
    assert "Access-Control-Allow-Origin" not in client.get("/health").headers
    assert client.application.config["X"] == 1


def test_main_run_as_a_script_is_one_module(write: Write):
    """`python main.py` makes `__main__`; the route files import `main`."""
    code = SDK + "import __main__, main\nassert main is __main__\nassert main.router is router\n"
    root = write({"m/v1/route.py": code, "/main.py": SDK_MAIN + "print(app.extensions['stacksync'].failed)\n"})
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=root,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.splitlines()[-1:], done.stderr) == (["{}"], "")


@pytest.mark.parametrize(
    "function,value,result",
    [
        (validate_and_parse_json, '{"a": 1}', {"a": 1}),
        (validate_and_parse_json, [1], [1]),
        (validate_array, "[1]", [1]),
        (validate_array, [1], [1]),
        (validate_object, '{"a": 1}', {"a": 1}),
        (validate_object, {"a": 1}, {"a": 1}),
    ],
)
def test_json_given_as_text_or_as_itself(function, value: object, result: object):
    assert function(value, "rows") == result


@pytest.mark.parametrize(
    "function,value,message",
    [
        (validate_and_parse_json, 5, "rows must be a JSON string, dictionary, or list"),
        (validate_and_parse_json, "{", "Invalid JSON string"),
        (validate_array, "{}", "rows must be an array"),
        (validate_array, None, "rows must be an array"),
        (validate_object, "[]", "rows must be an object"),
        (validate_object, 1, "rows must be an object"),
    ],
)
def test_what_is_no_such_json(function, value: object, message: str):
    with pytest.raises(ValueError, match=f"^{message}$"):
        function(value, "rows")


def test_names_of_core_are_those_of_the_package():
    import workflows_cdk

    assert (Request, Response, Router) == (workflows_cdk.Request, workflows_cdk.Response, workflows_cdk.Router)
    assert ManagedError is workflows_cdk.ManagedError
    assert parse_str_to_json("[1]") == [1]
