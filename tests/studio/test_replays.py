"""The examples of a module, run as its tests run them."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.conftest import Studio

SECRET = "s3cret-of-the-account"


@pytest.fixture
def examples(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return where the examples of a module are."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    folder = studio.root / "src/modules/greet/v1/examples"
    folder.mkdir()
    yield folder
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def write(folder: Path, name: str, sent: dict[str, Any], reply: Any, status: int = 200) -> None:
    content = {"request": {"data": sent}, "status": status, "reply": reply}
    (folder / f"{name}.json").write_text(json.dumps(content))


def outcomes(html: str) -> dict[str, str]:
    return dict(re.findall(r'id="replay-([\w-]+)" data-outcome="([\w ]+)"', html))


def test_what_examples_expect_is_held_against_what_is_answered(studio: Studio, examples: Path) -> None:
    studio.connect("Mine", token=SECRET)
    write(examples, "right", {"name": "$$5", "tags": ["a"]}, {"data": {"name": "$$5"}})
    write(examples, "refused", {"name": "nobody"}, {"error": "Nobody is no name."}, 404)
    write(examples, "status", {"name": "nobody"}, {})
    write(examples, "value", {"name": SECRET}, {"data": {"name": "Bob", "tags": ["x"]}})
    (examples / "broken.json").write_text("{")
    every = {"broken": "failed", "refused": "passed", "right": "passed", "status": "failed", "value": "failed"}
    assert outcomes(studio.get("/m/greet/v1/replays").text) == dict.fromkeys(every, "not run")

    shown = studio.post("/m/greet/v1/replays").text

    assert outcomes(shown) == every
    assert studio.get("/m/greet/v1/replays").text == shown  # kept until other code serves
    assert "3 failed" in shown
    assert "404, expected 200" in shown
    places = re.findall(r'<code class="place">(.*?)</code> <span class="kind">(\w+)</span>', shown)
    assert places == [("data.name", "changed"), ("data.tags", "removed")]
    assert SECRET not in shown


def test_an_example_that_ends_the_process_fails_and_those_behind_it_are_not_run(studio: Studio, examples: Path) -> None:
    route = examples.parent / "route.py"
    text = route.read_text()
    for name in ("a", "b_ends", "c"):
        write(examples, name, {"name": name}, {})
    with studio.connector.next_state("ready"):
        route.write_text(
            text.replace("    print(", "    request.data['name'] == 'b_ends' and __import__('os')._exit(3)\n    print(")
        )
    try:
        shown = studio.post("/m/greet/v1/replays").text
    finally:
        with studio.connector.next_state("ready"):
            route.write_text(text)

    assert outcomes(shown) == {"a": "passed", "b_ends": "failed", "c": "not run"}
    assert "There is no answer: the process ended with exit code 3." in shown


def test_a_module_without_examples_says_so(studio: Studio) -> None:
    assert "No example yet" in studio.get("/m/guarded/v1/replays").text
