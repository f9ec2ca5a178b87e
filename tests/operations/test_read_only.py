"""The tree read-only, no home, no privileges: what a hardened container gives a connector."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from .conftest import PATIENCE, Served, make_connector

NOBODY = 65534
START = {
    "plain": ("-m", "gunicorn", "main:app"),
    "with --config": ("-m", "gunicorn", "--config", "gunicorn.conf.py", "main:app"),
}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux can become another user"
)


# Four fifths of the packages of these tests, and nothing that a connector needs.
NEEDLESS = (
    "*__mypyc*",
    "actionlint*",
    "cryptography",
    "hypothesis",
    "kubernetes_validate*",
    "mypy*",
    "pip",
    "playwright",
)


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """Make a folder that every user may enter, as those of pytest may not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return such a folder."""
    with folder_for_all() as folder:
        yield folder


@pytest.fixture(scope="module")
def python() -> Iterator[dict[str, str]]:
    """This interpreter, linked to where every user may run it, and the environment that it needs there."""
    with folder_for_all() as home:
        paths = sysconfig.get_paths()
        stdlib = Path(paths["stdlib"])
        link_tree(stdlib, home / "lib" / stdlib.name, "test", "site-packages", "dist-packages")
        link_tree(Path(paths["platlib"]), home / "packages", *NEEDLESS)
        for library in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
            link_or_copy(str(library.resolve()), str(home / "lib" / library.name))
        link_or_copy(os.path.realpath(sys.executable), str(home / "python"))
        yield {"PYTHONHOME": str(home), "PYTHONPATH": str(home / "packages"), "LD_LIBRARY_PATH": str(home / "lib")}


@pytest.mark.parametrize("arguments", START.values(), ids=START)
def test_read_only_tree_without_a_home_as_another_user(
    arguments: tuple[str, ...], open_folder: Path, python: dict[str, str], serve: Callable[..., Served]
) -> None:
    root = make_connector(open_folder, metrics=True)
    before = sorted(root.rglob("*"))
    for path in [root, *before]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    served = serve(
        root,
        f"{python['PYTHONHOME']}/python",
        *arguments,
        user=NOBODY,
        HOME="/nonexistent",
        TMPDIR="/nonexistent",
        **python,
    )

    assert served.execute({}).status_code == 200
    assert requests.get(f"{served.url}/metrics", timeout=PATIENCE).status_code == 200
    assert served.stop() == 0
    assert sorted(root.rglob("*")) == before
    assert {line["level"] for line in served.lines()} == {"INFO"}


def link_tree(source: Path, target: Path, *ignored: str) -> None:
    shutil.copytree(source, target, copy_function=link_or_copy, ignore=shutil.ignore_patterns(*ignored))


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
