"""`stacksync test` and `stacksync run`: the connector's own tests and programs, with its own environment."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.bytecode import lend_bytecode
from tests.conftest import PLAIN_PYTEST, Stacksync

on_posix = pytest.mark.skipif(os.name == "nt", reason="scripts are another thing on Windows")
PYTEST = """\
import os, sys


def main(arguments):
    print("pytest", os.path.basename(os.getcwd()), *arguments)
    return 5


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    """Write a wheel that installs these files, and the programs that its entry points name."""
    info = f"{name}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, **metadata}.items():
            archive.writestr(path, text)


@pytest.fixture
def tested(connector: Stacksync, compiled_connector: Path) -> Stacksync:
    """Return the command in a connector whose tools are in the active environment."""
    lend_bytecode(compiled_connector, connector.cwd)
    environment = {"VIRTUAL_ENV": sys.prefix, "PYTHONWARNINGS": "", **PLAIN_PYTEST}
    return Stacksync(connector.cwd, connector.environment | environment)


@pytest.fixture
def offline(tested: Stacksync) -> Stacksync:
    """Return it where nothing is active, and what is required comes from a folder in the connector."""
    wheel(tested.cwd / "wheels", "flask", "3.1", {"flask.py": ""})
    script = "pytest-9.0.dist-info/entry_points.txt"
    main = "import sys\n\nfrom pytest import main\n\n\ndef run():\n    sys.exit(main(sys.argv[1:]))\n"
    files = {"pytest.py": PYTEST, "run_pytest.py": main, script: "[console_scripts]\npytest = run_pytest:run\n"}
    wheel(tested.cwd / "wheels", "pytest", "9.0", files)
    (tested.cwd / "requirements.txt").write_text("--no-index\n--find-links wheels\nflask>=3\n")
    (tested.cwd / "requirements-dev.txt").write_text("-r requirements.txt\npytest>=9\n")
    del tested.environment["VIRTUAL_ENV"]
    return tested


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with nothing in it but pip; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("bare") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder


def put(environment: Path, connector: Stacksync) -> None:
    """Copy it into a connector, by links: files are added to it, and none is written to."""
    shutil.copytree(environment, connector.cwd / ".venv", symlinks=True, copy_function=os.link)


# --- test ----------------------------------------------------------------------------------------


def test_all_tests_of_a_connector_are_run(tested: Stacksync) -> None:
    done = tested("test")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "rootdir: " + str(tested.cwd) in done.stdout
    assert "src/modules/create_contacts/v1/tests/test_create.py" in done.stdout
    assert done.stderr == ""


def test_the_tests_of_one_module_are_its_own_and_its_cases_of_the_others(tested: Stacksync) -> None:
    tested("add-module", "greet")
    shutil.copytree(tested.cwd / "src/modules/greet", tested.cwd / "src/modules/greet_all")
    collected = Stacksync(tested.cwd / "src", tested.environment)("test", "greet", PYTEST_ADDOPTS="--collect-only -q")

    tests = [line for line in collected.stdout.splitlines() if "::" in line]
    assert "tests/test_connector.py::test_example[greet/v1-greet]" in tests
    assert [test for test in tests if test.startswith("src/modules/greet/v1/tests/test_module.py::")]
    assert [test for test in tests if not test.startswith("src/modules/greet/") and "[greet/v1" not in test] == []


def test_the_exit_code_is_that_of_pytest(tested: Stacksync) -> None:
    example = tested.cwd / "src/modules/new_empty_action/v1/examples/greet.json"
    content = json.loads(example.read_text("utf-8"))
    example.write_text(json.dumps({**content, "status": 418}), "utf-8")

    failed = tested("test", "new_empty_action", "--quiet")
    nothing = tested("test", "new_empty_action", PYTEST_ADDOPTS="-k nothing_is_called_so")

    assert (failed.returncode, nothing.returncode) == (1, 5)
    assert "1 failed" in failed.stdout


def test_a_module_that_is_not_there_is_told(tested: Stacksync) -> None:
    done = tested("test", "new_empty_acton")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: There is no module 'new_empty_acton' in src/modules.\nTIP: did you mean new_empty_action?\n"
    )


@on_posix
def test_a_missing_environment_is_made_with_the_tools_of_which_a_program_goes_first(offline: Stacksync) -> None:
    inside = Stacksync(offline.cwd / "src", offline.environment)

    done = offline("test", "--quiet")
    run = inside("run", "-q", "--", "pytest", "-k", "x", "--help")
    again = inside("run", "pytest", "-k", "x", "--help")

    assert (done.returncode, done.stdout, done.stderr) == (5, "pytest crm -q\n", "")
    assert (offline.cwd / ".venv/bin/pytest").exists()
    assert (run.returncode, run.stdout, run.stderr) == (5, "pytest src -k x --help\n", "")
    assert (again.returncode, again.stdout, again.stderr) == (5, run.stdout, "")


@on_posix
def test_an_environment_without_tools_is_completed(offline: Stacksync, bare: Path) -> None:
    put(bare, offline)

    done = offline("test")

    assert (done.returncode, done.stdout) == (5, "pytest crm\n")
    assert done.stderr.startswith("Installing requirements-dev.txt\n")
    assert offline("test").stderr == ""


@on_posix
def test_what_cannot_be_completed_is_told(offline: Stacksync) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(offline.cwd / ".venv")], check=True)

    done = offline("test")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: .venv has no pytest.\nTIP: uv pip install --python .venv/bin/python -r requirements-dev.txt\n"
    )


@on_posix
def test_a_connector_that_requires_no_pytest_is_told(offline: Stacksync) -> None:
    (offline.cwd / "requirements-dev.txt").unlink()

    made = offline("run", "-q", "--", "python", "-c", "import flask")
    done = offline("test", "-q")

    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: .venv has no pytest.\nTIP: write pytest into requirements-dev.txt, and run it again\n"
    )


@on_posix
def test_what_cannot_be_installed_is_told_at_its_line(offline: Stacksync) -> None:
    (offline.cwd / "requirements-dev.txt").write_text("-r requirements.txt\npytest>=99\n")

    done = offline("test", "-q")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: requirements-dev.txt:2: pip could not install it: No matching distribution")
    assert not (offline.cwd / ".venv").exists()


# --- run -----------------------------------------------------------------------------------------


@on_posix
def test_it_runs_as_if_the_environment_were_active(tested: Stacksync) -> None:
    show = "import os, sys; print(os.environ['VIRTUAL_ENV'], sys.prefix, os.getcwd(), 'PYTHONHOME' in os.environ)"
    (tested.cwd / ".venv").symlink_to(sys.prefix)

    done = tested("run", "python", "-c", show)

    assert done.stderr == ""
    own = str(tested.cwd / ".venv")
    assert done.stdout.split() == [own, own, str(tested.cwd), "False"]


@on_posix
@pytest.mark.parametrize("tool", [["pytest"], ["python", "-m", "pytest"]])
def test_a_tool_that_an_environment_lacks_is_installed(offline: Stacksync, bare: Path, tool: list[str]) -> None:
    put(bare, offline)

    other, done = offline("run", "sh", "-c", "exit 7"), offline("run", *tool)

    assert (other.returncode, other.stderr) == (7, "")
    assert (done.returncode, done.stdout) == (5, "pytest crm\n")
    assert done.stderr.startswith("Installing requirements-dev.txt\n")


@on_posix
def test_a_signal_ends_it_as_in_a_shell(tested: Stacksync) -> None:
    done = tested.process("run", "sh", "-c", "yes | head -n 1; kill -TERM $$")

    assert (done.returncode, done.stdout) == (-15, "y\n")


def test_a_program_that_is_not_there_is_told(tested: Stacksync) -> None:
    done = tested("run", "no-such-program")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: There is no program 'no-such-program' in {sys.prefix} or on the path.\n"
