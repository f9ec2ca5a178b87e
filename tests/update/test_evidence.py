"""What counts as lost, and what does not: the counting of lines, and the decision that follows."""

from dataclasses import replace
from pathlib import Path

import pytest

from stacksync.git.isolation import isolated
from stacksync.updates.evidence import Sides, missing_edits, missing_lines, read_edits
from stacksync.updates.merging import Outcome, Trees, decide
from stacksync.updates.store import Entry, Store

BASE = b"a\nb\n}\n\nc\n}\n"


@pytest.mark.parametrize(
    "user, release, result, missing",
    [
        (b"a\nmine\nb\n}\n\nc\n}\n", BASE + b"new\n", b"a\nmine\nb\n}\n\nc\n}\nnew\n", []),
        (b"a\nmine\nb\n}\n\nc\n}\n", BASE + b"new\n", BASE + b"new\n", [b"mine"]),
        (b"a\n}\n\nc\n}\n", BASE + b"new\n", BASE + b"new\n", [b"b"]),
        (b"a\nb\n}\n\nc\n}\n}\n", BASE + b"new\n", BASE + b"new\n", [b"}"]),
        (b"a\nb\n}\n\nc\n}\n}\n", BASE + b"}\n", BASE + b"}\n", []),
        (b"a\nb\n\n}\n\nc\n}\n", BASE + b"new\n", BASE + b"new\n", [b""]),
        (b"a\r\nb\n}\n\nc\n}\n", BASE + b"new\n", BASE + b"new\n", [b"a\r", b"a"]),
        (b"a\nmine\n}\n\nc\n}\n", b"a\ntheirs\n}\n\nc\n}\n", b"a\ntheirs\n}\n\nc\n}\n", [b"mine"]),
        (
            b"a\nmine\n}\n\nc\n}\n",
            b"a\ntheirs\n}\n\nc\n}\n",
            b"a\n<<<<<<< before updating\nmine\n=======\ntheirs\n>>>>>>> after updating\n}\n\nc\n}\n",
            [],
        ),
        (
            b"a\n}\n\nc\n}\n",
            b"a\nB\n}\n\nc\n}\n",
            b"a\n<<<<<<< before updating\n=======\nB\n>>>>>>> after updating\n}\n\nc\n}\n",
            [],
        ),
        (b"a\nb\n}\n\nc\n}", BASE + b"new\n", b"a\nb\n}\n\nc\n}\nnew\n", []),
    ],
    ids=[
        "kept",
        "a line is gone",
        "a removed line is back",
        "a brace is gone",
        "both added the same brace",
        "a blank line is gone",
        "a line end is gone",
        "overwritten",
        "in conflict",
        "removed in conflict",
        "the end of the last line",
    ],
)
def test_lines_are_counted(user: bytes, release: bytes, result: bytes, missing: list[bytes]) -> None:
    assert missing_lines(Sides(BASE, user, release), result) == missing


MOVED = read_edits(b"@@ -1 +0,0 @@\n-a\n@@ -6,0 +6 @@\n+a\n")
ADDED = read_edits(b"--- x\n+++ x\n@@ -6,0 +7 @@\n+new\n")


@pytest.mark.parametrize(
    "result, missing", [(b"b\n}\n\nc\n}\na\nnew\n", []), (b"b\n}\n\nc\n}\na\n", []), (b"b\n}\n\nc\n}\n", [b"a"])]
)
def test_a_moved_line_is_told(result: bytes, missing: list[bytes]) -> None:
    sides = Sides(BASE, b"b\n}\n\nc\n}\na\n", BASE + b"new\n")

    assert missing_edits(sides, result, MOVED, ADDED) == missing


def test_a_block_must_stand_together() -> None:
    user = read_edits(b"@@ -1,0 +2,2 @@\n+one\n+two\n")
    sides = Sides(b"a\nb\n", b"a\none\ntwo\nb\n", b"a\nb\nc\n")

    assert missing_edits(sides, b"a\none\ntwo\nb\nc\n", user, ADDED) == []
    assert missing_edits(sides, b"a\none\nb\ntwo\nc\n", user, ADDED) == [b"one", b"two"]


@pytest.fixture
def store(tmp_path: Path) -> "Store":
    """Return a repository to decide in."""
    with isolated(tmp_path) as isolation:
        isolation.git(tmp_path, "init", "--quiet")
        return Store(isolation, tmp_path)


def trees(store: Store, *sides: bytes | None) -> Trees:
    """Return the base, the user's, the release's and the merged side of one file; None where it is not there."""
    base, user, release, merged = (
        {"f": Entry("100644", store.add(side))} if side is not None else {} for side in sides
    )
    return Trees(base, user, release, merged)


USER, RELEASE = b"mine\n" + BASE, BASE + b"new\n"
MERGED = b"mine\n" + BASE + b"new\n"


@pytest.mark.parametrize(
    "user, release, merged, expected",
    [
        (USER, RELEASE, RELEASE, MERGED),
        (USER, RELEASE, MERGED, MERGED),
        (USER, RELEASE, None, MERGED),
        (USER, BASE, BASE, USER),
        (BASE, RELEASE, RELEASE, RELEASE),
        (None, RELEASE, RELEASE, None),
        (USER, BASE, None, USER),
    ],
    ids=["lost by Copier", "kept by Copier", "removed by Copier", "only mine", "only theirs", "removed by me", "mine"],
)
def test_what_copier_loses_is_merged_again(
    store: Store, user: bytes | None, release: bytes, merged: bytes | None, expected: bytes | None
) -> None:
    outcome = decide(store, trees(store, BASE, user, release, merged), "answers")["f"]

    assert outcome == Outcome(Entry("100644", store.add(expected)) if expected is not None else None)


@pytest.mark.parametrize(
    "user, release",
    [(b"\0mine" + BASE, RELEASE), (USER, b"\0" + RELEASE), (USER, None)],
    ids=["mine", "theirs", "gone"],
)
def test_what_cannot_be_merged_stays_as_a_conflict(store: Store, user: bytes, release: bytes | None) -> None:
    sides = trees(store, BASE, user, release, release)

    assert decide(store, sides, "answers")["f"] == Outcome(sides.user["f"], conflict=True)


def test_the_mode_that_the_user_set_stays(store: Store) -> None:
    sides = trees(store, BASE, USER, RELEASE, RELEASE)
    executable = replace(sides, user={"f": Entry("100755", store.add(USER))})

    assert decide(store, executable, "answers")["f"] == Outcome(Entry("100755", store.add(MERGED)))
