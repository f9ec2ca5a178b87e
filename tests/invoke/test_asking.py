"""What is asked for on a terminal: in the form's order, with its rules and the module's own choices."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Stacksync
from tests.invoke.conftest import ROUTE, write_module
from tests.invoke.terminal import CTRL_C, DOWN, ENTER, asking

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such terminals on Windows")

ECHO = ROUTE.replace('{**request.data, "keys": sorted(connection), "text": "\\u202e\\x9b"}', "request.data")
REQUIRED = {"required": True}


def content(name: str, *depends_on: str) -> dict[str, Any]:
    """Return what makes a field a dropdown that content fills."""
    needed = [{"id": each} for each in depends_on]
    objects = [{"id": name, "content_object_depends_on_fields": needed}]
    return {"choices": {"values": []}, "content": {"type": ["managed"], "content_objects": objects}}


def data_of(said: tuple[int, str]) -> Any:
    code, out = said
    assert code == 0
    return json.loads(out)["data"]


def test_dependent_dropdowns_are_filled_once_what_they_depend_on_is_there(invoking: Stacksync) -> None:
    # The form shows the dropdown that depends on the other one before it.
    person = {"id": "person", "type": "string", "label": "Person", "validation": REQUIRED, **content("people", "team")}
    team = {"id": "team", "type": "string", "label": "Team", **content("teams")}
    write_module(invoking.cwd, "cascade", ECHO, [person, team])

    with asking(invoking, "invoke", "cascade", "--set-json", "unknown=1") as run:
        run.answer("? Team (optional)", "re" + ENTER)  # typing looks among the choices
        run.answer("? Person", DOWN + ENTER)
        assert data_of(run.end()) == {"unknown": 1, "team": "red", "person": "red-2"}
        assert "Red player 2" in run.said


def test_with_nothing_given_the_whole_form_is_asked_for(invoking: Stacksync) -> None:
    with asking(invoking, "invoke", "team") as run:
        run.answer("? Name", ENTER)
        run.answer("Name is required", "Ada" + ENTER)
        run.answer("? Team (optional)", "Blu" + ENTER)
        run.answer("? Person (optional)", "other" + ENTER)
        run.answer("? Person (optional)", "somebody" + ENTER)
        run.answer("? Size (optional)", "\x7fx" + ENTER)
        run.answer("must be a number", "\x7f12" + ENTER)
        run.answer("? Add an item to Rows?", "y")
        run.answer("? a 1 (optional)", "first" + ENTER)
        run.answer("? Add another item to Rows?", "n")
        run.answer("? Dotted (optional)", ENTER)
        run.answer("? Pin (optional)", "1234-secret" + ENTER)
        assert data_of(run.end()) == {
            "name": "Ada",
            "team": "blue",
            "person": "somebody",
            "size": 12,
            "rows": [{"a": "first"}],
            "pin": "1234-secret",
            "keys": [],
            "text": "\u202e\x9b",
        }
        assert "1234-secret" not in run.said


def test_with_something_given_only_what_is_required_is_asked_for(invoking: Stacksync) -> None:
    with asking(invoking, "invoke", "team", "--set", "size=1") as run:
        run.answer("? Name", "Ada" + ENTER)
        assert data_of(run.end())["size"] == 1
        assert run.said.count("? ") < 10


def test_rules_are_applied_after_each_answer(invoking: Stacksync) -> None:
    kinds = {"values": [{"value": "a", "label": "Kind A"}, {"value": "b", "label": "Kind B"}]}
    kind = {"id": "kind", "type": "string", "label": "Kind", "choices": kinds, "validation": REQUIRED}
    only_b = {"id": "only_b", "type": "string", "label": "Of B", "ui_options": {"ui_widget": "hidden"}}
    is_b = {"and": [{"id": "kind", "operator": "equal", "value": "b"}]}
    shown = {"id": "only_b", "ui_options": {"ui_widget": "input"}, "validation": REQUIRED, "apply_as": "merge"}
    rules = [{"if": is_b, "then": {"fields": [shown]}}]
    write_module(invoking.cwd, "ruled", ECHO, [only_b, kind], rules=rules)

    with asking(invoking, "invoke", "ruled") as run:
        run.answer("? Kind", "B" + ENTER)
        run.answer("? Of B", "yes" + ENTER)
        assert data_of(run.end()) == {"kind": "b", "only_b": "yes"}
    with asking(invoking, "invoke", "ruled") as run:
        run.answer("? Kind", "A" + ENTER)
        assert data_of(run.end()) == {"kind": "a"}
        assert "Of B" not in run.said


GROWING = """

@module.schema
def schema(request: Request) -> dict:
    form = json.loads((module.folder / "schema.json").read_text())
    if request.form_data.get("team"):
        label = f"Field of {request.form_data['team']}"
        form["fields"].append({"id": "extra", "type": "string", "label": label, "validation": {"required": True}})
    return form
"""


def test_a_form_that_its_module_makes_is_asked_for_again(invoking: Stacksync) -> None:
    load = {"on_action": {"load_schema": True}, "validation": REQUIRED}
    team = {"id": "team", "type": "string", "label": "Team", **content("teams"), **load}
    write_module(invoking.cwd, "growing", ECHO + GROWING, [team])

    with asking(invoking, "invoke", "growing") as run:
        run.answer("? Team", "red" + ENTER)
        run.answer("? Field of red", "{{ a.b }}" + ENTER)
        run.answer("? {{ a.b }} is replaced with", "7" + ENTER)
        assert data_of(run.end()) == {"team": "red", "extra": 7}


def test_a_connection_is_chosen_among_those_that_fit(invoking: Stacksync) -> None:
    form = {"connections": {"required": True, "app_types": ["hubspot"]}}
    account = {"id": "account", "type": "connection", "label": "Account", "validation": REQUIRED}
    write_module(invoking.cwd, "connected", ROUTE, [{"id": "name", "type": "string", "label": "Name"}], **form)
    write_module(invoking.cwd, "inside", ROUTE, [account])
    none = invoking("invoke", "connected")
    assert none.returncode == 1
    with asking(invoking, "invoke", "connected", "--set", "name=x") as run:
        code, _ = run.end()
        assert code == 1
        assert "TIP: save one: stacksync connect NAME" in run.said
    for name, kind in (("hub", "hubspot"), ("sales", "salesforce")):
        invoking("connect", name, "--type", kind, "--from-env", "access_token=KEY", KEY=f"key-of-{name}")

    with asking(invoking, "invoke", "connected", "--set", "name=x") as run:
        run.answer("? Connection", ENTER)
        assert data_of(run.end())["keys"] == ["access_token"]
        assert "hub (hubspot)" in run.said
        assert "sales" not in run.said
    with asking(invoking, "invoke", "inside") as run:
        run.answer("? Account", "sales" + ENTER)
        assert data_of(run.end())["keys"] == ["access_token"]


def test_ctrl_c_ends_it(invoking: Stacksync) -> None:
    with asking(invoking, "invoke", "team") as run:
        run.answer("? Name", CTRL_C)
        assert run.end() == (130, "")
        assert "Traceback" not in run.said


def test_nothing_is_asked_where_standard_input_is_the_input(invoking: Stacksync) -> None:
    with asking(invoking, "invoke", "team", "--input", "@-") as run:
        os.write(run.keyboard, b'{"size": 1}\n\x04\x04')
        code, out = run.end()
        assert (code, json.loads(out)["data"]["errors"][0]["field"]) == (1, "name")


def test_a_connection_is_asked_for_its_fields(invoking: Stacksync) -> None:
    with asking(invoking, "connect", "mine", "--type", "hubspot") as run:
        run.answer("? access_token", "a-secret-token" + ENTER)
        run.answer("? token_type", ENTER)
        run.answer("? expiration_time", ENTER)
        assert run.end() == (0, "Saved the connection mine (hubspot): access_token.\n")
        assert "a-secret-token" not in run.said
    saved = json.loads(Path(invoking.cwd / ".stacksync/connections.json").read_text("utf-8"))["connections"]
    assert saved[0]["value"] == {"access_token": "a-secret-token"}


def test_a_type_that_nobody_knows_is_asked_for_by_name(invoking: Stacksync) -> None:
    with asking(invoking, "connect", "mine") as run:
        run.answer("? Type", "my_api" + ENTER)
        run.answer("? Field", "user" + ENTER)
        run.answer("? user", "ada" + ENTER)
        run.answer("? Field", ENTER)
        assert run.end() == (0, "Saved the connection mine (my_api): user.\n")


def test_a_handler_stops_in_the_debugger(invoking: Stacksync) -> None:
    stopping = ECHO.replace("    return Response(", "    name = input('Who? ')\n    breakpoint()\n    return Response(")
    write_module(invoking.cwd, "stopping", stopping.replace("request.data)", "name)"), [])

    with asking(invoking, "invoke", "stopping", "--set-json", "unknown=1") as run:
        run.answer("Who? ", "Ada" + ENTER)
        run.answer("(Pdb) ", "name = name.upper()" + ENTER)
        run.answer("(Pdb) ", "c" + ENTER)
        assert data_of(run.end()) == "ADA"
