"""Why a run failed: the connector's own lines, the API's answer that led to it, and nothing secret."""

import json
import re
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.dev.developed import Developed
from tests.studio.browsing import Element, page
from tests.studio.conftest import FAILING_ROUTE, Studio

FILE = "src/modules/failing/v1/route.py"
TOKEN = "tok_9f8e7d6c5b4a"


class Api(BaseHTTPRequestHandler):
    """Refuses every request, and quotes the token of the account."""

    def do_GET(self) -> None:
        body = json.dumps({"message": "no such contact", "token": TOKEN, "filler": "x" * 9000}).encode()
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v2"
        server.shutdown()
        thread.join()


def line_of(code: str) -> int:
    return next(number for number, line in enumerate(FAILING_ROUTE.splitlines(), 1) if code in line)


def run(studio: Studio, **form: Any) -> Element:
    answer = studio.post("/m/failing/v1/run", anyway="1", **form).get_json()
    return page(answer["response"])


def card(response: Element) -> Element:
    (found,) = response.find("section", class_="failure")
    return found


def words(element: Element) -> str:
    return " ".join(element.text.split())


def own_lines(card: Element) -> list[str]:
    return [words(each) for each in card.find("li") if each.find(class_="place")]


def test_the_error_is_shown_with_the_lines_that_led_to_it(studio: Studio) -> None:
    shown = card(run(studio, kind="key"))

    assert [words(each) for each in shown.find("h3")] == ["KeyError"]
    assert shown.find("p", class_="message")[0].text == "'missing'"
    (line,) = own_lines(shown)
    place = f"{FILE}:{line_of('request.connection().get')}"
    assert line.startswith(f"{place} in execute return Response(")
    assert "data-innermost" in shown.find("li")[0].attributes
    others = words(shown.find("details")[0])
    assert re.match(r"\d+ lines of the runtime and libraries", others)
    assert "src/runtime/module.py:" in others
    assert "flask/app.py:" in others
    (copied,) = shown.find("button", title="Copy the request id")
    assert re.fullmatch("[0-9a-f]{32}", copied["data-copy"])
    studio.connector.event_after(
        0, "log", lambda data: "KeyError answered with 500" in data["line"] and copied["data-copy"] in data["line"]
    )


@pytest.mark.parametrize(
    "kind, error, message, code",
    [
        ("api", "ApiError", "127.0.0.1 answered 404: no such contact", "api.get("),
        ("wrapped", "ManagedError", "The contact is gone.", "raise ManagedError"),
        ("requests", "HTTPError", "404 Client Error", "raise_for_status"),
    ],
)
def test_the_answer_of_the_api_that_led_to_it_is_shown(
    studio: Studio, api: str, kind: str, error: str, message: str, code: str
) -> None:
    shown = card(run(studio, kind=kind, api=api, _connection=studio.connect("Mine", token=TOKEN)))

    assert [words(each) for each in shown.find("h3")] == [error, "What the API answered"]
    assert message in shown.find("p", class_="message")[0].text
    assert own_lines(shown)[0].startswith(f"{FILE}:{line_of(code)} in ")
    assert words(shown.find("p", class_="called")[0]) == f"404 GET {api}/contacts/7"
    body = shown.find("pre")[0].text
    assert '"message": "no such contact"' in body
    assert "••••••" in body
    assert re.search(r"x… \(\d+ characters\)$", body)
    assert len(body) < 4200
    assert TOKEN not in shown.text
    assert "in-the-query" not in shown.find("p", class_="called")[0].text


def test_an_api_that_does_not_answer_is_named(studio: Studio) -> None:
    shown = card(run(studio, kind="nobody"))

    assert words(shown.find("p", class_="called")[0]) == "no answer POST http://127.0.0.1:9/contacts"
    assert shown.find("pre") == []


def test_what_the_error_says_is_masked(studio: Studio) -> None:
    chosen = studio.connect("Mine", token=TOKEN)

    response = run(studio, kind="key", _connection=chosen)

    assert TOKEN not in response.text
    assert card(response).find("p", class_="message")[0].text == "'••••••'"


def test_a_recursion_is_told_in_a_few_lines(studio: Studio) -> None:
    shown = card(run(studio, kind="deep"))

    first, second = own_lines(shown)
    assert re.match(rf"{FILE}:{line_of('return deep')} in deep, \d+ times innermost return deep", first)
    assert second.startswith(f"{FILE}:{line_of('deep(0)')} in execute")


def test_an_error_of_the_runtime_alone_is_shown(studio: Studio) -> None:
    shown = card(run(studio, kind="object"))

    assert own_lines(shown) == []
    assert words(shown.find("h3")[0]) == "NotSerialisableError"


def test_a_refused_input_and_a_good_answer_have_no_card(studio: Studio) -> None:
    refused, good = run(studio, kind="longer than ten"), run(studio, kind="good")

    assert ">400<" in str(studio.get("/history/1/response").data)
    assert refused.find("section") == good.find("section") == []


def test_a_list_of_choices_that_failed_says_why(studio: Studio) -> None:
    studio.post("/m/failing/v1/content", kind="a")

    calls = page(studio.get("/m/failing/v1/content-calls").text)
    assert words(card(calls).find("h3")[0]) == "TypeError"


def test_it_is_shown_again_from_the_history(studio: Studio) -> None:
    first = run(studio, kind="key")

    again = page(studio.get("/history/1/response").text)

    assert words(card(again)) == words(card(first))


def test_the_answer_itself_holds_none_of_it(running: Developed) -> None:
    status, body = running.call("/failing/v1/execute", {"kind": "key"}, run="studio-999")

    assert status == 500
    assert set(body) == {"error", "data", "metadata", "status_code"}
    assert FILE not in unescape(json.dumps(body))
    assert len(running.session.failures.of("studio-999")) == 1


def test_calls_of_others_are_not_kept(running: Developed) -> None:
    with running.next_event("request"):
        running.call("/failing/v1/execute", {"kind": "key"})

    assert None not in running.session.failures._runs
