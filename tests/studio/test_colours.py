"""Colours of code: every language of the platform, places as the browser counts them, and what Pygments hangs on."""

from collections.abc import Iterator

import pytest

from src.runtime.forms.vocabulary import LANGUAGES as OF_THE_PLATFORM
from stacksync.studio.colours.painter import LANGUAGES, LONGEST, Painter
from stacksync.studio.colours.spans import spans
from stacksync.studio.guards import HEADER
from tests.studio.conftest import Studio

EVERY = {
    "json": ('{"a": [1, true, "x"]}', [('"a"', "name"), ("1", "number"), ("true", "keyword"), ('"x"', "string")]),
    "sql": (
        "SELECT a FROM b -- all\nWHERE d = 'x'",
        [("SELECT", "keyword"), ("FROM", "keyword"), ("-- all\n", "comment"), ("WHERE", "keyword"), ("'x'", "string")],
    ),
    "javascript": ("const a = 'b'; // c", [("const", "keyword"), ("'b'", "string"), ("// c", "comment")]),
    "python": ("def f():\n    return 1", [("def", "keyword"), ("f", "name"), ("return", "keyword"), ("1", "number")]),
    "yaml": ("a: 'b'  # c", [("a", "name"), ("'b'", "string"), ("# c", "comment")]),
    "xml": ('<a b="c"/>', [("<a", "name"), ("b=", "attribute"), ('"c"', "string"), ("/>", "name")]),
    "html": ('<a href="c">', [("a", "name"), ("href", "attribute"), ('"c"', "string")]),
    "css": (
        "a { color: red; } /* c */",
        [("a", "name"), ("color", "keyword"), ("red", "keyword"), ("/* c */", "comment")],
    ),
}
HANGING = "&" * LONGEST  # as XML


@pytest.fixture
def painter() -> Iterator[Painter]:
    painter = Painter(0.5)
    yield painter
    painter.close()


@pytest.mark.parametrize("language", EVERY)
def test_every_language_of_the_platform_has_its_colours(studio: Studio, language: str) -> None:
    text, words = EVERY[language]

    answer = studio.post("/colours", _language=language, _text=text)

    assert [(text[start:end], kind) for start, end, kind in answer.get_json()] == words


def test_the_languages_are_those_of_the_platform() -> None:
    assert set(EVERY) == set(LANGUAGES) == set(OF_THE_PLATFORM)


def test_places_are_those_of_javascript() -> None:
    text = '["é", "😀", "\ud83d", 1]'
    assert [(start, end) for start, end, _ in spans("json", text)] == [(1, 4), (6, 10), (12, 15), (17, 18)]


def test_another_page_gets_no_colours(studio: Studio) -> None:
    form = {"language": "json", "text": "1"}
    assert studio.client.post("/colours", data=form).status_code == 403
    assert studio.client.post("/colours", data=form, headers={HEADER: "1"}).get_json() == [[0, 1, "number"]]


@pytest.mark.parametrize(
    "language, text",
    [
        ("json", "1" * (LONGEST + 1)),
        ("fortran", "1"),
        ("", "1"),
        ("../json", "1"),
        ("json", ""),
        ("python", "\n\r\n\0"),
    ],
)
def test_what_cannot_be_coloured_stays_plain(studio: Studio, language: str, text: str) -> None:
    assert studio.post("/colours", _language=language, _text=text).get_json() == []


def test_a_text_that_hangs_stays_plain_and_the_next_one_has_its_colours(painter: Painter) -> None:
    for _ in range(2):
        assert painter.paint("xml", HANGING) == []
        assert painter.paint("json", "1") == [[0, 1, "number"]]


def test_a_child_that_was_killed_is_replaced(painter: Painter) -> None:
    assert painter.paint("json", "1")
    assert painter._child
    painter._child.kill()
    painter._child.wait()
    assert painter.paint("json", "1") == []
    assert painter.paint("json", "1") == [[0, 1, "number"]]
