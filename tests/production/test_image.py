"""The image, built and run as its Dockerfile says: no Docker engine, but the real commands."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.conftest import ROOT
from tests.polling import poll
from tests.ports import free_port
from tests.production.building import Builder, BuildError
from tests.production.image import Image, can_replay, make_python_image
from tests.test_render_matrix import found

BASE = re.findall(r"^ARG BASE_IMAGE=(python:(\S+)-slim)", (ROOT / "template/Dockerfile").read_text("utf-8"), re.M)[0]
LOCK = ROOT / "template/requirements.lock"
PATIENCE = 60.0
# Nothing of these may reach the image; the connector itself brings tests, guides, examples and an answers file.
PLANTED = (".env", ".env.local", ".git/config", ".venv/bin/python", ".aws/credentials", "src/modules/.env", "main.pyc")

pytestmark = pytest.mark.skipif(
    not can_replay() or not found(f"python{BASE[1]}"),
    reason=f"needs Linux, root, mount namespaces and Python {BASE[1]}",
)


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    """Make what FROM names, and fetch the packages of the lock: here and nowhere else is an index asked."""
    interpreter = found(f"python{BASE[1]}")
    assert interpreter
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in ("store", "wheels"):
            (place / name).mkdir()
        shutil.copy(LOCK, place)
        fetch = [
            "pip",
            "download",
            "--quiet",
            "--require-hashes",
            "--dest",
            "wheels",
            "--requirement",
            "requirements.lock",
        ]
        subprocess.run([interpreter, "-m", *fetch], cwd=place, capture_output=True, check=True)
        make_wheel(place / "wheels", "acmeclient", "1.6")
        yield Builder({BASE[0]: make_python_image(place / "python", interpreter)}, place / "store", place / "wheels")


@pytest.fixture(scope="module")
def made(made_connector: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a connector as it may lie about: with secrets and leavings, and for its owner's eyes only."""
    folder = tmp_path_factory.mktemp("made") / "crm"
    shutil.copytree(made_connector, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for name in PLANTED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("secret")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


@pytest.fixture(scope="module")
def image(builder: Builder, made: Path) -> Image:
    """Return the image of this connector."""
    return builder.build(made)


@pytest.fixture
def source(made: Path, image: Image, tmp_path: Path) -> Path:
    """Return a copy of the connector, to change; what did not change is not built again."""
    return shutil.copytree(made, tmp_path / "crm", symlinks=True)


@dataclass(frozen=True)
class Served:
    """A container, and where it listens."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def post(self, path: str, body: object) -> object:
        data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        address = f"http://127.0.0.1:{self.port}{path}"
        with urlopen(Request(address, data, headers), timeout=PATIENCE) as answer:
            return json.load(answer)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


@contextmanager
def container(image: Image, *arguments: str) -> Iterator[Served]:
    """Run an image until its HEALTHCHECK is content, its file system read-only; it must end well when this is left."""
    port, log = free_port(), image.root.with_name("log")
    image = replace(image, environment={**image.environment, "PORT": str(port)})
    command = image.inside(*image.entrypoint, *(arguments or image.command))
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        poll(lambda: process.poll() is not None or not image.run(*image.healthcheck).returncode, "its HEALTHCHECK")
        assert process.poll() is None, log.read_text("utf-8")
        yield Served(process, port, log)
    finally:
        status = end(process)
    assert status == 0, log.read_text("utf-8")


def end(process: "subprocess.Popen[bytes]") -> int:
    process.terminate()
    try:
        return process.wait(PATIENCE)
    finally:
        process.kill()


def make_wheel(folder: Path, name: str, version: str) -> None:
    """Make a package without anything in it."""
    info = f"{name}-{version}.dist-info"
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "".join(f"{info}/{each},,\n" for each in ("METADATA", "WHEEL", "RECORD")),
    }
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(f"{info}/{file}", text)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert re.search(old, text, re.M), f"{file.name} has no {old}"
    file.write_text(re.sub(old, new, text, flags=re.M), "utf-8")


# --- what is built -------------------------------------------------------------------------------


def test_it_serves_as_another_user_with_nothing_to_write_to(image: Image, made: Path) -> None:
    example = json.loads((made / "src/modules/new_empty_action/v1/examples/greet.json").read_text("utf-8"))

    with container(image) as served:
        status = Path(f"/proc/{served.process.pid}/status").read_text()
        environment = Path(f"/proc/{served.process.pid}/environ").read_text().split("\0")
        answer = served.post("/new_empty_action/v1/execute", example["request"])

    assert answer == example["reply"]
    assert re.findall(r"^(?:Uid|Gid|Groups|CapEff):[ \t]*(.*?) *$", status, re.M) == [
        "\t".join(["10001"] * 4), "\t".join(["10001"] * 4), "", "0" * 16,
    ]  # fmt: skip
    # The shell adds the first two.
    assert {each.partition("=")[0] for each in environment} - {"PWD", "OLDPWD", ""} == {"HOME", *image.environment}
    assert {line["level"] for line in served.lines()} == {"INFO"}


def test_it_holds_what_runs_and_nothing_else(image: Image) -> None:
    files = [path.relative_to(image.root).as_posix() for path in image.root.rglob("*") if not path.is_dir()]

    app = [name[4:] for name in files if name.startswith("app/") and not name.endswith(".pyc")]
    assert sorted(name for name in app if not name.startswith(("src/runtime/", "src/modules/"))) == [
        "app_config.yaml",
        "config/gunicorn_worker.py",
        "gunicorn.conf.py",
        "main.py",
        "requirements.lock",
        "requirements.txt",
        "src/api_client.py",
    ]
    modules = {Path(name).name for name in app if name.startswith("src/modules/") and not name.endswith(".py")}
    assert modules == {"module_config.yaml", "schema.json"}
    assert [name for name in app if re.search(r"(^|/)(tests|examples|\.[^/]+)(/|$)", name)] == []
    assert [name for name in files if re.search(r"(^|/)(bin/pip|site-packages/(pip|setuptools|wheel)\b)", name)] == []
    assert any(name.startswith("app/src/runtime/__pycache__/") for name in files)
    assert any(re.search("^opt/venv/.*/gunicorn/__pycache__/", name) for name in files)


def test_its_user_owns_and_changes_nothing(image: Image) -> None:
    found = image.run("find", "/app", "/opt", "/etc", "/usr/local", "!", "-type", "l", "-writable", writable=True)

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_it_tells_the_commit_and_takes_the_rest_from_before(builder: Builder, source: Path, image: Image) -> None:
    other = builder.build(source, REVISION="0123abc")

    assert builder.ran == []
    assert other.labels == {"org.opencontainers.image.revision": "0123abc"}
    assert image.environment == {**other.environment, "SENTRY_RELEASE": ""}
    assert (other.user, other.exposed, other.environment["ENVIRONMENT"]) == ("10001", ("2003",), "prod")
    assert image.environment["PORT"] == "2003"


def test_a_change_of_code_installs_nothing_again(builder: Builder, source: Path, image: Image) -> None:
    edit(source / "main.py", r"\Z", "# changed\n")

    changed = builder.build(source)

    assert [command for command in builder.ran if "install" in command] == []
    assert len(builder.ran) == 1
    assert changed.path("/app/main.py").read_text("utf-8").endswith("# changed\n")


def test_the_development_image_runs_what_is_mounted(builder: Builder, source: Path) -> None:
    image = builder.build(source, "dev")
    ready = "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/ready')"
    shutil.rmtree(image.path("/app"))
    shutil.copytree(source, image.path("/app"), ignore=shutil.ignore_patterns(".*"))
    for path in image.path("/app").rglob("*"):
        os.chown(path, 1000, 1000)

    with container(replace(image, healthcheck=("python", "-c", ready)), "--reload") as served:
        answer = served.post("/new_empty_action/v1/content", {"content_object_names": ["languages"]})

    assert answer


# --- the lock --------------------------------------------------------------------------------------


def test_an_added_package_is_missed_in_the_lock_until_it_is_renewed(builder: Builder, source: Path) -> None:
    (renewal,) = re.findall(
        r"^stacksync run -- (uv pip compile .*)$", (source / "documentation/production.md").read_text("utf-8"), re.M
    )
    edit(source / "requirements.txt", r"\Z", "acmeclient>=1.6,<2\n")

    told = own_test(source)
    assert renewal in told
    assert "It lacks acmeclient." in told
    assert "requirements.lock has no acmeclient" in found_by_check(source)

    index = {"UV_OFFLINE": "1", "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(builder.wheels)}
    subprocess.run(renewal.split(), cwd=source, env={**os.environ, **index}, capture_output=True, check=True)

    assert (own_test(source), found_by_check(source)) == ("", "")
    assert "acmeclient" in would_install(builder, source / "requirements.lock")


def test_a_lock_in_conflict_is_found(source: Path) -> None:
    edit(source / "requirements.lock", "^(flask==.*\n)", r"<<<<<<< before\n\1=======\n>>>>>>> after\n")

    assert "<<<<<<< before" in own_test(source)


def test_a_lock_names_no_place_and_no_version_without_a_hash() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.read_text("utf-8").strip())[2:]

    assert {re.split("[=<>~!]", entry)[0] for entry in entries} >= {"flask", "gunicorn", "requests"}
    assert [
        entry for entry in entries if not re.match(r"[\w-]+==\S+ .*\\\n    --hash=sha256:[0-9a-f]{64}", entry)
    ] == []
    assert [entry for entry in entries if re.search("://|^-", entry)] == []


def would_install(builder: Builder, lock: Path) -> set[str]:
    """Return what pip would install from a lock in the base of the image, hashes compared."""
    base = builder.bases[BASE[0]]
    shutil.copy(lock, base.path("/tmp/requirements.lock"))
    install = ("pip", "install", "--dry-run", "--report=/tmp/report", "--no-index", "--find-links=/wheels")
    lock_file = ("--require-hashes", "--requirement=/tmp/requirements.lock")
    done = base.run(*install, *lock_file, writable=True, wheels=builder.wheels)
    assert done.returncode == 0, done.stderr
    report = json.loads(base.path("/tmp/report").read_text("utf-8"))
    return {each["metadata"]["name"].lower() for each in report["install"]}


def own_test(connector: Path) -> str:
    """Return what the connector's own test says, if it fails."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/test_connector.py", "-k", "lock"]
    done = subprocess.run(command, cwd=connector, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def found_by_check(connector: Path) -> str:
    """Return what `stacksync check` finds."""
    command = [sys.executable, "-m", "stacksync", "check", "--select", "REP005", "--quiet"]
    return subprocess.run(command, cwd=connector, capture_output=True, text=True, check=False).stdout


# --- what is refused, and what does not start: the interpreter can fail ----------------------------


def dockerfile(old: str, new: str) -> Callable[[Path], None]:
    return lambda source: edit(source / "Dockerfile", old, new)


def ignore(line: str) -> Callable[[Path], None]:
    return lambda source: edit(source / ".dockerignore", r"\Z", f"{line}\n")


def lock(old: str, new: str) -> Callable[[Path], None]:
    return lambda source: edit(source / "requirements.lock", old, new)


def code(line: str) -> Callable[[Path], None]:
    return lambda source: edit(source / "src/api_client.py", r"\Z", f"{line}\n")


REFUSED = {
    "a file that is not there": (dockerfile("COPY requirements.lock", "COPY pins"), "can be copied: pins"),
    "a file that is ignored": (ignore("requirements.*"), "can be copied: requirements.lock"),
    "a stage that is not there": (dockerfile("--from=build", "--from=builder"), "KeyError: 'builder'"),
    "a folder of another stage": (dockerfile("/opt/venv /opt/venv", "/opt/env /opt/venv"), "can be copied: /opt/env"),
    "a base that is not there": (dockerfile(r"^ARG BASE_IMAGE=.*$", "ARG BASE_IMAGE=alpine"), "KeyError: 'alpine'"),
    "a command that is not there": (dockerfile("useradd", "adduser-x"), "exit code 127"),
    "a user that is not there": (dockerfile("USER 10001", "USER conector"), "the image has no user conector"),
    "a package that is not locked": (lock(r"^urllib3==(.*\n )+.*\n", ""), "urllib3"),
    "a file with another hash": (lock(r"(^flask==.*\n.*sha256:).{64}(.*\n).*\n", rf"\g<1>{'0' * 64}\n"), "HASHES"),
    "code that does not compile": (code("def"), "SyntaxError"),
    "an unknown instruction": (dockerfile("COPY . .", "ADD . ."), "KeyError: 'ADD'"),
    "an unknown option": (dockerfile("COPY . .", "COPY --chmod=755 . ."), "an option (chmod)"),
    "an unset variable": (dockerfile(r"\$REVISION", "$REVISOIN"), "KeyError: 'REVISOIN'"),
}  # fmt: skip


@pytest.mark.parametrize("change, problem", REFUSED.values(), ids=REFUSED)
def test_a_build_is_refused(builder: Builder, source: Path, change: Callable[[Path], None], problem: str) -> None:
    change(source)

    with pytest.raises(BuildError, match=re.escape(problem)):
        builder.build(source)


FAILING = {
    "the application is ignored": (ignore("main.py"), "No module named 'main'"),
    "the worker is ignored": (ignore("config/gunicorn_worker.py"), "gunicorn_worker"),
    "the application is misspelt": (dockerfile(r'"main:app"\]', '"main:application"]'), "application"),
    "the server is not there": (dockerfile(r'\["gunicorn", ', '["gunicorn-x", '), "gunicorn-x"),
    "nobody else may read it": (dockerfile(r"chmod -R a\+rX \. && ", ""), "Permission denied"),
}


@pytest.mark.parametrize("change, problem", FAILING.values(), ids=FAILING)
def test_an_image_does_not_start(builder: Builder, source: Path, change: Callable[[Path], None], problem: str) -> None:
    change(source)
    image = builder.build(source)

    with pytest.raises(AssertionError, match=re.escape(problem)), container(image):
        pass
