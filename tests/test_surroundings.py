"""What surrounds the code of a connector: run scripts, image, compose, settings. Only docker is stood in for."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pathspec
import pytest
import yaml
from dotenv import dotenv_values

from tests.conftest import ROOT, Stacksync, isolated
from tests.ports import free_port
from tests.production.context import build_context
from tests.production.dockerfile import read_instructions

BIN = Path(sys.executable).parent
YAML_STYLE = (
    "{extends: default, rules: {document-start: disable, line-length: {max: 120}, truthy: {check-keys: false},"
    " comments: {min-spaces-from-content: 1}, braces: {max-spaces-inside: 1}}}"
)
WORKFLOW = ROOT / ".github/workflows/ci.yml"
needs_sh = pytest.mark.skipif(sys.platform == "win32", reason="runs a shell script")


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a connector with the command, as users do; the tests of this module only read it."""
    environment = isolated(tmp_path_factory.mktemp("home")) | {"PYTHONPATH": str(ROOT / "cli")}
    stacksync = Stacksync(tmp_path_factory.mktemp("work"), environment)
    stacksync.json("new", "my_connector", "--no-git", "--data", "port=2017")
    return stacksync.cwd / "my_connector"


# --- what the tools of each format say -----------------------------------------------------------


@pytest.mark.parametrize("script", ["template/run_dev.sh", ".ci/run"])
def test_shell_scripts_pass_shellcheck(script: str) -> None:
    run_tool("shellcheck", ROOT / script)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no hadolint for pip on Windows")
def test_the_dockerfile_passes_hadolint(connector: Path) -> None:
    run_tool("hadolint", connector / "Dockerfile")


@pytest.mark.parametrize("file", ["app_config.yaml", "config/compose.yaml"])
def test_yaml_files_pass_yamllint(connector: Path, file: str) -> None:
    run_tool("yamllint", "--strict", "--config-data", YAML_STYLE, connector / file)


def test_compose_file_is_what_compose_specifies(connector: Path) -> None:
    run_tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", connector / "config/compose.yaml")


def test_workflow_is_what_github_specifies_and_pinned() -> None:
    run_tool("yamllint", "--strict", "--config-data", YAML_STYLE, WORKFLOW)
    run_tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW)

    used = re.findall(r"uses: (\S+)", WORKFLOW.read_text("utf-8"))
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []


def run_tool(name: str, *arguments: "str | Path") -> None:
    program = shutil.which(name, path=str(BIN))
    assert program, f"{name} is not installed: pip install -e '.[test]'"

    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# --- run_dev.sh and run_dev.bat ------------------------------------------------------------------

WITHOUT_DOCKER = """Without Docker:
  python3 -m venv .venv
  .venv/bin/pip install -r requirements.txt
  .venv/bin/python main.py
"""
DOCKER = """#!/bin/sh
if [ "$*" = "compose version" ]; then exit "$COMPOSE_STATUS"; fi
printf '%s\\n' "$PWD" "$PORT" "$DEV_USER" "$*" > "$RECORD"
exit 7
"""


class Machine:
    """A folder of programs that is the whole PATH, and what its docker was called with."""

    def __init__(self, folder: Path, connector: Path) -> None:
        self.connector = connector
        self.bin = folder / "bin"
        self.record = folder / "record"
        self.bin.mkdir()
        for name in ("sh", "sed", "id", "dirname"):
            (self.bin / name).symlink_to(str(shutil.which(name)))

    def has_docker(self) -> "Machine":
        docker = self.bin / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)
        return self

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        stand_in = {"RECORD": str(self.record), "COMPOSE_STATUS": "0"}
        return subprocess.run(
            [str(self.connector / "run_dev.sh"), *arguments],
            cwd=self.bin,  # started from elsewhere, it must find its own folder
            env={"PATH": str(self.bin), **stand_in, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def recorded(self) -> list[str]:
        return self.record.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path, connector: Path) -> Iterator[Machine]:
    if sys.platform == "win32":
        pytest.skip("runs a shell script")
    kept = (connector / "app_config.yaml").read_bytes()
    yield Machine(tmp_path, connector)
    (connector / "app_config.yaml").write_bytes(kept)


@pytest.mark.parametrize(
    "arguments, called",
    [
        ([], "compose -f config/compose.yaml up connector"),
        (["--build"], "compose -f config/compose.yaml up --build connector"),
    ],
)
def test_run_dev_starts_compose(machine: Machine, arguments: list[str], called: str) -> None:
    done = machine.has_docker().run(*arguments)

    assert done.stdout == "The connector will be at http://localhost:2017 (Ctrl-C stops it)\n"
    assert done.stderr == ""
    assert done.returncode == 7  # compose's own
    user = f"{os.getuid()}:{os.getgid()}"
    assert machine.recorded() == [str(machine.connector.resolve()), "2017", user, called]


@pytest.mark.parametrize(
    "config, variables, port",
    [
        ("local_development_settings:\n  port: 3456\n", {}, "3456"),
        ('local_development_settings:\n  debug: false\n  port: "3457" # quoted\n', {}, "3457"),
        ("local_development_settings:\n  port: 3456\n", {"PORT": "4567"}, "4567"),
        ("local_development_settings:\n  debug: false\nother:\n  port: 9999\n", {}, "2003"),
        ("app_settings:\n  app_type: x\n  port: '3458'\n", {}, "3458"),
        ("app_settings:\n  port: 3459\nlocal_development_settings:\n  port: 3460\n", {}, "3460"),
        ("app_settings:\n  app_type: x\n", {}, "2003"),
    ],
)
def test_run_dev_takes_the_configured_port(machine: Machine, config: str, variables: dict[str, str], port: str) -> None:
    (machine.connector / "app_config.yaml").write_text(config)

    machine.has_docker().run(**variables)

    assert machine.recorded()[1] == port


def test_run_dev_says_how_to_do_without_docker(machine: Machine) -> None:
    done = machine.run()

    wanted = "run_dev.sh: docker was not found. Install it from https://docs.docker.com/get-docker/\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", wanted + WITHOUT_DOCKER)


def test_run_dev_says_when_docker_has_no_compose(machine: Machine) -> None:
    done = machine.has_docker().run(COMPOSE_STATUS="1")

    wanted = "run_dev.sh: this docker has no 'docker compose'. See https://docs.docker.com/compose/install/\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", wanted + WITHOUT_DOCKER)
    assert not machine.record.exists()


def test_run_dev_refuses_other_options(machine: Machine) -> None:
    done = machine.has_docker().run("--biuld")

    assert done.returncode == 1
    assert done.stderr == "run_dev.sh: unknown option '--biuld'. Usage: ./run_dev.sh [--build]\n"
    assert not machine.record.exists()


def test_windows_script_does_the_same(connector: Path) -> None:
    """Only Windows can run it: what both say and call is compared."""
    batch, shell = (connector / "run_dev.bat").read_bytes(), (connector / "run_dev.sh").read_text("utf-8")

    assert batch.count(b"\n") == batch.count(b"\r\n") > 10
    lines = batch.decode("ascii").splitlines()
    assert called("\n".join(lines)) == [line.replace('"$@"', "%*") for line in called(shell)]
    assert re.findall(r"(?:PORT=|:-)(\d+)", "\n".join(lines)) == re.findall(r"configured:-(\d+)", shell) == ["2003"]
    in_unix = [re.sub(r"\.venv\\Scripts\\", ".venv/bin/", line).replace("py -m", "python3 -m") for line in lines]
    said = [line.strip().removeprefix("echo ").removesuffix(" 1>&2") for line in in_unix if " echo " in line]
    assert said[said.index("Without Docker:") :] == WITHOUT_DOCKER.splitlines()
    # Blocks that are closed, and no bracket in a block's text that would close it.
    assert [line for line in lines if line.endswith("(")]
    assert [line for line in lines if line.startswith("    ") and re.search(r"[()]", line)] == []
    assert lines.count(")") == sum(line.endswith("(") for line in lines)


def called(script: str) -> list[str]:
    return re.findall(r"docker compose -f .*", script)


@needs_sh
def test_the_script_may_be_run(connector: Path) -> None:
    assert os.access(connector / "run_dev.sh", os.X_OK)
    assert b"\r" not in (connector / "run_dev.sh").read_bytes()


# --- the image -----------------------------------------------------------------------------------


def files_of_image(connector: Path) -> list[str]:
    """Return what `COPY . .` copies."""
    return [path for path in build_context(connector).paths() if (connector / path).is_file()]


def test_image_holds_what_runs_and_nothing_else(connector: Path, tmp_path: Path) -> None:
    context = tmp_path / "context"
    shutil.copytree(connector, context, ignore=shutil.ignore_patterns("__pycache__"))
    planted = (
        ".env",
        ".git/config",
        ".venv/bin/python",
        ".github/workflows/ci.yml",
        "config/cloudrun.yaml",
        "config/kubernetes/base/secret.yaml",
        "src/.env.local",
        "src/modules/a/v1/__pycache__/route.pyc",
    )
    for name in (*planted, "src/modules/a/v1/route.py", "data/own.txt"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text("")

    reached = files_of_image(context)

    outside = [name for name in reached if not name.startswith(("src/runtime/", "src/modules/"))]
    assert outside == [
        "app_config.yaml",
        "config/gunicorn_worker.py",
        "data/own.txt",
        "gunicorn.conf.py",
        "main.py",
        "requirements.lock",
        "requirements.txt",
        "src/api_client.py",
    ]
    modules = [Path(name) for name in reached if name.startswith("src/modules/")]
    assert {path.name for path in modules if path.suffix != ".py"} == {"module_config.yaml", "schema.json"}
    assert [path for path in modules if {"tests", "examples", "__pycache__"} & set(path.parts)] == []


def test_what_an_image_copies_exists(connector: Path) -> None:
    """Everywhere; tests/production builds the images, where this machine can."""
    copies = [each for each in read_instructions((connector / "Dockerfile").read_text("utf-8")) if each.name == "COPY"]
    sources = [source for each in copies if not each.options for source in each.words()[:-1]]

    assert sources
    assert [source for source in sources if not build_context(connector).matching(source)] == []


@needs_sh
def test_image_runs_with_what_it_holds(connector: Path, tmp_path: Path) -> None:
    port = free_port()
    app = tmp_path / "app"
    for name in files_of_image(connector):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(connector / name, app / name)
    # The variables of the Dockerfile, the installed packages on the path, and a home that cannot be written.
    environment = {
        "ENVIRONMENT": "prod",
        "PORT": str(port),
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": "/nonexistent",
    }

    with subprocess.Popen(
        ["gunicorn", "main:app"],
        cwd=app,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        said = next((line for line in server.stderr if "Listening at" in line), "it ended")
        try:
            assert f"http://0.0.0.0:{port}" in said
            with urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as answer:
                assert json.load(answer) == {"data": {"status": "ready"}}
        finally:
            server.terminate()
        server.stderr.read()
    assert server.returncode == 0


def test_both_images_start_gunicorn_with_its_own_configuration(connector: Path) -> None:
    started = re.findall(r"^(?:ENTRYPOINT|CMD) (.*)$", (connector / "Dockerfile").read_text("utf-8"), re.MULTILINE)

    assert started == ['["gunicorn", "main:app"]'] * 2
    assert (connector / "gunicorn.conf.py").is_file()


def test_compose_names_the_connector_and_keeps_to_this_machine(connector: Path) -> None:
    compose = yaml.safe_load((connector / "config/compose.yaml").read_text())

    assert compose["name"] == "my_connector"
    for service in compose["services"].values():
        assert service["ports"] == ["127.0.0.1:${PORT:-2017}:${PORT:-2017}"]
        assert service["environment"]["PORT"] == "${PORT:-2017}"
        build = service["build"]
        context = (connector / "config" / build["context"]).resolve()
        stages = re.findall(r"^FROM \S+ AS (\w+)$", (context / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        assert build.get("target", stages[0]) in stages


# --- configuration and environment ---------------------------------------------------------------


def test_env_example_lists_the_documented_variables(connector: Path) -> None:
    values = dotenv_values(connector / ".env.example")

    assert values == {
        "ENVIRONMENT": "dev",
        "REGION": "other",
        "API_KEY": "",
        "SENTRY_DSN": "",
        "CONNECTOR_TOKEN": "",
        "LOG_LEVEL": "INFO",
    }


def test_every_variable_that_is_read_is_documented_and_in_the_example(connector: Path) -> None:
    sources = [*(connector / "src").rglob("*.py"), connector / "gunicorn.conf.py"]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    read = set(re.findall(r'(?:os\.environ(?:\.get)?[\[(]|read_number\()["\']([A-Z_]+)["\']', text))
    documented = re.findall(r"^\| `([A-Z_]+)` \|", (connector / "documentation/production.md").read_text(), re.M)
    example = re.findall(r"^(?:# )?([A-Z_]+)=", (connector / ".env.example").read_text(), re.M)

    assert {"ENVIRONMENT", "SENTRY_RELEASE", "CONNECTOR_TOKEN", "PORT", "WEB_THREADS"} <= read
    read -= {"STACKSYNC_DEV", "CI"}  # not for users: `stacksync dev --docker` sets the one, CI the other
    assert read | {"GUNICORN_CMD_ARGS", "PROMETHEUS_MULTIPROC_DIR"} == set(documented)
    # What begins so is for the command, on the developer's machine.
    assert sorted(documented) == sorted(name for name in example if not name.startswith("STACKSYNC_"))


def test_a_container_gets_longer_to_stop_than_its_requests(connector: Path) -> None:
    compose = yaml.safe_load((connector / "config/compose.yaml").read_text())
    settings = (connector / "gunicorn.conf.py").read_text("utf-8")
    graceful = re.search(r'read_number\("WEB_GRACEFUL_TIMEOUT", (\d+)\)', settings)

    assert graceful is not None
    assert int(compose["services"]["production"]["stop_grace_period"].removesuffix("s")) > int(graceful[1])


def test_the_production_service_may_do_no_more_than_it_needs(connector: Path) -> None:
    service = yaml.safe_load((connector / "config/compose.yaml").read_text())["services"]["production"]

    assert service["environment"]["ENVIRONMENT"] == "prod"
    assert service["profiles"] == ["production"]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "volumes" not in service


def test_every_key_of_app_config_is_documented(connector: Path) -> None:
    written = (connector / "app_config.yaml").read_text()
    keys = set(re.findall(r"^ {2}(?:# )?(\w+):", written, re.M)) | set(re.findall(r"^# {3}(\w+):", written, re.M))
    documented = set(re.findall(r"^\| `(\w+)` \|", (connector / "documentation/production.md").read_text(), re.M))

    assert {"app_type", "port", "metrics", "max_body_mb"} <= keys
    assert keys <= documented


def test_git_leaves_secrets_and_leavings_out(connector: Path) -> None:
    lines = (connector / ".gitignore").read_text().splitlines()
    ignored = pathspec.PathSpec.from_lines("gitignore", lines).match_file

    left_out = (
        ".env",
        ".env.local",
        ".venv/bin/python",
        ".stacksync-a1b2/main.py",
        "src/__pycache__/a.pyc",
        ".coverage",
    )
    assert [name for name in left_out if not ignored(name)] == []
    assert [name for name in (".env.example", "main.py", ".copier-answers.yml") if ignored(name)] == []
