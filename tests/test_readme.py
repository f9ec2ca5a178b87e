"""The commands of README.md do what it says, and CI runs no others."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO
from urllib.request import urlopen

import pytest

from tests.conftest import ADDRESS, ROOT, SLOW, TESTS, git_settings
from tests.guides.pages import read_blocks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs bash")

README = (ROOT / "README.md").read_text("utf-8")


def command(name: str) -> str:
    """Return the code block that follows the mark of a command."""
    found = re.findall(rf"^<!-- command: {name} -->\n```(?:bash|bat)\n((?:.+\n)+?)```$", README, re.MULTILINE)
    assert len(found) == 1, name
    return str(found[0]).rstrip("\n")


# --- the commands --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what a newcomer has after `git clone`: every file of this checkout, in a repository of its own."""
    folder = tmp_path_factory.mktemp("newcomer") / "stacksync"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)

    git = ["git", "-c", "user.name=Tester", "-c", "user.email=tester@localhost"]
    server = folder.with_name("server.git")
    steps = [["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "All of it"], ["tag", "v0.1.0"]]
    steps += [["clone", "--quiet", "--bare", ".", str(server)], ["remote", "add", "origin", ADDRESS]]
    for arguments in [*steps, ["-c", f"url.{server.as_uri()}.insteadOf={ADDRESS}", "fetch", "--quiet", "origin"]]:
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    return folder


# What `python3 -m venv`, git and the commands of a README need of a system.
PROGRAMS = ("git", "bash", "sh", "env", "mkdir", "ln", "sed", "tr", "cat", "dirname", "uname", "readlink")


@pytest.fixture(scope="module")
def newcomer(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of somebody who has Python and git, an empty home and nothing installed."""
    folder = tmp_path_factory.mktemp("python")
    interpreter = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    (folder / "python3").symlink_to(interpreter if interpreter.exists() else sys.executable)
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "TMP", "SSL_"))}
    settings = {f"url.{clone.with_name('server.git').as_uri()}.insteadOf": ADDRESS}
    own = {"PATH": str(folder), "HOME": str(folder.parent / "home")}
    # Compiling takes as long as installing, and little of it would be used. "no" is how pip wants it:
    # https://pip.pypa.io/en/stable/topics/configuration/#boolean-options
    own["PIP_NO_COMPILE"] = "no"
    return {**kept, **pip_settings(), **git_settings(settings), **own}


def pip_settings() -> dict[str, str]:
    """Return what tells pip of the developer's own index, if their home does."""
    files = [Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"]
    found = [str(file) for file in files if file.exists()]
    return {"PIP_CONFIG_FILE": found[0]} if found else {}


def with_command(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of a new terminal, once ~/.local/bin is on the path."""
    return environment | {"PATH": f"{environment['HOME']}/.local/bin{os.pathsep}{environment['PATH']}"}


def bash(script: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def served(script: str, folder: Path, environment: dict[str, str], port: int) -> list[str]:
    """Run what serves a connector until it answers, and return what was said."""
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        try:
            said.extend(iter_until(process.stdout, "  ready in "))
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
                assert answer.read() == b'{"data":{"status":"healthy"}}'
        except OSError:
            pytest.fail("".join(said))
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    return [line.strip() for line in said]


def test_one_command_serves_a_connector_which_is_there_tomorrow_and_for_a_colleague(
    clone: Path, newcomer: dict[str, str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # As it stands there, but for the port: 2003 may be taken on the machine of a developer.
    serve = command("serve").replace("--defaults", f"--defaults --data port={port}")
    assert serve != command("serve")

    said = served(serve, clone, newcomer, port)

    connector, home = clone.parent / "my_connector", newcomer["HOME"]
    assert (connector / "src/modules/create_contacts/v1/route.py").is_file()
    steps = said[said.index("Next:") + 1 :][:3]
    assert steps == [
        "cd my_connector",
        "stacksync test",
        f"stacksync dev --open  # try it in Studio; it answers at http://127.0.0.1:{port}",
    ]

    # Tomorrow, in another terminal; and before its path is what it should be.
    tomorrow = command("tomorrow")
    served(tomorrow, clone.parent, with_command(newcomer), port)
    found = bash("~/.local/bin/stacksync doctor || true", clone.parent, newcomer)
    assert f'export PATH="$HOME/.local/bin:$PATH"; until then: {home}/.local/bin/stacksync\n' in found

    # What `new` said to type, and what the README says of the environment.
    assert " passed" in bash("\n".join(steps[:2]), clone.parent, with_command(newcomer))
    bash("stacksync run -- mypy --version", connector, with_command(newcomer))
    assert "stacksync doctor" in README
    bash("~/.local/share/stacksync/bin/python -m stacksync --version", connector, newcomer)

    # A colleague.
    theirs = newcomer | {"HOME": f"{home}-of-a-colleague"}
    bash("git clone --quiet my_connector theirs", clone.parent, newcomer)
    install, *_ = read_blocks((connector / "README.md").read_text("utf-8"))
    assert len(install.text.splitlines()) == 3
    bash(install.text, clone.parent / "theirs", theirs)
    assert "new_empty_action/v1\n" in bash("stacksync list --quiet", clone.parent / "theirs", with_command(theirs))


def iter_until(lines: IO[str], wanted: str) -> list[str]:
    """Return the lines up to the wanted one, or all when it never comes."""
    read = []
    for line in lines:
        read.append(line)
        if wanted in line:
            break
    return read


def test_second_command_finds_the_tests(clone: Path, newcomer: dict[str, str]) -> None:
    if os.environ.get("STACKSYNC_TEST_COMMAND") == command("test"):
        pytest.skip("it runs these tests")
    collect = newcomer | {"PYTEST_ADDOPTS": "--collect-only --quiet"}

    done = subprocess.run(
        ["bash", "-c", command("test")], cwd=clone, env=collect, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr + done.stdout
    assert re.search(r"\d{2,} tests collected", done.stdout)


@pytest.mark.parametrize("name", ["serve", "test"])
def test_other_ways_end_in_the_same(name: str) -> None:
    last = command(name).rpartition(" && ")[2]
    assert command(f"{name}-windows").endswith(last)
    assert command(f"{name}-uv").endswith(last)


# --- .ci/run -------------------------------------------------------------------------------------

STAND_IN = """\
# <!-- command: other -->
<!-- command: test -->
```bash
{test}
```

```bash
exit 9
```
"""
PYTHON = '#!/bin/sh\necho "$0 $*" >> ../called\n'


def run_ci(folder: Path, test: str, *, ruff: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run a copy of .ci/run on a README of our own, whose command makes stand-ins of the tools."""
    checkout = folder / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", checkout / ".ci/run")
    tools = " && ".join(f"cp ../{tool} .venv/bin/{tool}" for tool in ("python", "ruff", "mypy"))
    (checkout / "README.md").write_text(STAND_IN.format(test=f"mkdir -p .venv/bin && {tools} && {test}"))
    for tool, status in (("python", 0), ("ruff", ruff), ("mypy", 0)):
        (folder / tool).write_text(f"{PYTHON}exit {status}\n")
        (folder / tool).chmod(0o755)
    (checkout / ".venv").mkdir()
    (checkout / ".venv/stale").touch()
    # Or it would install a browser and the oldest Copier.
    browser = folder / "bin/chromium"
    browser.parent.mkdir()
    browser.write_text("#!/bin/sh\nexit 1\n")
    browser.chmod(0o755)
    path = f"{browser.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "STACKSYNC_TEST_COPIERS": sys.executable}
    run = ["bash", str(checkout / ".ci/run")]
    return subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_ci_runs_the_command_of_the_readme_then_the_tools(tmp_path: Path) -> None:
    done = run_ci(tmp_path, 'test ! -e .venv/stale && pwd && echo "==== 12 passed, 1 skipped in 3.45s ===="')

    lines = done.stdout.splitlines()
    assert (lines[0], lines[-1]) == (str(tmp_path / "checkout"), "==== 12 passed, 1 skipped in 3.45s ====")
    assert done.returncode == 0
    assert (tmp_path / "called").read_text().splitlines() == [
        ".venv/bin/python -m pip install --quiet --disable-pip-version-check -e .[dev]",
        ".venv/bin/ruff check .",
        ".venv/bin/ruff format --check .",
        ".venv/bin/mypy ",
    ]


@pytest.mark.parametrize(
    "test, ruff, complaint",
    [
        ('echo "1 failed, 2 passed in 1.00s" && false', 0, "the tests failed: see above."),
        ('echo "3 passed in 1.00s"', 1, "ruff or mypy failed: see above."),
    ],
)
def test_ci_fails_with_either(tmp_path: Path, test: str, ruff: int, complaint: str) -> None:
    done = run_ci(tmp_path, test, ruff=ruff)

    assert done.returncode == 1
    assert done.stdout.splitlines()[-2] == complaint
    assert done.stdout.splitlines()[-1].endswith(" in 1.00s")


def test_ci_says_which_command_runs_the_tests(tmp_path: Path) -> None:
    done = run_ci(tmp_path, 'echo "$STACKSYNC_TEST_COMMAND"')

    assert done.stdout.splitlines()[0].endswith(' && echo "$STACKSYNC_TEST_COMMAND"')


def test_what_is_marked_slow_is_there() -> None:
    assert [place for place in SLOW if not (TESTS / place).exists()] == []


def test_ci_names_further_interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tmp_path / "pyenv/versions/3.13.1/bin/python"
    found.parent.mkdir(parents=True)
    found.write_text("#!/bin/sh\nexit 0\n")
    found.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("STACKSYNC_TEST_PYTHONS", raising=False)

    done = run_ci(tmp_path, "echo $STACKSYNC_TEST_PYTHONS")

    assert str(found) in done.stdout.splitlines()[0].split(os.pathsep)
