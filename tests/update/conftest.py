"""A published template with two later releases, and connectors of its first."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests import warm_python
from tests.conftest import ADDRESS, Published, Stacksync, git_settings, isolated, packed

CHANGELOG = """\
# Changelog

## [Unreleased]

## [0.3.0] - 2026-03-01

- A third title.

## [0.2.0] - 2026-02-01

- A policy for reports of weaknesses.

## 0.1.0

- The first.
"""

GUIDE = "documentation/upgrading.md"
MOVED = "src/runtime/strict_json.py", "src/runtime/text_of_json.py"
# To the end of these v0.2.0 adds a line, so that what users add there is in conflict with it.
APPENDED = [f"src/runtime/{name}.py" for name in ("choice", "carried", "monitoring", "records", "wsgi")]


@dataclass(frozen=True)
class Connector(Stacksync):
    """A connector of release v0.1.0, committed, and the programs that work on it."""

    template: Published
    python: str = sys.executable

    @property
    def modules(self) -> Path:
        """The folder that is the user's."""
        return self.cwd / "src/modules"

    def git(self, *arguments: str) -> str:
        """Run git in it."""
        return self.template.git(*arguments, cwd=self.cwd)

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Work")

    def status(self) -> list[str]:
        """Return what git says of the files that are not as committed."""
        return self.git("status", "--porcelain").splitlines()

    def append(self, name: str, text: str) -> None:
        """Add a line at the end of a file."""
        with (self.cwd / name).open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{text}\n")

    def copier(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `copier update`, as a colleague without stacksync would."""
        options = ["update", "--defaults", *arguments]
        if self.python == sys.executable:
            return warm_python.run("copier", options, self.cwd, self.environment)

        command = [self.python, "-m", "copier", *options]
        place = {"cwd": self.cwd, "env": self.environment, "stdin": subprocess.DEVNULL}
        return subprocess.run(command, capture_output=True, text=True, check=False, **place)  # type: ignore[call-overload,no-any-return]

    def twin(self, folder: Path) -> "Connector":
        """Return the same connector elsewhere."""
        shutil.copytree(self.cwd, folder, symlinks=True)
        return replace(self, cwd=folder, environment=dict(self.environment))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Published:
    """Publish v0.1.0 as the project is, v0.2.0 with a change of every kind, and v0.3.0."""
    folder = tmp_path_factory.mktemp("template")
    server, checkout = folder / "server.git", folder / "checkout"
    shutil.copytree(project, checkout)
    (checkout / "documentation").mkdir()
    (checkout / "documentation/changelog.md").write_text(CHANGELOG, encoding="utf-8")
    identity = {"user.name": "Tester", "user.email": "tester@localhost"}
    environment = isolated(folder / "home") | git_settings({f"url.{server.as_uri()}.insteadOf": ADDRESS} | identity)
    published = Published(checkout, environment)
    published.git("init", "--quiet", "--bare", "--initial-branch=main", str(server))
    published.git("init", "--quiet", "--initial-branch=main")
    published.git("remote", "add", "origin", ADDRESS)
    published.release("v0.1.0")
    second(checkout)
    published.release("v0.2.0")
    retitle(checkout, "# Taking a release")
    published.release("v0.3.0")
    published.git("checkout", "--quiet", "v0.1.0")
    warm_python.keep(checkout / "cli")
    return published


def second(checkout: Path) -> None:
    """Change the template as releases do: runtime, guides, a new file, a moved one, a question, examples."""
    files = checkout / "template"
    for name in APPENDED:
        append(files / name, "# v0.2.0 was here")
    append(files / "gunicorn.conf.py", "# v0.2.0 was here")
    append(files / "README.md.jinja", "\nKept by {{ team }}.")
    append(files / "src/modules/create_contacts/v1/README.md", "An example that changed.")
    append(files / "{{ module_dir }}/route.py", "# v0.2.0 was here")
    (files / "src/modules/create_contacts/v1/added.txt").write_text("for those who are new\n")
    (files / "SECURITY.md").write_text("# Security\n\nWrite to the team.\n")
    retitle(checkout, "# Upgrades")
    append(checkout / "copier.yml", "\nteam: {type: str, default: core, when: \"{{ kind == 'connector' }}\"}")
    move(checkout)


def move(checkout: Path) -> None:
    """Move a file as documentation/contributing.md says, which leaves something for connectors that have it."""
    old, new = (checkout / "template" / name for name in MOVED)
    old.rename(new)
    old.write_text('"""Moved to `text_of_json.py`."""\n\nfrom .text_of_json import *  # noqa: F403\n')
    settings = checkout / "copier.yml"
    text = settings.read_text(encoding="utf-8")
    line = f"  - \"{{% if _copier_operation == 'copy' %}}/{MOVED[0]}{{% endif %}}\"\n"
    settings.write_text(text.replace("_exclude:\n", f"_exclude:\n{line}", 1), encoding="utf-8")
    for importer in (checkout / "template/src/runtime").rglob("*.py"):
        code = importer.read_text(encoding="utf-8")
        if "strict_json" in code and importer != old:
            importer.write_text(code.replace("strict_json", "text_of_json"), encoding="utf-8")


def retitle(checkout: Path, title: str) -> None:
    """Change the first line of a guide."""
    guide = checkout / "template" / GUIDE
    lines = guide.read_text(encoding="utf-8").splitlines(keepends=True)
    guide.write_text("".join([f"{title}\n", *lines[1:]]), encoding="utf-8")


def append(path: Path, text: str) -> None:
    """Add a line at the end of a file."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{text}\n")


@pytest.fixture(scope="session")
def first_connector(template: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a connector of v0.1.0 with a module that was added; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("first")
    new = template.stacksync(folder)("new", "crm", "--defaults", "--quiet", "--ref", "v0.1.0")
    assert new.returncode == 0, new.stderr
    added = template.stacksync(folder / "crm")("add-module", "get_contacts", "--quiet")
    assert added.returncode == 0, added.stderr
    template.git("add", "--all", cwd=folder / "crm")
    template.git("commit", "--quiet", "--message", "Add get_contacts", cwd=folder / "crm")
    return packed(folder / "crm")


@pytest.fixture(scope="session")
def edited_connector(first_connector: Path, template: Published, tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """Return one with edits, one of them of a line that v0.2.0 changes too; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("edited") / "crm"
    shutil.copytree(first_connector, folder, symlinks=True)
    connector = Connector(folder, template.stacksync(folder).environment, template)
    guide, choice = folder / GUIDE, folder / "src/runtime/choice.py"
    guide.write_text(guide.read_text(encoding="utf-8").replace("# Upgrading\n", "# How we upgrade\n"), encoding="utf-8")
    choice.write_text("# mine\n" + choice.read_text(encoding="utf-8"), encoding="utf-8")
    connector.append("src/runtime/log_lines.py", "# mine")
    connector.commit()
    packed(folder)
    return connector


@pytest.fixture(scope="session")
def updated_connector(edited_connector: Connector, tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """Return it as `stacksync update --to v0.2.0` leaves it; it is copied, never changed."""
    connector = edited_connector.twin(tmp_path_factory.mktemp("updated") / "crm")
    done = connector("update", "--quiet", "--to", "v0.2.0")
    assert (done.returncode, done.stderr) == (1, "")
    return connector


@pytest.fixture
def edited(edited_connector: Connector, tmp_path: Path) -> Connector:
    """Return an edited connector of its own."""
    return edited_connector.twin(tmp_path / "crm")


@pytest.fixture
def updated(updated_connector: Connector, tmp_path: Path) -> Connector:
    """Return an edited connector of its own, just updated to v0.2.0 and in conflict."""
    return updated_connector.twin(tmp_path / "crm")


@pytest.fixture
def connector(first_connector: Path, template: Published, tmp_path: Path) -> Connector:
    """Return a connector of its own, and in it the command of the release v0.1.0."""
    shutil.copytree(first_connector, tmp_path / "crm", symlinks=True)
    run = template.stacksync(tmp_path / "crm")
    return Connector(run.cwd, run.environment, template)


def whole(folder: Path) -> dict[str, bytes | str]:
    """Return every file of a project, git's own included."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[path.relative_to(folder).as_posix()] = os.fspath(path.readlink())
        elif path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def inside(connector: Connector, repository: Path) -> Connector:
    """Move a connector into a repository with other things, some of them in no commit."""
    place = repository / "apps/crm"
    shutil.copytree(connector.cwd, place, ignore=shutil.ignore_patterns(".git"))
    moved = Connector(place, connector.environment, connector.template)
    connector.template.git("init", "--quiet", "--initial-branch=main", cwd=repository)
    connector.template.git("add", "--all", cwd=repository)
    connector.template.git("commit", "--quiet", "--message", "Begin", cwd=repository)
    (repository / "other.txt").write_text("in no commit, and none of our business\n")
    return moved
