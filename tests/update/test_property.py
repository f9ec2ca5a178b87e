"""Whatever users do to their connectors, a release costs them nothing.

`STACKSYNC_UPDATED_CONNECTORS=200 python -m pytest tests/update/test_property.py` runs it on 200 connectors;
`STACKSYNC_FIRST_CONNECTOR=1000` begins at another one. Each number is one connector, always the same.
"""

import ast
import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ADDRESS, PLAIN_PYTEST, Published, snapshot
from tests.update.conftest import MOVED, Connector

FIRST = int(os.environ.get("STACKSYNC_FIRST_CONNECTOR", "1"))
COUNT = int(os.environ.get("STACKSYNC_UPDATED_CONNECTORS", "3"))

AUTHS = ["none", "api_key", "bearer", "basic", "oauth2", "custom"]
NAMES = ["Crm", "Ünï 😀 'quoted'", 'a "b" \\ c', "yes", "{{ 7 * 7 }}", "- x: y # z"]
REMARKS = {".md": "{}", ".py": "# {}", ".yaml": "# {}", ".toml": "# {}", ".txt": "# {}", ".sh": "# {}"}
REMARKS |= {"Dockerfile": "# {}", ".gitignore": "# {}", ".dockerignore": "# {}", ".env.example": "# {}"}
ADDED = ["src/contacts.py", "notes/é ü.md", "SECURITY.md", "documentation/ours.md", "tests/test_ours.py", "logo.png"]


@dataclass
class User:
    """Someone who works on a connector, and remembers what they wrote."""

    root: Path
    chance: random.Random
    lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def work(self) -> None:
        """Do some things, in any order."""
        deeds = [self.insert, self.insert, self.retitle, self.edit_module, self.remove, self.remove_module, self.add]
        for number in range(self.chance.randint(3, 14)):
            self.chance.choice(deeds)(number)

    def insert(self, number: int) -> None:
        """Write a line somewhere in a file that a release may change."""
        name = self.chance.choice([name for name in self.owned() if self.remark(name)])
        lines = self.read(name)
        place = self.chance.choice(places(name, "".join(lines)))
        self.write_line(name, lines, place, number)

    def retitle(self, number: int) -> None:
        """Write where the releases write too, so that there is a conflict now and then."""
        names = [
            "documentation/upgrading.md",
            "src/runtime/choice.py",
            "README.md",
            MOVED[0],
            "gunicorn.conf.py",
        ]
        name = self.chance.choice(names)
        if (self.root / name).exists():
            lines = self.read(name)
            self.write_line(name, lines, self.chance.choice([0, len(lines)]), number)

    def edit_module(self, number: int) -> None:
        """Change the code of a module, or change or remove its prose."""
        files = [path for path in (self.root / "src/modules").rglob("*") if path.name in ("route.py", "README.md")]
        path = self.chance.choice(files)
        if path.name == "README.md" and self.chance.random() < 0.5:
            path.unlink()
        else:
            path.write_text(f"{path.read_text(encoding='utf-8')}# mine {number}\n", encoding="utf-8")

    def remove(self, _number: int) -> None:
        """Remove a file that no test needs."""
        names = [name for name in self.owned() if name.endswith(".md") or name.startswith((".vscode", "run_dev"))]
        name = self.chance.choice(names)
        (self.root / name).unlink()
        self.lines.pop(name, None)
        self.removed.add(name)

    def remove_module(self, _number: int) -> None:
        """Remove or rename a module."""
        folders = list((self.root / "src/modules").iterdir())
        if len(folders) < 2:
            return

        folder = self.chance.choice(folders)
        if self.chance.random() < 0.5:
            shutil.rmtree(folder)
        else:
            folder.rename(folder.with_name(f"renamed_{self.chance.randrange(10**6)}"))

    def add(self, number: int) -> None:
        """Add a file, perhaps one that a release adds too, or copy a module."""
        name = self.chance.choice([*ADDED, "module"])
        if name == "module":
            folder = next((self.root / "src/modules").iterdir())
            shutil.copytree(folder, folder.with_name(f"copied_{self.chance.randrange(10**6)}"))
        elif name == "SECURITY.md":
            self.lines[name].append(f"ours {number}")
            (self.root / name).write_text("\n".join(self.lines[name]) + "\n")
            self.removed.discard(name)
        elif name not in self.files:
            self.files[name] = self.chance.randbytes(2000) if name.endswith("png") else f"# ours {number}\n".encode()
            (self.root / name).parent.mkdir(exist_ok=True)
            (self.root / name).write_bytes(self.files[name])

    def owned(self) -> list[str]:
        """Return the files of the connector outside the modules that are not the user's own."""
        paths = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        names = [path.as_posix() for path in paths if path.parts[0] != ".git" and path.parts[:2] != ("src", "modules")]
        return sorted({*names} - {*self.files, "SECURITY.md", ".copier-answers.yml"})

    def remark(self, name: str) -> str | None:
        """Return how a line that changes nothing is written in a file."""
        return REMARKS.get(Path(name).suffix) or REMARKS.get(Path(name).name)

    def read(self, name: str) -> list[str]:
        return (self.root / name).read_text(encoding="utf-8").splitlines(keepends=True)

    def write_line(self, name: str, lines: list[str], place: int, number: int) -> None:
        line = (self.remark(name) or "{}").format(f"user {number} {self.chance.randrange(10**9)}")
        lines.insert(place, f"{line}\n")
        (self.root / name).write_text("".join(lines), encoding="utf-8")
        self.lines[name].append(line)


def places(name: str, text: str) -> list[int]:
    """Return the lines before which another may be put without changing what a file does."""
    if name.endswith(".py"):
        starts = [
            min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            for node in ast.parse(text).body
        ]
        return [start - 1 for start in starts] + [text.count("\n")]
    if name.endswith((".sh", "Dockerfile")):
        return [text.count("\n")]
    return list(range(text.count("\n") + 1))


@pytest.mark.parametrize("number", range(FIRST, FIRST + COUNT))
def test_nothing_of_the_user_is_lost(template: Published, tmp_path: Path, number: int) -> None:
    chance = random.Random(number)
    connector = made(template, tmp_path / "crm", chance)
    user = User(connector.cwd, chance)
    user.work()
    connector.git("add", "--all", "--force")
    connector.git("commit", "--quiet", "--allow-empty", "--message", "Work")
    modules = snapshot(connector.modules)

    done = connector.copier(*chance.choice([["-r", "v0.2.0"], []]))

    assert done.returncode == 0, done.stderr
    assert snapshot(connector.modules) == modules
    assert {name: (user.root / name).read_bytes() for name in user.files} == user.files
    assert [name for name in user.removed if (user.root / name).exists()] == []
    assert lost(user) == []
    assert marked(connector) == sorted(connector.git("diff", "--name-only", "--diff-filter=U").splitlines())
    assert list(connector.cwd.rglob("*.rej")) == []
    if not marked(connector):
        run_tests(connector)


def made(template: Published, folder: Path, chance: random.Random) -> Connector:
    answers = {"auth": chance.choice(AUTHS), "app_name": chance.choice(NAMES), "port": str(chance.randint(2000, 9000))}
    answers["workflows_cdk_compat"] = chance.choice(["true", "false"])
    answers["ci"] = chance.choice(["github", "gitlab", "none"])
    given = gather(template.checkout, "crm", None, [f"{name}={value}" for name, value in answers.items()])
    render(TemplateSource(template.checkout, ADDRESS, "v0.1.0"), folder, given)
    connector = Connector(folder, template.environment, template)
    connector.git("init", "--quiet", "--initial-branch=main")
    connector.commit()
    return connector


def lost(user: User) -> list[str]:
    """Return the lines that the user wrote and that are nowhere in their file any more."""
    return [
        f"{name}: {line}"
        for name, lines in user.lines.items()
        for line in lines
        if line not in (user.root / name).read_text(encoding="utf-8").splitlines()
    ]


def marked(connector: Connector) -> list[str]:
    """Return the files that hold both, each between one pair of marks."""
    found = []
    for path in connector.cwd.rglob("*"):
        if path.is_file() and ".git" not in path.relative_to(connector.cwd).parts:
            content = path.read_bytes()
            assert content.count(b"<<<<<<< before updating") == content.count(b">>>>>>> after updating"), path
            if b"<<<<<<< before updating" in content:
                found.append(path.relative_to(connector.cwd).as_posix())
    return sorted(found)


def run_tests(connector: Connector) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    environment = connector.environment | PLAIN_PYTEST | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=connector.cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
