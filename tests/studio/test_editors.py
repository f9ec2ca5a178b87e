"""Places in files: shown in one way, opened by a link or by the editor that the environment names, else copied."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from stacksync.studio.editors.choosing import place
from stacksync.studio.editors.known import EDITORS
from tests.polling import poll
from tests.studio.browsing import Element, page
from tests.studio.conftest import Studio

on_posix = pytest.mark.skipif(os.name == "nt", reason="a script stands in for the editor")
FILE = "src/modules/failing/v1/route.py"
NAMES = ("VISUAL", "EDITOR", "TERM_PROGRAM", "VSCODE_GIT_ASKPASS_NODE", "ZED_TERM", "TERMINAL_EMULATOR")
SHOWN = {"DISPLAY": ":0"}


@pytest.fixture(autouse=True)
def no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "WSL_DISTRO_NAME", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def shown(cookie: str = "", root: str = "/home/ada/my crm", file: str = FILE) -> Any:
    """Return how a place is shown to a browser that has chosen an editor."""
    with Flask("test").test_request_context(headers={"Cookie": f"stacksync_editor={cookie}"}):
        return place(Path(root), file, 12, 3)


@pytest.mark.parametrize(
    "chosen, href",
    [
        ("vscode", "vscode://file/home/ada/my%20crm/a.py:12:3"),
        ("cursor", "cursor://file/home/ada/my%20crm/a.py:12:3"),
        ("zed", "zed://file/home/ada/my%20crm/a.py:12:3"),
        ("idea", "idea://open?file=/home/ada/my%20crm/a.py&line=12&column=3"),
        ("pycharm", "pycharm://open?file=/home/ada/my%20crm/a.py&line=12&column=3"),
        ("txmt", "txmt://open?url=file:///home/ada/my%20crm/a.py&line=12&column=3"),
        ("copy", ""),
        ("sublime", ""),  # is not there
        ("javascript", ""),
        ("", ""),
    ],
)
def test_a_place_is_opened_by_the_scheme_of_the_chosen_editor(chosen: str, href: str) -> None:
    assert (shown(chosen, file="a.py").href, shown(chosen).text) == (href, f"{FILE}:12:3")


@pytest.mark.parametrize(
    "environment, editor",
    [
        ({}, ""),
        ({"EDITOR": "vim"}, ""),
        ({"EDITOR": "code --wait"}, "VS Code"),
        ({"EDITOR": "vim", "VISUAL": "/usr/local/bin/zed -w"}, "Zed"),
        ({"EDITOR": "code", "VISUAL": "unknown"}, "VS Code"),
        ({"EDITOR": "'code"}, ""),
        ({"EDITOR": "subl -w"}, ""),
        ({"EDITOR": "subl -w", **SHOWN}, "Sublime Text"),
        ({"EDITOR": "emacs -nw", **SHOWN}, ""),
        ({"EDITOR": "emacsclient -n", **SHOWN}, "Emacs"),
        ({"EDITOR": "nano", "TERM_PROGRAM": "vscode"}, "VS Code"),
        ({"TERM_PROGRAM": "vscode", "VSCODE_GIT_ASKPASS_NODE": "/opt/Cursor/cursor"}, "Cursor"),
        ({"TERM_PROGRAM": "vscode", "VSCODE_GIT_ASKPASS_NODE": "/usr/share/code-insiders/code"}, "VS Code Insiders"),
        ({"TERMINAL_EMULATOR": "JetBrains-JediTerm"}, "PyCharm"),
        ({"ZED_TERM": "true"}, "Zed"),
    ],
)
def test_by_default_it_is_the_editor_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], editor: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert shown().editor == editor


def test_in_windows_subsystem_for_linux_the_link_leads_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSL_DISTRO_NAME", "Ubuntu 24")

    assert shown("vscode", root="/c", file="a").href == "vscode://vscode-remote/wsl+Ubuntu%2024/c/a:12:3"
    assert shown("idea", root="/c", file="a").href == "idea://open?file=/c/a&line=12&column=3"


@pytest.mark.parametrize("file", ["/etc/passwd", "../other/a.py", "src/../../a.py"])
def test_a_place_outside_of_the_connector_is_no_link(file: str) -> None:
    assert shown("vscode", file=file).href == ""


def test_each_editor_is_known_once() -> None:
    programs = [program for editor in EDITORS for program in editor.programs]

    assert len(programs) == len(set(programs))
    assert all(bool(editor.address) != bool(editor.arguments) for editor in EDITORS)


# --- in the page ---------------------------------------------------------------------------------


def places(studio: Studio) -> list[Element]:
    answer = studio.post("/m/failing/v1/run", kind="key").get_json()
    return page(answer["response"]).find(class_="place")


def test_an_editor_is_chosen_for_all_places(studio: Studio) -> None:
    (first,) = places(studio)
    assert (first.tag, first["data-copy"].partition(":")[0]) == ("button", FILE)

    assert studio.client.post("/editor", data={"editor": "zed"}, headers={"X-Stacksync-Studio": "1"}).status_code == 204

    (now,) = places(studio)
    assert (now.tag, now["href"].partition(":")[0]) == ("a", "zed")
    assert f"zed://file{studio.root}/{FILE}:" in now["href"]
    unknown = studio.client.post("/editor", data={"editor": "evil"}, headers={"X-Stacksync-Studio": "1"})
    assert unknown.status_code == 404


# --- a program that is started -------------------------------------------------------------------


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a stand-in for `subl` writes what it was called with."""
    log, program = tmp_path / "log", tmp_path / "subl"
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\nopen({str(log)!r}, 'w').write(json.dumps(sys.argv[1:]))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("EDITOR", "subl --wait")
    monkeypatch.setenv("DISPLAY", ":0")
    return log


def open_(studio: Studio, file: str, line: str = "7", **headers: str) -> Any:
    form = {"file": file, "line": line, "column": "2"}
    return studio.client.post("/editor/open", data=form, headers={"X-Stacksync-Studio": "1", **headers})


@on_posix
def test_the_editor_is_started_without_a_shell(studio: Studio, started: Path) -> None:
    (button,) = places(studio)
    assert (button["data-file"], button["title"]) == (FILE, "Open in Sublime Text")

    assert open_(studio, FILE).status_code == 204

    arguments = poll(lambda: started.exists() and started.read_text() and json.loads(started.read_text()))
    assert arguments == ["--wait", f"{studio.root.resolve()}/{FILE}:7:2"]


@on_posix
@pytest.mark.parametrize(
    "file, line, headers, status",
    [
        ("/etc/passwd", "1", {}, 409),
        ("../crm2/secret", "1", {}, 409),
        ("src/modules", "1", {}, 409),
        ("src/there is none", "1", {}, 409),
        ("a\0b", "1", {}, 409),
        ("outside", "1", {}, 409),
        (FILE, "0", {}, 409),
        (FILE, "-9", {}, 409),
        (FILE, "99999999999", {}, 409),
        (FILE, "1", {"X-Stacksync-Studio": ""}, 403),
        (FILE, "1", {"Origin": "https://evil.test"}, 403),
        (FILE, "1", {"Host": "evil.test"}, 403),
    ],
)
def test_nothing_else_is_opened(
    studio: Studio, started: Path, tmp_path: Path, file: str, line: str, headers: dict[str, str], status: int
) -> None:
    (tmp_path / "target").write_text("not of this connector")
    link = studio.root / "outside"
    link.symlink_to(tmp_path / "target")
    try:
        assert open_(studio, file, line, **headers).status_code == status
    finally:
        link.unlink()

    assert not started.exists()


@on_posix
@pytest.mark.parametrize("editor", ["", "vim", "code", "sh -c id", "kate"])
def test_no_other_program_is_started(
    studio: Studio, started: Path, monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    monkeypatch.setenv("EDITOR", editor)

    assert open_(studio, FILE).status_code == 409
