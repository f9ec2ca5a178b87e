"""Running a module: what is sent, what comes back, and what is kept of it."""

import json
import re
import subprocess
import sys
from typing import Any

from playwright.sync_api import Locator, expect

from tests.studio.browser.studio_page import StudioPage

FAULTY = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.data))


@module.route("/content", methods=["POST"])
def content() -> Response:
    items = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}, {"label": "C"}]
    return Response(data={"content_objects": [{"content_object_name": "user", "data": items}]})
"""
FAULTY_FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "user",
            "type": "string",
            "label": "User",
            "choices": {"values": []},
            "content": {"type": ["managed"], "content_objects": [{"id": "users"}]},
            "ui_options": {"ui_widget": "SelectWidget"},
        }
    ],
}
BARE = """\
from flask import jsonify

from src.runtime import Module

module = Module(__name__)


@module.route("/execute", methods=["POST"])
def execute():
    return jsonify(result="done")
"""
ECHO = """\
import logging

from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    logging.getLogger(__name__).info("called with %s", request.data)
    print("token", request.data["account"]["connection_data"]["value"]["token"])
    return Response(data=dict(request.data))
"""
ECHO_FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {"id": "account", "type": "connection", "label": "Account", "allowed_app_types": ["custom_api"]},
        {"id": "pin", "type": "string", "label": "Pin", "ui_options": {"ui_widget": "password"}},
    ],
}
TOKEN = "t0ken-that-nobody-may-see"
PIN = "pin-that-nobody-may-see"


def greet(studio: StudioPage, name: str = "Ada") -> StudioPage:
    studio.control("Name").fill(name)
    studio.control("Language").select_option(label="Français")
    return studio


def test_a_run_shows_the_answer_the_request_and_the_log(studio: StudioPage) -> None:
    greet(studio.open())

    answer = studio.run()

    expect(answer.locator(".status")).to_have_text("200")
    expect(answer.locator("pre")).to_contain_text('"message": "Bonjour Ada"')
    expect(studio.page.locator("#said")).to_have_text(re.compile(r"^Answered: 200, \d+ ms, \d+ bytes\.$"))
    sent = json.loads(studio.tab("Request").locator("pre").text_content() or "")
    assert sent["data"] == {"name": "Ada", "language": "fr"}
    assert sent["credentials"] == {}
    assert list(sent)[2:] == ["workspace_id", "workflow_id", "workflow_module_instance_id"]
    logs = studio.tab("Logs")
    expect(logs.locator(".of-run")).to_contain_text(["/new_empty_action/v1/execute"])
    logs.get_by_label("Last run only").check()
    expect(logs.locator("li:visible")).to_have_count(logs.locator(".of-run").count())


def test_what_was_sent_can_be_copied(studio: StudioPage) -> None:
    studio.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    greet(studio.open()).run()
    request = studio.tab("Request")

    def copied(name: str) -> str:
        request.get_by_role("button", name=f"Copy as {name}").click()
        expect(studio.page.locator("#said")).to_have_text("Copied.")
        return str(studio.page.evaluate("navigator.clipboard.readText()"))

    command = copied("cURL")
    done = subprocess.run(["sh", "-c", f"{command} --silent"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["data"] == {"message": "Bonjour Ada"}

    compile(copied("pytest"), "test_copied.py", "exec")
    assert json.loads(copied("example")) == {
        "endpoint": "execute",
        "request": {"data": {"name": "Ada", "language": "fr"}},
        "status": 200,
        "reply": {"data": {"message": "Bonjour Ada"}},
    }


def test_an_answer_to_invalid_input_is_seen_by_sending_it_anyway(studio: StudioPage) -> None:
    studio.open()
    studio.page.get_by_label("Send anyway").check()

    answer = studio.run()

    expect(answer.locator(".status")).to_have_text("400")
    expect(answer.locator("pre")).to_contain_text("The input does not fit the form")


def test_content_that_breaks_the_contract_is_said(studio: StudioPage) -> None:
    with studio.module("faulty", FAULTY, FAULTY_FORM):
        expect(studio.field("/user")).to_contain_text("Asked for `users`, got `user`.")

        calls = studio.tab("Content calls")

        expect(studio.page.locator("#tab-content .count")).to_have_text("1")
        expect(calls.locator(".off")).to_contain_text("Not what the platform expects")
        expect(calls.locator(".off li")).to_contain_text(["Asked for `users`, got `user`.", "Item 3 has no value."])


def test_an_answer_that_breaks_the_contract_is_said(studio: StudioPage) -> None:
    with studio.module("bare", BARE, ECHO_FORM):
        answer = studio.run()

        expect(answer.locator(".off")).to_contain_text("The answer has no `data`.")
        expect(studio.page.locator("#said")).to_contain_text("1 off, not what the platform expects")


def add_field(dialog: Locator, name: str, value: str) -> None:
    """Add a field to a connection whose type nobody knows."""
    dialog.get_by_role("button", name="Add a field").click()
    dialog.get_by_label("Field", exact=True).last.fill(name)
    dialog.get_by_label("Value", exact=True).last.fill(value)


def test_secrets_go_to_the_module_and_nowhere_else(studio: StudioPage) -> None:
    with studio.module("echo", ECHO, ECHO_FORM):
        studio.button("New connection for Account").click()
        dialog = studio.page.get_by_role("dialog", name="New connection")
        expect(dialog.get_by_label("App type")).to_have_value("custom_api")
        dialog.get_by_label("Name").fill("Mine")
        add_field(dialog, "token", TOKEN)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_be_hidden()
        expect(studio.page.get_by_label("Account").locator("option:checked")).to_have_text("Mine (custom_api)")
        studio.control("Pin").fill(PIN)

        answer = studio.run()

        # The module answered with all that it got, so it got it; none of it may be seen.
        expect(answer.locator("pre")).to_contain_text('"token": "••••••"')
        expect(answer.locator("pre")).to_contain_text('"pin": "••••••"')
        expect(studio.tab("Logs")).to_contain_text("token ••••••")
        for tab in ("Request", "History", "Content calls", "Problems"):
            studio.tab(tab)
        for secret in (TOKEN, PIN):
            assert secret not in studio.page.content()
        assert TOKEN in (studio.served.root / ".stacksync/connections.json").read_text("utf-8")


def test_a_connection_is_edited_and_removed(studio: StudioPage) -> None:
    file = studio.served.root / ".stacksync/connections.json"

    def save(dialog: Locator) -> Any:
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_be_hidden()
        return next(each for each in json.loads(file.read_text("utf-8"))["connections"] if "Edited" in each["name"])

    studio.open("send_campaign/v1")
    studio.button("New connection for Account").click()
    dialog = studio.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Edited")
    add_field(dialog, "token", TOKEN)
    add_field(dialog, "instance_url", "https://a.test")
    save(dialog)

    studio.button("Edit the connection Edited (mailer)").click()
    token = dialog.get_by_label(re.compile("^Token"))
    expect(token).to_have_value("")
    expect(token).to_have_attribute("placeholder", "Saved. Leave it empty to keep it.")
    dialog.get_by_label("Name").fill("Edited again")
    dialog.get_by_label(re.compile("^Instance URL")).fill("https://b.test")
    changed = save(dialog)
    assert (changed["name"], changed["value"]) == ("Edited again", {"token": TOKEN, "instance_url": "https://b.test"})
    expect(studio.control("Account").locator("option:checked")).to_have_text("Edited again (mailer)")

    studio.button("Edit the connection Edited again (mailer)").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog).to_be_hidden()
    expect(studio.control("Account")).to_have_value("")
    expect(studio.control("Account").locator("option", has_text="Edited")).to_have_count(0)
    assert "Edited" not in file.read_text("utf-8")


def test_an_example_is_saved_replayed_by_pytest_and_filled_in(studio: StudioPage) -> None:
    greet(studio.open(), "Example").run()
    studio.button("Examples").click()
    studio.button("Save the input as an example…").click()
    dialog = studio.page.get_by_role("dialog", name="Save as an example")
    dialog.get_by_label("Name").fill("from_studio")
    dialog.get_by_role("button", name="Save").click()
    file = studio.served.root / "src/modules/new_empty_action/v1/examples/from_studio.json"
    try:
        expect(studio.page.locator(".toast")).to_contain_text("examples/from_studio.json")
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "from_studio"]
        done = subprocess.run(tests, cwd=studio.served.root, capture_output=True, text=True, check=False)
        assert re.search(r"^1 passed", done.stdout, re.MULTILINE), done.stdout

        studio.button("Reset").click()
        expect(studio.control("Name")).to_have_value("")
        studio.button("Examples").click()
        studio.page.locator("#examples").get_by_role("button", name="from_studio", exact=True).click()
        expect(studio.control("Name")).to_have_value("Example")
        expect(studio.control("Language").locator("option:checked")).to_have_text("Français")
    finally:
        file.unlink()


def test_a_run_is_sent_again_and_compared(studio: StudioPage) -> None:
    greet(studio.open(), "Ada").run()
    greet(studio, "Bob").run()
    calls = studio.tab("History").locator(".calls li")

    calls.first.get_by_role("button", name=re.compile("^Compare")).click()

    difference = studio.page.locator("#difference")
    expect(difference).to_contain_text("Bonjour Bob")
    expect(difference).to_contain_text("Bonjour Ada")
    number = calls.count()
    calls.nth(1).get_by_role("button", name=re.compile("^Send again")).click()
    expect(studio.panel("response").locator("pre")).to_contain_text("Bonjour Ada")
    studio.tab("History")
    expect(calls).to_have_count(number + 1)


def test_problems_are_those_of_check_at_their_place(studio: StudioPage) -> None:
    form = json.loads(json.dumps(FAULTY_FORM))
    form["fields"][0]["placeholder"] = "somebody"
    with studio.module("odd", FAULTY, form):
        problems = studio.tab("Problems")
        line = next(
            number for number, text in enumerate(json.dumps(form, indent=2).splitlines(), 1) if '"placeholder"' in text
        )
        expect(problems).to_contain_text(re.compile(rf"src/modules/odd/v1/schema\.json:{line}:\d+"))
