"""Every kind of save is noticed, once; what is not the connector's is not looked at."""

import itertools
import os
import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacksync.dev.watching.watcher import Watcher, look


@pytest.fixture
def told(tmp_path: Path) -> "Iterator[queue.Queue[list[str]]]":
    """Return what is told of a folder with a module in it."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "route.py").write_text("one")
    changes: queue.Queue[list[str]] = queue.Queue()
    watcher = Watcher(tmp_path, changes.put)
    watcher.start()
    yield changes
    watcher.stop()
    assert changes.empty()


def test_a_file_that_is_saved_in_place(tmp_path: Path, told: "queue.Queue[list[str]]"):
    (tmp_path / "src" / "route.py").write_text("two")
    assert told.get(timeout=10) == ["src/route.py"]


def test_a_file_that_is_replaced_by_another_of_the_same_time_and_size(tmp_path: Path, told: "queue.Queue[list[str]]"):
    file, copy = tmp_path / "src" / "route.py", tmp_path / "src" / "route.py.tmp"
    copy.write_text("two")
    os.utime(copy, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    copy.replace(file)
    assert told.get(timeout=10) == ["src/route.py"]


def test_files_that_are_added_and_removed(tmp_path: Path, told: "queue.Queue[list[str]]"):
    shutil.copytree(tmp_path / "src", tmp_path / "more")
    assert told.get(timeout=10) == ["more/route.py"]
    shutil.rmtree(tmp_path / "more")
    assert told.get(timeout=10) == ["more/route.py"]


def test_a_change_is_told_while_something_is_written_all_the_time(tmp_path: Path, told: "queue.Queue[list[str]]"):
    over = threading.Event()

    def write() -> None:
        for number in itertools.takewhile(lambda _: not over.wait(0.01), itertools.count()):
            (tmp_path / "log.txt").write_text(str(number))

    writer = threading.Thread(target=write)
    writer.start()
    (tmp_path / "src" / "route.py").write_text("two")
    take_until("src/route.py", told)
    over.set()
    writer.join()
    (tmp_path / "end.txt").write_text("")
    take_until("end.txt", told)


def test_what_is_not_the_connectors_own_is_not_looked_at(tmp_path: Path):
    ignored = (
        ".venv/a.py",
        ".git/a.json",
        "__pycache__/a.py",
        "web/node_modules/a.json",
        ".hidden.py",
        ".#a.py",
        "a.pyc",
    )
    watched = (".env", "app_config.yaml", "build/v1/route.py", "main.py", "notes.md")
    for path in (*ignored, *watched, "any_name/pyvenv.cfg", "any_name/lib/a.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert sorted(look(tmp_path)) == sorted(watched)


def test_a_folder_that_is_gone_has_no_files(tmp_path: Path):
    assert look(tmp_path / "gone") == {}


def take_until(path: str, told: "queue.Queue[list[str]]") -> None:
    """Take what is told until this path is."""
    while path not in told.get(timeout=10):
        pass
