"""Release after release, with the conflicts of each resolved in between; and git of other days."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stacksync.git.isolation import isolated
from tests.conftest import ADDRESS, Published, snapshot
from tests.update.conftest import GUIDE, Connector, append, retitle

STEPS = ["v0.2.0", "v0.3.0", "v0.4.0", "v0.5.0"]


@pytest.fixture
def four(template: Published, tmp_path: Path) -> Iterator[Published]:
    """Publish two more releases for one test, each of which changes the title of the guide."""
    checkout = tmp_path / "four"
    template.git("clone", "--quiet", "--branch", "main", ADDRESS, str(checkout), cwd=tmp_path)
    published = Published(checkout, template.environment)
    for release in STEPS[2:]:
        retitle(checkout, f"# Title of {release}")
        append(checkout / "template/AGENTS.md.jinja", f"Of {release}.")
        published.release(release)
    yield published
    template.git("push", "--quiet", "origin", *(f":{release}" for release in STEPS[2:]), "+v0.3.0^{}:refs/heads/main")


def test_four_releases_one_after_the_other(edited: Connector, four: Published) -> None:
    guide = edited.cwd / GUIDE
    for release in STEPS:
        done = edited("update", "--to", release, "--quiet")
        assert (done.returncode, done.stderr) == (1, ""), release
        text = guide.read_text("utf-8")
        mine, rest = text.partition("=======\n")[0], text.partition(">>>>>>> after updating\n")[2]
        assert mine == "<<<<<<< before updating\n# How we upgrade\n"
        guide.write_text(f"# How we upgrade\n{rest}", "utf-8")
        edited.append("AGENTS.md", f"Mine, after {release}.")
        edited.commit()

    lines = (edited.cwd / "AGENTS.md").read_text("utf-8").splitlines()
    wanted = [*(f"Mine, after {release}." for release in STEPS), *(f"Of {release}." for release in STEPS[2:])]
    assert [line for line in wanted if lines.count(line) != 1] == []
    assert (edited.cwd / "src/runtime/choice.py").read_text("utf-8").startswith("# mine\n")
    assert guide.read_text("utf-8").startswith("# How we upgrade\n\n")


OLD_GIT = """#!/bin/sh
unset GIT_CONFIG_GLOBAL GIT_CONFIG_COUNT
for argument; do
  case $argument in
    --show-scope|--path-format=*) echo "error: unknown option" >&2; exit 129;;
    version) echo "git version 2.25.1"; exit;;
  esac
done
exec {git} "$@"
"""


def old_git(folder: Path) -> Path:
    """Write the stand-in, and return its folder."""
    folder.mkdir()
    (folder / "git").write_text(OLD_GIT.format(git=shutil.which("git")))
    (folder / "git").chmod(0o755)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="stands in by a shell script")
def test_git_that_knows_no_settings_by_variables(
    edited: Connector, updated_connector: Connector, tmp_path: Path
) -> None:
    """A stand-in for git 2.25, as far as what it does not know: the settings of a home folder have to do."""
    old, home = old_git(tmp_path / "old"), tmp_path / "home"
    home.mkdir()
    server = next(value for name, value in edited.environment.items() if name == "GIT_CONFIG_KEY_0")
    section, address = server.removesuffix(".insteadOf").partition(".")[::2]
    rewritten = f'[{section} "{address}"]\n\tinsteadOf = {ADDRESS}\n'
    settings = f"{rewritten}[apply]\n\twhitespace = error\n[diff]\n\tnoprefix = true\n"
    (home / ".gitconfig").write_text(settings)
    places = {"HOME": str(home), "PATH": f"{old}{os.pathsep}{edited.environment['PATH']}"}

    done = replace(edited, environment=edited.environment | places)("update", "--to", "v0.2.0", "--quiet")

    assert (done.returncode, done.stderr) == (1, "")
    assert snapshot(edited.cwd) == snapshot(updated_connector.cwd)


@pytest.mark.skipif(os.name == "nt", reason="stands in by a shell script")
def test_credentials_are_found_from_the_other_home_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{old_git(tmp_path / 'old')}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine localhost login me password secret\n")
    (tmp_path / ".gitconfig").write_text("[diff]\n\tnoprefix = true\n[http]\n\tproxy = http://127.0.0.1:9\n")

    with isolated(tmp_path) as isolation:
        home = Path(isolation.variables["HOME"])
        assert (home / ".netrc").read_text() == (tmp_path / ".netrc").read_text()
        assert isolation.git(tmp_path, "config", "--get", "http.proxy") == b"http://127.0.0.1:9\n"
        assert isolation.git(tmp_path, "config", "--get", "diff.noprefix", fine=range(2)) == b""
    assert (tmp_path / ".netrc").exists()
