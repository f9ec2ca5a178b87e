"""Which paths a .dockerignore leaves out, as Docker's documentation and its matcher have it."""

from pathlib import Path

import pytest

from tests.production.context import Context, build_context, read_patterns

PATHS = [
    ("a.md", "a.md b/a.md", "b/a.md"),
    ("/a.md", "a.md b/a.md", "b/a.md"),
    ("b/", "b b/c/d.py c/b", "c/b"),
    ("*.md", "a.md b/a.md", "b/a.md"),
    ("**/*.md", "a.md b/a.md b/c/a.md a.py", "a.py"),
    ("*/temp*", "b/temp b/temp.txt b/c/temp temp", "b/c/temp temp"),
    ("b/**", "b/a b/c/a c/a", "c/a"),
    ("**/c/x", "c/x b/c/x b/c/y", "b/c/y"),
    ("temp?", "temp temp1 temp12", "temp temp12"),
    ("[a-b].py", "a.py b.py c.py", "c.py"),
    ("[^a].py", "a.py b.py", "a.py"),
    ("**/.*", ".env .git/config b/.env.local b/a.env", "b/a.env"),
    ("a.b", "a.b axb", "axb"),
    ("*.md\n!README.md", "README.md a.md", "README.md"),
    ("!README.md\n*.md", "README.md a.md", ""),
    ("b\n!b/c", "b/a b/c/d", "b/c/d"),
    ("# a\n\n  b  ", "a b", "a"),
    ("**/*.py[co]", "a.pyc b/a.pyo a.py", "a.py"),
]


@pytest.mark.parametrize("lines, paths, left", PATHS)
def test_what_is_left(lines: str, paths: str, left: str) -> None:
    context = Context(Path(), read_patterns(lines))

    assert [path for path in paths.split() if not context.excludes(path)] == left.split()


def test_a_folder_without_the_file_is_all_copied(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c.py").touch()
    (tmp_path / "link").symlink_to("b")

    assert build_context(tmp_path).paths() == ["b", "b/c.py", "link"]


def test_sources_are_found_by_name_and_pattern(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.py", ".dockerignore"):
        (tmp_path / name).write_text("b.txt\n")
    context = build_context(tmp_path)

    assert context.matching("*.txt") == ["a.txt"]
    assert context.matching("./c.py") == ["c.py"]
    assert context.matching("b.txt") == []
    assert context.matching(".") == ["."]
