"""What can go wrong around an update: each time one message that says what to do, and nothing changed."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ADDRESS, Published, snapshot
from tests.update.conftest import Connector, append

ANSWERS = ".copier-answers.yml"


@pytest.fixture
def stricter(template: Published, tmp_path: Path) -> Iterator[Published]:
    """Publish, for one test, a release with a stricter rule and a question that has no default."""
    checkout = tmp_path / "stricter"
    template.git("clone", "--quiet", "--branch", "main", ADDRESS, str(checkout), cwd=tmp_path)
    published = Published(checkout, template.environment)
    questions = checkout / "copier.yml"
    text = questions.read_text("utf-8").replace("port < 1024", "port < 3000").replace("from 1024", "from 3000")
    questions.write_text(text, "utf-8")
    append(questions, "\nowner: {type: str, when: \"{{ kind == 'connector' }}\"}")
    published.release("v0.8.0")
    yield published
    template.git("push", "--quiet", "origin", ":v0.8.0", "+v0.3.0^{}:refs/heads/main")


def refused(connector: Connector, *arguments: str, **variables: str) -> str:
    """Run a command that must fail and change nothing, and return what it says."""
    before = snapshot(connector.cwd)
    done = connector(*arguments, **variables)
    assert (done.returncode > 0, done.stdout) == (True, ""), done
    assert snapshot(connector.cwd) == before
    return done.stderr


def test_an_answer_that_the_release_refuses_and_a_question_without_one(
    connector: Connector, stricter: Published
) -> None:
    assert refused(connector, "update", "--to", "v0.8.0", "--data", "port=3003") == (
        "Error: owner has no answer, and the template has no default for it.\nTIP: --data owner=VALUE\n"
    )
    said = refused(connector, "update", "--to", "v0.8.0", "--data", "owner=me")

    assert said == (
        "Error: .copier-answers.yml: v0.8.0 does not take the answer to port any more: "
        "it must be from 3000 to 65535.\n"
        "TIP: stacksync update --data port=VALUE\n"
    )
    done = connector("update", "--to", "v0.8.0", "--data", "owner=me", "--data", "port=3003", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    answers = (connector.cwd / ANSWERS).read_text("utf-8")
    assert "owner: me\n" in answers
    assert "port: 3003\n" in answers


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--data", "ownr=me"], "Error: --data: ownr is not a question of the template.\n"),
        (["--data", "port=80"], "Error: --data: port must be from 1024 to 65535, not '80'.\n"),
        (["--ask"], "Error: --ask needs a terminal.\nTIP: answer by options: --data KEY=VALUE\n"),
        (["--check", "--data", "a=b"], "Error: --data and --ask go with an update, or with --diff.\n"),
        (["--embedded"], "Error: --embedded goes with --drift.\n"),
    ],
)
def test_answers_that_cannot_be_given(connector: Connector, arguments: list[str], said: str) -> None:
    assert refused(connector, "update", *arguments).startswith(said)


def test_an_answer_is_changed_without_a_new_release(connector: Connector) -> None:
    answers = connector.cwd / ANSWERS
    answers.write_text(answers.read_text().replace("v0.1.0", "v0.3.0"))
    connector.commit()

    done = connector("update", "--data", "port=4321", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert "port: 4321\n" in (connector.cwd / ANSWERS).read_text("utf-8")
    assert "4321" in (connector.cwd / "app_config.yaml").read_text("utf-8")


def test_a_conflict_in_the_answers_file(connector: Connector) -> None:
    path = connector.cwd / ANSWERS
    path.write_text(path.read_text().replace("_commit: v0.1.0\n", "<<<<<<< HEAD\n_commit: v0.1.0\n=======\n"))
    connector.commit()

    for command in (["update"], ["update", "--drift"], ["add-module", "other"]):
        assert refused(connector, *command) == (
            "Error: .copier-answers.yml:2: a merge left both sides of a conflict here.\n"
            "TIP: keep one side, the one with the newer _commit if both took a release; then commit it, "
            "and update again\n"
        )


def test_an_answers_file_that_is_no_yaml(connector: Connector) -> None:
    (connector.cwd / ANSWERS).write_text("_commit: [v0.1.0\n")
    connector.commit()

    assert refused(connector, "update").startswith("Error: .copier-answers.yml:2: not valid YAML: ")


def test_a_template_that_moved(connector: Connector, tmp_path: Path) -> None:
    path = connector.cwd / ANSWERS
    path.write_text(path.read_text().replace(ADDRESS, str(tmp_path / "gone")))
    connector.commit()
    embedded = "TIP: --embedded takes the template that came with this command\n"

    for command in (["add-module", "other"], ["update", "--drift"]):
        said = f"Error: v0.1.0 of the template cannot be used: The template is not at {tmp_path}/gone any more.\n"
        assert refused(connector, *command) == said + embedded
    assert refused(connector, "update").endswith(
        "TIP: it is a folder of one machine: set _src_path in .copier-answers.yml to an address, and commit that\n"
    )
    assert connector("update", "--drift", "--embedded").stdout == "The template's files are as v0.1.0 made them.\n"
    assert connector("add-module", "other", "--embedded", "--quiet").returncode == 0


def test_a_repository_without_a_commit(connector: Connector) -> None:
    shutil.rmtree(connector.cwd / ".git")
    connector.git("init", "--quiet")

    assert refused(connector, "update") == (
        f"Error: The git repository {connector.cwd} has no commit yet.\n"
        'TIP: commit your work: git add --all && git commit -m "..."\n'
    )


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="gives a repository to another user")
def test_gits_own_advice_is_passed_on(connector: Connector) -> None:
    for path in [connector.cwd, *connector.cwd.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)

    said = refused(connector, "update")

    assert said.startswith("Error: git rev-parse failed: fatal: detected dubious ownership in repository")
    assert said.endswith(f"TIP: git config --global --add safe.directory {connector.cwd}\n")
    home = Path(connector.environment["HOME"])
    home.mkdir(exist_ok=True)
    (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {connector.cwd}\n")
    assert connector("update", "--quiet").returncode == 0


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "JSONDecodeError"),
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"head": "x", "release": "y"}', "KeyError"),
        ('{"head": "x", "release": "y", "entries": [{"path": "z"}]}', "TypeError"),
    ],
)
def test_a_journal_that_cannot_be_read(connector: Connector, text: str, reason: str) -> None:
    journal = connector.cwd / ".git/stacksync-update/journal.json"
    journal.parent.mkdir()
    journal.write_text(text)

    assert refused(connector, "update", "--undo") == (
        f"Error: {journal}: The journal of the last update cannot be read ({reason}).\n"
        f"TIP: restore what you need with git, then remove {journal.parent}\n"
    )


# --- credentials in the template's address -------------------------------------------------------

TOKEN = "s3cr3t-t0k3n"
SECRET = ADDRESS.replace("://", f"://oauth2:{TOKEN}@")


@pytest.fixture
def behind_a_token(connector: Connector) -> Connector:
    """Return a connector whose template needs the token, and whose answers file has it."""
    settings = {name: value.replace(ADDRESS, SECRET) for name, value in connector.environment.items()}
    path = connector.cwd / ANSWERS
    path.write_text(path.read_text().replace(ADDRESS, SECRET))
    guarded = replace(connector, environment=settings)
    guarded.commit()
    return guarded


def test_a_token_is_used_and_written_nowhere(behind_a_token: Connector, tmp_path: Path) -> None:
    checked = behind_a_token("update", "--check", "--json")
    shown = behind_a_token("update", "--diff")
    done = behind_a_token("update")

    assert (checked.returncode, done.returncode) == (1, 0), done.stderr
    assert TOKEN not in checked.stdout + checked.stderr + shown.stdout + shown.stderr + done.stdout + done.stderr
    assert "+_commit: v0.3.0\n" in shown.stdout
    assert "warning: the password in the template's address was used, and is recorded nowhere" in done.stdout
    assert f"_src_path: {ADDRESS}\n" in (behind_a_token.cwd / ANSWERS).read_text("utf-8")
    written = [path for path in behind_a_token.cwd.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert written == []


def test_a_token_that_is_refused_is_not_shown(connector: Connector) -> None:
    path = connector.cwd / ANSWERS
    path.write_text(path.read_text().replace(ADDRESS, f"http://oauth2:{TOKEN}@127.0.0.1:1/t.git"))
    connector.commit()

    said = refused(connector, "update", "--check")

    assert TOKEN not in said
    assert said.startswith("Error: The template at http://127.0.0.1:1/t.git cannot be reached: ")


def test_new_records_no_token(template: Published, tmp_path: Path) -> None:
    settings = {name: value.replace(ADDRESS, SECRET) for name, value in template.environment.items()}
    command = replace(template.stacksync(tmp_path), environment=template.stacksync(tmp_path).environment | settings)

    done = command("new", "crm", "--defaults", "--template", SECRET, "--ref", "v0.2.0")
    assert done.returncode == 0, done.stderr
    added = replace(command, cwd=tmp_path / "crm")("add-module", "other")

    assert added.returncode == 1
    assert "the password in the template's address was used, and is recorded nowhere" in done.stderr
    assert TOKEN not in done.stdout + done.stderr + added.stdout + added.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []
