"""`stacksync invoke` by its options: what is sent, what comes out where, and the exit codes."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Stacksync, isolated
from tests.invoke.conftest import ROUTE, write_module

KEY = "key-5up3r-secret"
# The main.py of a connector that is never asked: whatever is refused is refused before it is started.
NOT_LOADED = "raise SystemExit('it was started')\n"


def answer(invoking: Stacksync, *arguments: str, **environment: str) -> Any:
    """Return what the module answers to a call that succeeds."""
    done = invoking("invoke", "team", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sent(invoking: Stacksync, *arguments: str) -> dict[str, Any]:
    """Return the data that execute gets."""
    data: dict[str, Any] = answer(invoking, *arguments)["data"]
    del data["keys"], data["text"]
    return data


# --- what comes out ------------------------------------------------------------------------------


def test_the_answer_alone_is_on_standard_output(invoking: Stacksync) -> None:
    done = invoking("invoke", "team", "--set", "name=Ada")

    assert json.loads(done.stdout) == {"data": {"name": "Ada", "size": 3, "keys": [], "text": "\u202e\x9b"}}
    assert "\u202e" not in done.stdout
    assert "\x9b" not in done.stdout
    assert {"by a program", "complained", "printed Ada"} < set(done.stderr.splitlines())


def test_an_error_answer_exits_1(invoking: Stacksync) -> None:
    done = invoking("invoke", "team", "--set", "name=nobody", "--json", "--quiet")

    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["body"]["error"] == "Nobody is no name."
    del report["body"]
    place = {"module": "team", "version": "v1", "endpoint": "execute", "status": 404}
    assert report == {
        **place,
        "problem": None,
        "difference": None,
        "saved": None,
        "faults": [],
        "remarks": [],
        "unknown": [],
    }
    assert done.stderr == ""


def test_the_newest_version_is_called_unless_one_is_named(invoking: Stacksync) -> None:
    invoking("add-version", "team")
    route = invoking.cwd / "src/modules/team/v2/route.py"
    route.write_text(ROUTE.replace("**request.data", "'version': 2"), "utf-8")

    assert answer(invoking, "--set", "name=Ada")["data"]["version"] == 2
    assert answer(invoking, "--set", "name=Ada", "--version", "v1")["data"]["name"] == "Ada"
    done = invoking("invoke", "team", "--version", "v3")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: There is no version 'v3' of team.\nTIP: the versions are v1, v2\n",
    )


def test_a_module_that_does_not_load_says_why(invoking: Stacksync) -> None:
    (invoking.cwd / "src/modules/team/v1/route.py").write_text("import nonsense\n", "utf-8")

    done = invoking("invoke", "team", "--set", "name=Ada")

    assert (done.returncode, json.loads(done.stdout)["metadata"]["environment"]) == (1, "development")
    place = "src/modules/team/v1/route.py:1: ModuleNotFoundError: No module named 'nonsense'"
    assert done.stderr.endswith(f"Error: the module was not loaded: {place}\n")
    quiet = invoking("invoke", "team", "--set", "name=Ada", "-q")
    assert quiet.stderr == f"Error: the module was not loaded: {place}\n"


@pytest.mark.parametrize(
    "main, told",
    [
        ("1 / 0\n", "The connector was not loaded: main.py:1: ZeroDivisionError: division by zero"),
        ("import os\nos._exit(7)\n", "The connector was not loaded: the process ended with exit code 7."),
    ],
)
def test_a_connector_that_does_not_load_says_why(invoking: Stacksync, main: str, told: str) -> None:
    (invoking.cwd / "main.py").write_text(main, "utf-8")

    done = invoking("invoke", "team", "--set", "name=Ada")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"Error: {told}\n" in done.stderr


def test_a_handler_that_ends_the_process_is_told(invoking: Stacksync) -> None:
    (invoking.cwd / "src/modules/team/v1/route.py").write_text(
        ROUTE.replace("print(", "__import__('os')._exit(3) or print(", 1)
    )

    done = invoking("invoke", "team", "--set", "name=Ada")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: There is no answer: the process ended with exit code 3.\n"


# --- what is sent --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings, data",
    [
        (["name=Ada", "size=7"], {"name": "Ada", "size": 7}),
        (["name=a=b"], {"name": "a=b", "size": 3}),
        ([r"name=\n", r"dotted\.id=x"], {"name": r"\n", "size": 3, "dotted.id": "x"}),
        (["name=x", "rows.0.a=1", "rows.1.a=2"], {"name": "x", "size": 3, "rows": [{"a": "1"}, {"a": "2"}]}),
        (["name=x", "new.b.0=1", "new.b.1=2"], {"name": "x", "size": 3, "new": {"b": ["1", "2"]}}),
        (["name=x", "name="], None),
    ],
)
def test_values_are_set_as_text(invoking: Stacksync, settings: list[str], data: dict[str, Any] | None) -> None:
    arguments = [part for setting in settings for part in ("--set", setting)]

    if data is None:
        assert invoking("invoke", "team", *arguments).returncode == 1
    else:
        assert sent(invoking, *arguments) == data


def test_other_values_are_set_as_json(invoking: Stacksync) -> None:
    rows = '[{"a": "1"}, {"b": null}]'

    assert sent(invoking, "--set", "name=x", "--set-json", f"rows={rows}") == {
        "name": "x",
        "size": 3,
        "rows": [{"a": "1"}, {"b": None}],
    }


def test_an_input_is_sent_as_it_is(invoking: Stacksync, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    file.write_text('\ufeff{"name": "from a file"}', "utf-8")

    assert sent(invoking, "--input", '{"name": "Ada"}') == {"name": "Ada"}
    assert sent(invoking, "--input", f"@{file}", "--set", "size=1") == {"name": "from a file", "size": 1}


def test_an_input_comes_from_standard_input(invoking: Stacksync) -> None:
    import subprocess

    command = invoking.command("invoke", "team", "--input", "@-")
    done = subprocess.run(
        command, cwd=invoking.cwd, env=invoking.environment, input='{"name": "piped"}', capture_output=True, text=True
    )

    assert json.loads(done.stdout)["data"]["name"] == "piped"


def test_an_envelope_is_the_whole_body(invoking: Stacksync) -> None:
    body = {"data": {"name": "{{ a }}"}, "workspace_id": "w"}

    assert answer(invoking, "--input", json.dumps(body), "--envelope")["data"]["name"] == "{{ a }}"
    assert invoking("invoke", "team", "--input", "{}", "--envelope", "--set", "data.name=x").returncode == 0


def test_choices_are_asked_for_by_name(invoking: Stacksync) -> None:
    found = answer(invoking, "--content-object", "people", "--set", "team=red")["data"]["content_objects"]
    everything = answer(invoking, "--endpoint", "content", "--set", "team=red")["data"]["content_objects"]

    assert [(each["id"], len(each["data"])) for each in found] == [("people", 3)]
    assert [each["id"] for each in everything] == ["teams", "people"]


def test_the_form_is_asked_for(invoking: Stacksync) -> None:
    assert answer(invoking, "--endpoint", "schema")["data"]["schema"]["fields"][0]["id"] == "name"


def test_templates_are_replaced_by_a_file(invoking: Stacksync, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("MODULE:\n  crm: {name: Ada, size: 7}\n'{{ other }}': O'Hara\n")
    settings = ["--set", "name={{ MODULE.crm.name }} {{ other }}", "--set", "size={{MODULE.crm.size}}"]

    assert sent(invoking, *settings, "--variables", str(tmp_path / "values.yaml")) == {"name": "Ada O'Hara", "size": 7}
    done = invoking("invoke", "team", *settings)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: Size holds {{ MODULE.crm.size }}, which has no value for this run; "
        "Name holds {{ MODULE.crm.name }} and {{ other }}, which has no value for this run.\n"
        "TIP: give it one: --variables FILE\n"
    )


# --- examples ------------------------------------------------------------------------------------


def test_an_example_is_replayed(invoking: Stacksync) -> None:
    example = invoking.cwd / "src/modules/new_empty_action/v1/examples/greet.json"

    done = invoking("invoke", "new_empty_action", "--example", "greet")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"data": {"message": "Bonjour Ada"}})

    example.write_text(example.read_text("utf-8").replace("Bonjour", "Moin"), "utf-8")
    done = invoking("invoke", "new_empty_action", "--example", "greet", "--quiet")
    assert (done.returncode, json.loads(done.stdout)) == (1, {"data": {"message": "Bonjour Ada"}})
    told = "reply.data.message is 'Bonjour Ada', not 'Moin Ada'"
    assert done.stderr == f"The answer is not what the example expects: {told}\n"


def test_an_example_may_expect_an_error(invoking: Stacksync) -> None:
    folder = invoking.cwd / "src/modules/team/v1/examples"
    folder.mkdir()
    content = {"request": {"data": {"name": "nobody"}}, "status": 404, "reply": {"error": "Nobody is no name."}}
    (folder / "nobody.json").write_text(json.dumps(content))

    assert invoking("invoke", "team", "--example", "nobody").returncode == 0
    (folder / "nobody.json").write_text(json.dumps({**content, "status": 200}))
    report = invoking("invoke", "team", "--example", "nobody", "--json")
    assert (report.returncode, json.loads(report.stdout)["difference"]) == (1, "the status is 404, not 200")


@pytest.mark.parametrize(
    "arguments, endpoint",
    [
        (["--set", "name=Ada"], "execute"),
        (["--content-object", "people", "--set", "team=red"], "content"),
        (["--endpoint", "schema"], "schema"),
    ],
)
def test_a_call_is_saved_as_an_example(invoking: Stacksync, arguments: list[str], endpoint: str) -> None:
    saving = invoking("invoke", "team", *arguments, "--set", "pin=1234-secret", "--save-example", "mine")
    assert saving.returncode == 0, saving.stderr
    text = (invoking.cwd / "src/modules/team/v1/examples/mine.json").read_text("utf-8")

    assert json.loads(text)["endpoint"] == endpoint
    assert "1234-secret" not in text
    assert saving.stderr.endswith("Saved src/modules/team/v1/examples/mine.json.\n")
    assert invoking("invoke", "team", "--example", "mine").returncode == 0
    again = invoking("invoke", "team", *arguments, "--save-example", "mine")
    assert again.stderr == ("Error: examples/mine.json exists already. Choose another name, or remove it.\n")


def test_a_saved_error_is_said_to_be_one(invoking: Stacksync) -> None:
    saving = invoking("invoke", "team", "--set", "name=nobody", "--save-example", "refused")

    assert saving.returncode == 1
    assert saving.stderr.endswith("Saved src/modules/team/v1/examples/refused.json, which expects this error.\n")
    assert invoking("invoke", "team", "--example", "refused").returncode == 0


# --- connections ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(made_connector: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with a saved connection; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("saved") / "crm"
    shutil.copytree(made_connector, folder, symlinks=True)
    command = Stacksync(folder, isolated(folder.with_name("home")) | {"PYTHONPATH": str(project / "cli")})
    done = command("connect", "hub", "--type", "hubspot", "--from-env", "access_token=KEY", KEY=KEY)
    assert done.returncode == 0, done.stderr
    return folder / ".stacksync"


@pytest.fixture
def connected(invoking: Stacksync, saved: Path) -> Stacksync:
    """Return it with a saved connection, and modules that ask for one above the form and in a field."""
    fields = [{"id": "name", "type": "string", "label": "Name"}]
    account = {"id": "account", "type": "connection", "label": "Account"}
    wanted = {"required": True, "app_types": ["hubspot"]}
    loud = ROUTE.replace('"complained"', "dict(request.connection())")
    write_module(invoking.cwd, "above", loud, fields, connections=wanted)
    write_module(invoking.cwd, "inside", loud, [*fields, account])
    write_module(invoking.cwd, "twice", loud, [*fields, account, {**account, "id": "other", "label": "Other"}])
    shutil.copytree(saved, invoking.cwd / ".stacksync", dirs_exist_ok=True)
    return invoking


@pytest.mark.parametrize("module", ["above", "inside"])
def test_a_saved_connection_is_used(connected: Stacksync, module: str) -> None:
    done = connected("invoke", module, "--set", "name=x", "--connection", "hub")

    assert json.loads(done.stdout)["data"]["keys"] == ["access_token"]
    assert "access_token" in done.stderr
    assert KEY not in done.stderr


def test_a_field_names_a_saved_connection(connected: Stacksync) -> None:
    done = connected("invoke", "twice", "--set", "other=hub", "--connection", "hub")
    assert json.loads(done.stdout)["error"] or done.returncode == 1  # two connections: the module does not say which

    done = connected("invoke", "twice", "--connection", "hub")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: The form has more than one field for a connection.\nTIP: --set account=hub or --set other=hub\n",
    )


def test_an_envelope_gets_the_connection(connected: Stacksync) -> None:
    done = connected("invoke", "above", "--input", '{"data": {}}', "--envelope", "--connection", "hub")

    assert json.loads(done.stdout)["data"]["keys"] == ["access_token"]


def test_without_the_connection_that_is_required_it_answers_so(connected: Stacksync) -> None:
    done = connected("invoke", "above")

    assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "Choose a connection.")


WAY = "TIP: save it, `stacksync connect NAME`, and call with --connection NAME\n"
HELD = "holds the values of a connection, which do not belong there."
NONE = "Error: Account takes the name of a saved connection, and this is none.\n"


@pytest.mark.parametrize(
    "arguments, told",
    [
        (
            ["--input", f'{{"account": {{"connection_data": {{"value": {{"k": "{KEY}"}}}}}}}}'],
            f"Error: --input {HELD}\n",
        ),
        (["--input", f'{{"credentials": {{"k": "{KEY}"}}}}', "--envelope"], f"Error: --input {HELD}\n"),
        (["--input", f'{{"a": {{"connection_data": {{"k": "{KEY}"}}}}}}'], f"Error: --input {HELD}\n"),
        (["--input", "{}", "--envelope", "--set", f"credentials.k={KEY}"], f"Error: --set {HELD}\n"),
        (["--set", f"account.connection_data.value.k={KEY}"], f"Error: --set {HELD}\n"),
        (
            ["--set-json", f'account={{"connection_data": {{"value": {{"k": "{KEY}"}}}}}}'],
            f"Error: --set-json {HELD}\n",
        ),
        (["--set", f"account={KEY}-other"], NONE),
        (["--set-json", f'account={{"k": "{KEY}-other"}}'], NONE),
    ],
)
def test_values_of_a_connection_are_refused(connected: Stacksync, arguments: list[str], told: str) -> None:
    (connected.cwd / "main.py").write_text(NOT_LOADED, "utf-8")

    done = connected("invoke", "inside", *arguments)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", told + WAY)


# --- messages ------------------------------------------------------------------------------------

NO_CONNECTION = "There is no connection 'no' on this machine.\nTIP: save it: stacksync connect no\n"


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--connection", "no"], NO_CONNECTION),
        (["--connection", "no", "--input", "{}", "--envelope"], NO_CONNECTION),
        (["--example", "no"], "team/v1 has no example no.\nTIP: save one: --save-example NAME, or in Studio\n"),
        (["--save-example", "No!"], "'No!' cannot be the name of an example: small letters, digits, _ and - only.\n"),
        (["--input", "[]"], '--input must be a JSON object.\nTIP: --input \'{"name": "Ada"}\'\n'),
        (["--input", "{a"], "--input:1: It is no JSON: Expecting property name enclosed in double quotes.\n"),
        (["--input", "@no.json"], "--input: no.json cannot be read: No such file or directory.\n"),
        (["--set", "name"], "--set name: a value is missing.\nTIP: --set field=value\n"),
        (["--set", "a..b=1"], "--set a..b=: an id is empty.\n"),
        (
            ["--set", "name=x", "--set", "name.a=1"],
            "--set name.a: name holds a value, and nothing can stand within it.\n",
        ),
        (["--set", "rows.3.a=1"], "--set rows.3.a: rows is a list of 0, and '3' is no place in it.\n"),
        (["--set-json", "size=x"], "--set-json size:1: It is no JSON: Expecting value.\n"),
        (["--variables", "no.yaml"], "--variables: there is no file no.yaml.\n"),
        (["--envelope"], "--envelope says that --input is the whole body, and there is no --input.\n"),
        (["--example", "a", "--set", "a=1"], "--example and --set cannot be used together.\nTIP: use one of them\n"),
        (["--content-object", "a", "--endpoint", "schema"], "--content-object is for --endpoint content.\n"),
    ],
)
def test_what_cannot_be_used_is_told(invoking: Stacksync, arguments: list[str], told: str) -> None:
    (invoking.cwd / "main.py").write_text(NOT_LOADED, "utf-8")

    done = invoking("invoke", "team", *arguments)

    assert (done.returncode in (1, 2), done.stdout) == (True, "")
    assert done.stderr.startswith(f"Error: {told}")
    assert len(done.stderr.splitlines()) <= 2


def test_a_form_without_choices_is_told(invoking: Stacksync) -> None:
    write_module(invoking.cwd, "plain", ROUTE, [{"id": "a", "type": "string"}])

    done = invoking("invoke", "plain", "--endpoint", "content")

    assert done.stderr == (
        "Error: The form of plain/v1 has no content objects.\nTIP: name one: --content-object NAME\n"
    )


def test_it_never_asks_without_a_terminal(invoking: Stacksync) -> None:
    done = invoking.process("invoke", "team")

    assert done.returncode == 1
    assert json.loads(done.stdout)["data"]["errors"][0]["field"] == "name"


def test_the_token_of_callers_is_not_asked_for(invoking: Stacksync) -> None:
    (invoking.cwd / ".env").write_text("CONNECTOR_TOKEN=only-callers-know-this\n")

    assert answer(invoking, "--set", "name=Ada")["data"]["name"] == "Ada"


def test_a_stand_in_answers_for_the_api(invoking: Stacksync) -> None:
    (invoking.cwd / "tests/stand_in.py").unlink()
    done = invoking("invoke", "team", "--set", "name=x", "--stand-in")
    assert re.match(r"Error: There is no tests/stand_in.py.\nTIP: declare the API in it", done.stderr)

    (invoking.cwd / "tests/stand_in.py").write_text(
        'from src.runtime.testing import StandIn\n\napi = StandIn(connection={"token": "made-up"})\n'
    )
    write_module(invoking.cwd, "above", ROUTE, [], connections={"required": True, "app_types": ["hubspot"]})
    done = invoking("invoke", "above", "--stand-in")
    assert json.loads(done.stdout)["data"]["keys"] == ["token"], done.stderr


# --- the calls to APIs ---------------------------------------------------------------------------


CALLING = """\
import requests
from src.api_client import api_client
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    api = api_client(request.connection())
    pages = [api.get("/contacts").json(), api.get("/contacts?cursor=2").json()]
    api.get("/moved")
    return Response(data={"pages": len(pages), "missing": requests.get(f"{api.base_url}/nowhere").status_code})
"""
CALLED = """\
import flask

from src.runtime.testing import StandIn

api = StandIn(connection={"api_key": "made-up-key-of-the-stand-in"})
api.collection("/contacts", [{"name": name} for name in "abc"], page_size=2)
api.fail(429, "GET /contacts", after=1, headers={"Retry-After": "1"})


@api.get("/moved")
def moved():
    return flask.redirect("/contacts/1")
"""


def test_the_calls_of_a_run_are_listed(invoking: Stacksync) -> None:
    (invoking.cwd / "src/modules/team/v1/route.py").write_text(CALLING, "utf-8")
    (invoking.cwd / "tests/stand_in.py").write_text(CALLED, "utf-8")
    arguments = ("invoke", "team", "--set", "name=Ada", "--stand-in", "--calls", "--quiet")

    done = invoking(*arguments)

    assert (done.returncode, json.loads(done.stdout)["data"]) == (0, {"pages": 2, "missing": 404})
    title, headings, *rows = done.stderr.splitlines()
    assert (title, headings.split()) == (
        "execute: 6 calls",
        ["#", "METHOD", "ADDRESS", "STATUS", "TIME", "SIZE", "LINE"],
    )
    place = "src/modules/team/v1/route.py"
    expected = [
        rf"1 +GET +/contacts +200 .* B +{place}:11",
        rf"2 +GET +/contacts\?cursor=2 +429 .*{place}:11",
        rf"3 +GET +/contacts\?cursor=2 +200 .*{place}:11 +repeats 2, waited 1.\d s",
        rf"4 +GET +/moved +302 .*{place}:12",
        rf"5 +GET +/contacts/1 +200 .*{place}:12 +redirected by 4",
        rf"6 +GET +/nowhere +404 .*{place}:13",
    ]
    plain = [re.sub(r"http://127\.0\.0\.1:\d+", "", row).strip() for row in rows]
    assert [row for row, wanted in zip(plain, expected, strict=True) if not re.fullmatch(wanted, row)] == []

    report = json.loads(invoking(*arguments, "--json").stdout)
    (run,) = report["calls"]
    assert (run["endpoint"], run["seen"], run["other_ways"]) == ("execute", True, [])
    assert [each["status"] for each in run["calls"]] == [200, 429, 200, 302, 200, 404]
    assert "made-up-key" not in json.dumps(run)


MADE = """

@module.schema
def schema(request: Request) -> dict:
    item = {"type": "object", "fields": [{"id": "a", "type": "string"}]}
    return module.base_form({"id": "extra", "type": "array", "items": item})
"""


@pytest.mark.parametrize("made", ["", MADE])
def test_a_field_that_the_form_does_not_have_is_told(invoking: Stacksync, made: str) -> None:
    write_module(invoking.cwd, "own", ROUTE + made, [{"id": "name", "type": "string"}])
    extra = ["--set", "extra.0.a=x", "--set", "extra.0.b=x"] if made else []
    done = invoking("invoke", "own", "--set", "name=Ada", "--set", "nmae=Bob", *extra, "--json")

    has = "name, extra" if made else "name"
    warnings = [f"--set nmae: the form has no field 'nmae'; it has {has}"]
    warnings += ["--set extra.0.b: the form has no field 'b'; it has a"] if made else []
    assert json.loads(done.stdout)["unknown"] == warnings
    assert [line for line in done.stderr.splitlines() if "warning" in line] == [f"warning: {each}" for each in warnings]
