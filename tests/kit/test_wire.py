"""Projects of the platform's present kit, unchanged on our runtime: each case of `cases.json`."""

import importlib.util
import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kit.wire import CASES, ask, forget, projects, write_project

PLANNED = {
    "404 and 405 in the error envelope instead of HTML",
    "a file that fails to load costs its version only",
    "an answer is never NaN, which is no JSON",
    "malformed JSON is 400",
    "no internal text in a 500",
    "sibling helpers stay isolated",
    "versions are listed by number, not by letter",
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Return a client of each project, loaded by its own main.py."""
    path, finders = list(sys.path), list(sys.meta_path)
    handlers = list(logging.getLogger().handlers)
    yield {name: load(write_project(name, tmp_path_factory.mktemp("kit") / name)) for name in projects()}
    sys.path[:], sys.meta_path[:], logging.getLogger().handlers[:] = path, finders, handlers
    forget()


def load(root: Path) -> Any:
    """Return a client of the application that a project's main.py makes."""
    forget()
    spec = importlib.util.spec_from_file_location("main", root / "main.py")
    assert spec is not None
    assert spec.loader is not None
    main: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    return main.app.test_client()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_answers(clients: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    assert ask(clients[case["project"]], case).differs_from(case["expect"]) == ""


def test_each_difference_is_a_planned_one() -> None:
    assert {case["planned"] for case in CASES if "planned" in case} == PLANNED
    assert len({case["id"] for case in CASES}) == len(CASES) > 30
