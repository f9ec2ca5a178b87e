"""The commands of continuous integration, each run in a connector; docker, pip and pipx are stood in for."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.conftest import Published, Stacksync
from tests.guides.programs import install_programs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs shell scripts")

# Runs what is asked for from this checkout, says how it was asked, and has uv find newer versions when told so.
PIPX = f"""\
#!{sys.executable}
import os, pathlib, sys

arguments = sys.argv[1:]
print("pipx", *arguments, file=sys.stderr)
if arguments[:2] == ["run", "copier"]:
    os.execv(sys.executable, [sys.executable, "-m", *arguments[1:]])
if arguments[:2] == ["run", "--spec"] and arguments[3] == "stacksync":
    os.execv(sys.executable, [sys.executable, "-m", *arguments[3:]])
if arguments[:4] == ["run", "uv", "pip", "compile"] and pathlib.Path(arguments[-3]).is_file():
    lock = pathlib.Path(arguments[-1])
    lock.write_text("# another command\\n" + lock.read_text().replace("flask==3", os.environ.get("NEWER", "flask==3")))
    sys.exit()
sys.exit(f"no such thing: {{arguments}}")
"""
# tests/test_render_matrix.py runs these, for every combination of answers.
ELSEWHERE = ("mypy", "pytest")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return stand-ins for what is not here."""
    folder = install_programs(tmp_path / "programs")
    (folder / "python3").unlink()
    (folder / "pipx").write_text(PIPX)
    return folder


@pytest.fixture
def port(made_connector: Path) -> Iterator[int]:
    """Serve a connector, as the container does that docker is only told to run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{number}", "main:app"]
    served = subprocess.Popen(command, cwd=made_connector, stderr=subprocess.DEVNULL)
    yield number
    served.terminate()
    served.wait()


def run(script: str, cwd: Path, programs: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a script as both services do."""
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), environment["PATH"]])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd,
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def scripts(connector: Path, ci: str) -> "list[tuple[str, str]]":
    """Return every script with the name of its job."""
    if ci == "github":
        jobs = yaml.safe_load((connector / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
        return [(name, step["run"]) for name, job in jobs.items() for step in job["steps"] if "run" in step]

    jobs = yaml.safe_load((connector / ".gitlab-ci.yml").read_text("utf-8"))
    return [(name, "\n".join(job["script"])) for name, job in jobs.items() if "script" in job]


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_every_script_succeeds(published: Published, tmp_path: Path, programs: Path, port: int, ci: str) -> None:
    connector = tmp_path / "crm"
    published.stacksync(tmp_path).json("new", "crm", "--data", f"ci={ci}")
    ran = []
    for job, script in scripts(connector, ci):
        lines = [line for line in script.splitlines() if line not in ELSEWHERE]
        done = run("\n".join(lines).replace(":2003/", f":{port}/"), connector, programs, published.environment)
        assert done.returncode == 0, f"{job}: {script}\n{done.stdout}{done.stderr}"
        ran.append(job)

    assert (
        set(ran) == {"github": {"test", "check", "image", "upkeep"}, "gitlab": {"test", "check", "build", "upkeep"}}[ci]
    )


def test_what_runs_elsewhere_is_run_here_too(connectors: dict[str, Path]) -> None:
    for ci in ("github", "gitlab"):
        text = "\n".join(script for job, script in scripts(connectors[ci], ci) if job == "test")
        assert [line for line in ELSEWHERE if re.search(rf"^{line}$", text, re.MULTILINE)] == [*ELSEWHERE]


@pytest.mark.parametrize(
    "recorded, asked",
    [
        ("https://git.example.com/a/b.git", "git+https://git.example.com/a/b.git"),
        ("'git+https://git.example.com/a/b'", "git+https://git.example.com/a/b"),
        ("git@git.example.com:a/b.git", "git+ssh://git@git.example.com/a/b.git"),
        ("gh:a/b", "git+https://github.com/a/b.git"),
        ("gl:a/b", "git+https://gitlab.com/a/b.git"),
        ("/home/ada/stacksync", None),
    ],
)
def test_check_takes_stacksync_from_the_template(
    connector: Stacksync, programs: Path, recorded: str, asked: "str | None"
) -> None:
    answers = connector.cwd / ".copier-answers.yml"
    kept = [line for line in answers.read_text("utf-8").splitlines() if not line.startswith(("_src_path", "_commit"))]
    answers.write_text("\n".join([f"_commit: v1.2.3\n_src_path: {recorded}", *kept]) + "\n", "utf-8")
    done = run("config/ci.sh check --format json", connector.cwd, programs, connector.environment)

    if asked is None:
        assert (done.returncode, done.stdout) == (0, "")
        assert "is no address" in done.stderr
        return
    assert done.stderr.splitlines()[0] == f"pipx run --spec {asked}@v1.2.3 stacksync check --format json"
    # A note that a plain `copier update` could lose the edits of a platform, which fails nothing.
    assert (done.returncode, [each["code"] for each in json.loads(done.stdout)["findings"]]) == (0, ["REP006"])


def test_a_finding_fails_the_check(connector: Stacksync, programs: Path) -> None:
    (connector.cwd / ".copier-answers.yml").write_text("_commit: v1\n_src_path: https://git.example.com/a\n")
    (connector.cwd / "src/modules/new_empty_action/v1/schema.json").write_text("{")
    done = run("config/ci.sh check --format github", connector.cwd, programs, connector.environment)

    assert done.returncode == 1
    assert "::error file=src/modules/new_empty_action/v1/schema.json" in done.stdout


def test_a_breaking_change_fails_the_comparison(connector: Stacksync, programs: Path) -> None:
    (connector.cwd / ".copier-answers.yml").write_text("_commit: v1\n_src_path: https://git.example.com/a\n")
    file = connector.cwd / "src/modules/new_empty_action/v1/schema.json"
    file.write_text(file.read_text("utf-8").replace('"max_length": 100', '"max_length": 10'), "utf-8")
    done = run("config/ci.sh diff --against HEAD", connector.cwd, programs, connector.environment)

    assert (
        done.stderr.splitlines()[0] == "pipx run --spec git+https://git.example.com/a@v1 stacksync diff --against HEAD"
    )
    assert done.returncode == 1
    assert "breaking  DIF009  name: max_length changed" in done.stdout


def test_upkeep_says_what_is_newer(published: Published, tmp_path: Path, programs: Path) -> None:
    published.stacksync(tmp_path).json("new", "crm")

    def upkeep(**environment: str) -> "tuple[int, str]":
        done = run("config/ci.sh upkeep", tmp_path / "crm", programs, published.environment | environment)
        return done.returncode, done.stdout

    assert upkeep() == (0, "")
    packages = (
        "Packages of requirements.lock have newer versions. To take them, see documentation/production.md, The lock\n"
    )
    assert upkeep(NEWER="flask==4") == (2, packages)

    published.release("v0.2.0")
    template = "The template has a newer release. To take it, see documentation/upgrading.md\n"
    assert upkeep() == (2, template)
    assert upkeep(NEWER="flask==4") == (2, template + packages)

    answers = tmp_path / "crm/.copier-answers.yml"
    recorded = answers.read_text("utf-8")
    answers.write_text(re.sub("_src_path: .*", "_src_path: /home/ada/template", recorded), "utf-8")
    assert upkeep() == (0, "")
    answers.write_text(recorded.replace("_commit: v0.1.0", "_commit: v0.0.7"), "utf-8")
    assert upkeep() not in ((0, ""), (2, ""))
