"""An update does the same under whatever settings, and loses no byte of whatever users have in their files.

`STACKSYNC_AMBIENT_CONNECTORS=200 python -m pytest tests/update/test_ambient_property.py` runs it on 200 connectors;
`STACKSYNC_FIRST_CONNECTOR=1000` begins at another one. Each number is one connector on one machine, always the same.
"""

import os
import random
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Published, snapshot
from tests.update.ambient import CONTENTS, HELD, NAMES, OTHERS, SECTIONS, SETTINGS, Ambient
from tests.update.conftest import Connector
from tests.update.test_property import FIRST, User, made

COUNT = int(os.environ.get("STACKSYNC_AMBIENT_CONNECTORS", "3"))


def test_every_setting_of_git_is_among_them() -> None:
    """Of git 2.39, that is; a later one may know more, which is no fault here."""
    listed = subprocess.run(["git", "help", "--config"], capture_output=True, text=True, check=True).stdout.split()
    version = tuple(map(int, re.findall(r"\d+", subprocess.check_output(["git", "version"], text=True))[:2]))
    drivers = {"diff": "x", "filter": "upper", "merge": "union"}
    known = {name.replace("<driver>", drivers.get(name.partition(".")[0], "")).lower() for name in listed}
    tried = {name.lower() for name, _ in SETTINGS}

    missing = sorted(name for name in known - tried - OTHERS if name.startswith(SECTIONS))

    assert len(tried) >= 60
    assert missing == [] or version > (2, 39), missing


def spoil(root: Path, chance: random.Random) -> dict[str, bytes]:
    """Append contents that are no plain text to files of the template, and return them by the file."""
    appended: dict[str, bytes] = {}
    for name in chance.sample(HELD, chance.randint(1, 3)):
        if (root / name).is_file():
            appended[name] = chance.choice(CONTENTS)
            with (root / name).open("ab") as file:
                file.write(appended[name])
    return appended


def add_names(root: Path, chance: random.Random) -> None:
    """Add files with names that are hard to handle, and links."""
    for name in chance.sample(NAMES, chance.randint(0, 3)):
        with open(os.path.join(os.fsencode(root), name), "wb") as file:  # noqa: PTH118, PTH123
            file.write(b"mine\n")
    if chance.random() < 0.3 and not (root / "docs").exists():
        (root / "documentation").rename(root / "docs")
        (root / "documentation").symlink_to("docs")


def contents(root: Path) -> "dict[str, tuple[int, bytes]]":
    """Return every file, links as what they say."""
    links = {path: os.fsencode(path.readlink()) for path in root.rglob("*") if path.is_symlink()}
    named = {path.relative_to(root).as_posix(): (0, target) for path, target in links.items()}
    return snapshot(root) | named


@pytest.mark.parametrize("number", range(FIRST, FIRST + COUNT))
def test_the_machine_does_not_matter(template: Published, tmp_path: Path, number: int) -> None:
    chance = random.Random(number)
    connector = made(template, tmp_path / "crm", chance)
    user = User(connector.cwd, chance)
    user.work()
    appended = spoil(connector.cwd, chance)
    add_names(connector.cwd, chance)
    connector.git("add", "--all", "--force")
    connector.git("commit", "--quiet", "--allow-empty", "--message", "Work")
    clean = connector.twin(tmp_path / "clean/crm")
    clean.environment.update({"PYTHONPATH": str(template.checkout / "cli")})
    ambient = Ambient(tmp_path / "home", chance)
    ambient.furnish()
    release = chance.choice(["v0.2.0", "v0.3.0"])

    expected = clean("update", "--to", release, "--quiet")
    done = replace(connector, environment=clean.environment | ambient.variables)("update", "--to", release, "--quiet")

    assert (expected.stderr, done.stderr) == ("", "")
    assert done.returncode == expected.returncode
    assert contents(connector.cwd) == contents(clean.cwd)
    assert [name for name, content in appended.items() if content not in held(connector, name)] == []
    assert [name for name in user.removed if (user.root / name).exists()] == []
    assert lost(connector, user) == []


def held(connector: Connector, name: str) -> bytes:
    path = connector.cwd / name
    return path.read_bytes() if path.exists() else (connector.cwd / "docs" / name).read_bytes()


def lost(connector: Connector, user: User) -> list[str]:
    """Return the lines that the user wrote and that are nowhere in their file any more."""
    return [
        f"{name}: {line}"
        for name, lines in user.lines.items()
        for line in lines
        if line.encode() not in (connector.cwd / name).read_bytes().split(b"\n")
    ]
