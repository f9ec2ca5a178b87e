"""The files of continuous integration: what the tools of each format say of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.test_surroundings import YAML_STYLE

WORKFLOW = ".github/workflows/ci.yml"
FILES = {
    "github": {WORKFLOW, ".github/dependabot.yml", "renovate.json", "config/ci.sh"},
    "gitlab": {".gitlab-ci.yml", "renovate.json", "config/ci.sh"},
    "none": set(),
}
SCHEMAS = {
    WORKFLOW: "github-workflows",
    ".github/dependabot.yml": "dependabot",
    ".gitlab-ci.yml": "gitlab-ci",
    "renovate.json": "renovate",
}


def run(*command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run a tool of this environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {**os.environ, "NO_COLOR": "1", "PATH": path}
    return subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("ci", FILES)
def test_only_the_files_of_the_answer_are_there(connectors: dict[str, Path], ci: str) -> None:
    every = set().union(*FILES.values())

    assert {file for file in every if (connectors[ci] / file).exists()} == FILES[ci]
    assert (connectors[ci] / ".github").exists() == (ci == "github")


@pytest.mark.parametrize("file", SCHEMAS)
def test_files_are_what_their_service_takes(connectors: dict[str, Path], file: str) -> None:
    ci = next(ci for ci, files in FILES.items() if file in files)

    done = run("check-jsonschema", "--builtin-schema", f"vendor.{SCHEMAS[file]}", file, cwd=connectors[ci])

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("place", ["github", "gitlab", "here"])
def test_yaml_is_well_written(connectors: dict[str, Path], place: str) -> None:
    cwd = ROOT if place == "here" else connectors[place]
    files = [*cwd.glob(".github/**/*.yml"), *cwd.glob(".gitlab-ci.yml")]

    done = run("yamllint", "--strict", "-d", YAML_STYLE, *map(str, files), cwd=cwd)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("place", ["connector", "here"])
def test_workflows_pass_actionlint_and_zizmor(connectors: dict[str, Path], place: str) -> None:
    cwd = connectors["github"] if place == "connector" else ROOT
    files = [str(file) for file in (cwd / ".github/workflows").glob("*.yml")]

    for command in (["actionlint", *files], ["zizmor", "--offline", "--quiet", "--no-progress", ".github"]):
        done = run(*command, cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("place", ["connector", "here"])
def test_actions_are_pinned_and_may_little(connectors: dict[str, Path], place: str) -> None:
    cwd = connectors["github"] if place == "connector" else ROOT
    for file in (cwd / ".github/workflows").glob("*.yml"):
        workflow = yaml.safe_load(file.read_text("utf-8"))
        assert workflow["permissions"] == {"contents": "read"}
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"] <= 45
            for used in (step["uses"] for step in job["steps"] if "uses" in step):
                assert len(used.partition("@")[2]) == 40, f"{used} is no commit"


def test_the_script_passes_shellcheck() -> None:
    done = run("shellcheck", "ci.sh", cwd=ROOT / "template/config")
    assert done.returncode == 0, done.stdout
