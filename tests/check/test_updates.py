"""Rules about updates: what a plain `copier update` would lose here, and credentials in the template's address."""

import os
import subprocess
import sys

import pytest

from stacksync.inspection.inspection import inspect
from tests.check.sample import found, write
from tests.conftest import ROOT

ADDRESS = "https://example.invalid/t.git"
ANSWERS = f"_commit: v0.1.0\n_src_path: {ADDRESS}\n"


@pytest.fixture
def connector(tmp_path, monkeypatch):
    """Return a function that makes the sound connector in a repository, of a user with some settings."""
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))

    def make(settings="", answers=ANSWERS, **files):
        root = write(tmp_path / "connector", {".copier-answers.yml": answers, **files})
        (tmp_path / "settings").write_text(settings)
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        subprocess.run(["git", "add", "-A"], cwd=root, check=True)
        return root

    return make


def reasons(root):
    return [line.partition("could lose edits: ")[2].partition(" -> ")[0] for line in found(root, "REP006")]


@pytest.mark.parametrize(
    "settings, said",
    [
        ("[apply]\n\twhitespace = fix\n", "git's setting apply.whitespace"),
        ("[core]\n\texcludesFile = x\n", "git's setting core.excludesfile"),
        ("[diff]\n\tnoprefix\n", "git's setting diff.noprefix"),
        ("[apply]\n\twhitespace = warn\n[core]\n\tautocrlf = false\n", ""),
    ],
)
def test_a_setting_of_this_machine(connector, settings, said):
    assert reasons(connector(settings)) == ([said] if said else [])


@pytest.mark.skipif(os.name == "nt", reason="has no such locale")
def test_a_locale_that_cannot_read_everything(connector):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT / "cli")}
    command = [sys.executable, "-m", "stacksync", "check", "--strict", "--select", "REP006"]

    done = subprocess.run(command, cwd=connector(), env=os.environ | plain, capture_output=True, text=True, check=False)

    assert "REP006 a plain `copier update` could lose edits: the locale's encoding ascii" in done.stdout, done.stderr
    assert done.returncode == 0


def test_many_reasons_are_one_note(connector, monkeypatch):
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "x")
    settings = "[diff]\n\tnoprefix = true\n\trelative = true\n[color]\n\tui = always\n"

    assert reasons(connector(settings)) == [
        "git's setting diff.noprefix, git's setting diff.relative, git's setting color.ui and 1 more"
    ]


def test_files_of_the_template_that_are_no_text(connector):
    root = connector(**{"AGENTS.md": "Mine.\n"})
    assert reasons(root) == []

    (root / "AGENTS.md").write_bytes("été\n".encode("latin-1"))
    assert reasons(root) == ["AGENTS.md, which is not UTF-8"]


@pytest.mark.skipif(os.name == "nt", reason="makes a link")
def test_a_link_in_the_place_of_a_folder(connector):
    root = connector(**{"docs/upgrading.md": "# Mine\n"})
    (root / "documentation").symlink_to("docs")
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)

    assert reasons(root) == ["the link documentation"]


@pytest.mark.parametrize(
    "answer, said",
    [
        ("[kubernetes]", ["config/kubernetes/, if you drop kubernetes from deployment"]),
        ("[cloud_run]", ["config/cloudrun.yaml, if you drop cloud_run from deployment"]),
        ("[]", []),
        ("kubernetes", []),
    ],
)
def test_files_of_a_platform_that_may_be_dropped(connector, answer, said):
    files = {"config/kubernetes/base/service.yaml": "a: 1\n", "config/cloudrun.yaml": "a: 1\n"}

    assert reasons(connector(answers=f"{ANSWERS}deployment: {answer}\n", **files)) == said


def test_a_note_never_fails_a_check(connector):
    inspection = inspect(connector("[apply]\n\twhitespace = fix\n"))

    assert inspection.count("note") == 1
    assert not inspection.fails(strict=True)


def test_what_cannot_be_updated_has_nothing_to_lose(connector):
    assert reasons(connector("[apply]\n\twhitespace = fix\n", answers="port: 2003\n")) == []


@pytest.mark.parametrize(
    "address, held",
    [
        ("https://oauth2:t0ken@example.invalid/t.git", True),
        ("git+https://t0ken@example.invalid/t", True),
        ("ssh://git:t0ken@example.invalid/t.git", True),
        ("ssh://git@example.invalid/t.git", False),
        ("git@example.invalid:team/t.git", False),
        (ADDRESS, False),
        ("/srv/t", False),
    ],
)
def test_a_credential_in_the_address(connector, address, held):
    root = connector(answers=ANSWERS.replace(ADDRESS, address))

    lines = found(root, "REP007")

    assert [line.partition(" -> ")[0] for line in lines] == (
        [".copier-answers.yml:2:12 error REP007 a credential in an address"] if held else []
    )
    assert "t0ken" not in "".join(lines)
