"""Rules about the repository, on real ones."""

import json
import os
import shutil
import subprocess

import pytest

from stacksync.inspection import release
from stacksync.runtime.source import TEMPLATE
from tests.check.sample import CODE, ROUTE, SCHEMA, found, write

KEEP = "keep what is right, and remove the lines with <<<<<<<, ======= and >>>>>>>"
CONFLICT = "a = 1\n<<<<<<< before updating\nb = 1\n=======\nb = 2\n>>>>>>> after updating\n"


@pytest.fixture
def repository(tmp_path):
    """Return a function that makes a git repository of the sound connector with some files others."""

    def make(files, folder=""):
        root = write(tmp_path / folder, files)
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-A")
        return root

    return make


def git(folder, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)


def test_a_tracked_env_file(repository):
    root = repository({".env": "API_KEY=x\n", "config/.env.prod": "A=1\n", ".env.example": "API_KEY=\n"})

    assert found(root) == [
        (
            ".env:1:1 error REP001 git tracks this file -> "
            "git rm --cached .env, add it to .gitignore, and replace the secrets in it"
        ),
        (
            "config/.env.prod:1:1 error REP001 git tracks this file -> "
            "git rm --cached config/.env.prod, add it to .gitignore, and replace the secrets in it"
        ),
    ]


def test_an_env_file_that_is_ignored_is_fine(repository):
    assert found(repository({".env": "API_KEY=x\n", ".gitignore": ".env\n"})) == []


@pytest.mark.parametrize("folder", ["", "connectors/crm"])
def test_a_schema_that_git_ignores(repository, folder):
    root = repository({".gitignore": "*.json\n"}, folder)

    tip = f"git check-ignore -v --no-index {SCHEMA} names the line to remove"
    assert found(root) == [f"{SCHEMA}:1:1 error REP002 git ignores this file -> {tip}"]


def test_a_schema_that_is_tracked_though_ignored(repository):
    root = repository(
        {".gitignore": "*.json\n", "src/modules/b/v1/route.py": CODE, "src/modules/b/v1/schema.json": "{}"}
    )
    git(root, "add", "-f", ".")

    message = "a .gitignore covers this file: it was added by force, and the next module's form will be left out"
    tip = "git check-ignore -v --no-index src/modules/b/v1/schema.json names the line to remove"
    assert found(root, "REP002") == [f"src/modules/b/v1/schema.json:1:1 warning REP002 {message} -> {tip}"]


def test_a_new_schema_is_fine(repository):
    root = repository({})
    write(root, {"src/modules/people/v1/schema.json": "{}"}, {})

    assert found(root, "REP") == []


def test_a_repository_that_git_cannot_read_is_survived(tmp_path):
    root = write(tmp_path, {".git": "gitdir: nowhere\n", ".env": "A=1\n"})

    assert found(root) == []


@pytest.mark.parametrize(
    "text, places",
    [
        (CONFLICT, ["2:1"]),
        (CONFLICT.replace("\n", "\r\n"), ["2:1"]),
        (CONFLICT + CONFLICT, ["2:1", "8:1"]),
        ("<<<<<<< a\n", []),
        ("=======\n>>>>>>> b\n<<<<<<< a\n", []),
        (CONFLICT.replace("<<<", "  <<<"), []),
        ("Title\n=======\n\nBetween `<<<<<<<` and `>>>>>>>`.\n", []),
    ],
)
def test_conflicts(tmp_path, text, places):
    root = write(tmp_path, {"NOTES.txt": text})

    assert found(root) == [f"NOTES.txt:{place} error REP003 a conflict begins here -> {KEEP}" for place in places]


def test_what_an_update_could_not_apply(tmp_path):
    root = write(tmp_path, {"main.py.rej": "@@\n"})

    assert found(root) == [
        "main.py.rej:1:1 error REP003 an update could not be applied here -> apply it by hand, and remove the file"
    ]


def test_edits_of_the_runtime(rendered):
    root, ref = rendered
    app = root / "src" / "runtime" / "app.py"
    app.write_text(app.read_text("utf-8") + "# mine\n", encoding="utf-8")
    (root / "src" / "runtime" / "choice.py").unlink()

    assert found(root, "REP004") == [
        (
            f"src/runtime/app.py:1:1 warning REP004 the file is not that of {ref} -> "
            "move what is yours to a file of your own under src/"
        ),
        "src/runtime/choice.py:1:1 warning REP004 the runtime's file was removed -> bring it back from git",
    ]


def test_line_endings_are_no_edit(rendered):
    root, _ = rendered
    app = root / "src" / "runtime" / "app.py"
    app.write_bytes(app.read_bytes().replace(b"\n", b"\r\n"))

    assert found(root, "REP004") == []


def test_another_release_is_not_compared(rendered):
    root, _ = rendered
    write(root, {".copier-answers.yml": "_commit: v0.0.1\n", "src/runtime/app.py": "", ROUTE: CODE}, {})

    assert found(root, "REP004") == []


@pytest.fixture
def rendered(tmp_path, monkeypatch):
    """Return a connector whose runtime is the one at hand, which is called a release."""
    embedded = tmp_path / "package"
    (embedded / "_template").mkdir(parents=True)
    (embedded / "_source.json").write_text(json.dumps({"ref": "v9.9.9"}), encoding="utf-8")
    monkeypatch.setattr(release, "PACKAGE", embedded)
    monkeypatch.setattr(release, "EMBEDDED", embedded / "_template")
    root = write(tmp_path / "connector", {".copier-answers.yml": "_commit: v9.9.9\n"})
    shutil.copytree(TEMPLATE / "src" / "runtime", root / "src" / "runtime")
    return root, "v9.9.9"


CASSETTE = "src/modules/get_contacts/v1/cassettes/all.json"
REPLACE = "write a placeholder such as ${token} instead, and replace the secret where it was issued"


@pytest.mark.parametrize("file", [CASSETTE, "src/modules/get_contacts/v1/examples/one.json"])
def test_secrets_in_what_is_recorded(tmp_path, file):
    planted = {
        "headers": {"Authorization": "Bearer abcdefghij0123456789", "X-Api-Key": "k3y5omething"},
        "url": "https://api.test/x?access_token=abc123def456",
        "json": [{"client_secret": "s3cretvalue", "text": "it is sk_live_0123456789abcdef"}],
    }

    places = [line.partition(": ")[0] for line in found(write(tmp_path, {file: json.dumps(planted, indent=1)}), "REP")]

    said = [line.partition(" error ")[2] for line in found(tmp_path, "REP")]
    assert len(places) == 5
    assert said == [
        f'REP008 "{key}" holds what looks like a secret -> {REPLACE}'
        for key in ("Authorization", "X-Api-Key", "url", "client_secret", "text")
    ]


def test_placeholders_and_made_up_values_are_fine(tmp_path):
    recorded = {
        "calls": [{"request": {"url": "https://api.test/?api_key=${connection.api_key}", "headers": {}}}],
        "connections": {"connection": {"api_key": "made-up-api-key", "access_token": "made-up-access-token-2"}},
        "next_page_token": "abc123def456abc123",
    }

    assert found(write(tmp_path, {CASSETTE: json.dumps(recorded)})) == []
    assert found(write(tmp_path, {CASSETTE: "{"})) == []
