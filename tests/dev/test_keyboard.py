"""Who gets what is typed: the request that asks for it, in its turn, and `stacksync dev` otherwise."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stacksync.dev.events import Events
from stacksync.dev.keyboard import Keyboard, Question
from stacksync.dev.processes import handover
from tests.dev.developed import PROBE, ROUTE, developed, wait

ASKING = """\
import sys

from src.runtime import Module, Request, Response

module = Module(__name__)
ANSWER = "one"


@module.execute
def execute(request: Request) -> Response:
    print("? ", end="")
    return Response(data=[sys.stdin.readline(), sys.stdin.readline(), ANSWER])
"""


@dataclass(eq=False)
class Process:
    """A process that asks."""

    got: list[str] = field(default_factory=list)

    def type(self, text: str) -> None:
        self.got.append(text)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def keyboard(events: Events) -> Keyboard:
    found = Keyboard(events)
    found.is_open = True
    return found


def told(events: Events) -> list[str]:
    return [" ".join([event.kind, *map(str, event.data.values())]) for event in events.since(0)]


def test_a_line_is_a_key_when_nobody_asks(keyboard: Keyboard, events: Events) -> None:
    for line in ("r\n", "\n", "  T \n", "", "pa55word\n"):
        keyboard.take(line)

    assert told(events) == ["key r", "key T", "key "]


def test_a_request_has_the_keyboard_until_it_is_answered(keyboard: Keyboard, events: Events) -> None:
    process = Process()
    keyboard.ask(Question(process, 1, "first? "))
    for line in ("one\n", "q\n", "ahead\n"):
        keyboard.take(line)
    assert process.got == ["one\n"]
    keyboard.ask(Question(process, 1, "second? "))
    assert process.got == ["one\n", "q\n"]

    keyboard.end(process, 1)
    keyboard.take("h\n")
    keyboard.ask(Question(process, 2, "third? "))

    assert process.got == ["one\n", "q\n"]  # what was typed for the first request is not for another one
    assert told(events) == [
        *("asks first? ", "answered True"),
        *("asks second? ", "answered False", "key h", "asks third? "),
    ]


def test_those_who_ask_wait_for_one_another(keyboard: Keyboard, events: Events) -> None:
    one, other = Process(), Process()
    keyboard.ask(Question(one, 1, "one? "))
    keyboard.ask(Question(other, 1, "other? "))

    keyboard.forget(one)
    keyboard.take("for the other\n")

    assert (one.got, other.got) == ([], ["for the other\n"])
    assert told(events) == ["asks one? ", "answered False", "asks other? ", "answered True"]


def test_nobody_waits_where_nobody_can_type(keyboard: Keyboard) -> None:
    early, late = Process(), Process()
    keyboard.ask(Question(early, None, ""))
    keyboard.take("")
    keyboard.ask(Question(early, None, ""))
    keyboard.close()
    keyboard.ask(Question(late, 1, ""))

    assert (early.got, late.got) == (["", ""], [""])


def test_without_a_terminal_a_handler_reads_nothing(root: Path) -> None:
    (root / ROUTE).write_text(ASKING)
    (root / PROBE / "module_config.yaml").write_text("module_settings:\n  validate_input: false\n")
    with developed(root) as crm:
        assert crm.probe() == ["", "", "one"]


def test_a_reload_leaves_a_request_that_is_typed_into_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "DRAINING", 0.05)
    (root / ROUTE).write_text(ASKING)
    (root / PROBE / "module_config.yaml").write_text("module_settings:\n  validate_input: false\n")
    with developed(root) as crm, ThreadPoolExecutor() as pool:
        keyboard = crm.session.keyboard
        keyboard.is_open = True
        with crm.next_event("asks") as asked:
            answer = pool.submit(crm.probe)
        assert asked["prompt"] == "? "

        with crm.next_state("ready"):
            crm.edit(ROUTE, '"one"', '"two"')
        keyboard.take("Ada\n")
        wait(lambda: bool(keyboard._waiting))
        keyboard.take("Lovelace\n")

        assert answer.result(20) == ["Ada\n", "Lovelace\n", "one"]
