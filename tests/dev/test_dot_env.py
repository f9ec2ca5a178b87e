"""The connector's environment: `.env`, and before it what is set."""

from pathlib import Path

import pytest

from stacksync.dev.environment.dot_env import DotEnvError, read_dot_env, read_environment

TEXT = """\
# A comment
PLAIN=value   # and another
export QUOTED="two words"
SINGLE='not $PLAIN'
MADE=${PLAIN}s
EMPTY=
ALONE
LINES="one
two"
"""


def test_reads_what_shells_and_compose_read(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    values = read_dot_env(tmp_path)
    assert {name: value.replace("\r", "") for name, value in values.items()} == {
        "PLAIN": "value",
        "QUOTED": "two words",
        "SINGLE": "not $PLAIN",
        "MADE": "values",
        "EMPTY": "",
        "LINES": "one\ntwo",
    }


def test_what_is_set_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("API_KEY=of_the_file\nREGION=besg\n")
    monkeypatch.setenv("API_KEY", "of_the_shell")
    monkeypatch.delenv("REGION", raising=False)
    found = read_environment(tmp_path)
    assert (found["API_KEY"], found["REGION"]) == ("of_the_shell", "besg")


def test_no_file_sets_nothing(tmp_path: Path):
    assert read_dot_env(tmp_path) == {}


@pytest.mark.parametrize(
    "content, message",
    [
        (b"A=1\n'\n", ".env:2: is no line such as NAME=value."),
        (b"A=\xff\n", ".env:1: cannot be read: 'utf-8' codec can't decode byte 0xff in position 2: invalid start byte"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, message: str):
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(DotEnvError) as caught:
        read_dot_env(tmp_path)
    assert str(caught.value) == message
