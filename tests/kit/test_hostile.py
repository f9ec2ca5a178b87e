"""Projects of the present kit that are odd, wrong or hostile: what they get is an answer or one message."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import Connector
from stacksync.runtime import ConfigError, layout_of
from stacksync_cdk import Credentials, create_app
from tests.kit.wire import forget

APP = "app_settings:\n  app_type: shop\n"
ONE = "def execute(request):\n    return 1\n"
EXECUTE = "modules/m/v1/execute.py"

Serve = Callable[[Mapping[str, str]], Any]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return what makes a project of files and returns a client of it."""
    path, finders, handlers = list(sys.path), list(sys.meta_path), list(logging.getLogger().handlers)

    def serve(files: Mapping[str, str]) -> Any:
        forget()
        return create_app(write(tmp_path / "shop", files)).test_client()

    yield serve
    sys.path[:], sys.meta_path[:], logging.getLogger().handlers[:] = path, finders, handlers
    forget()


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in {"stacksync.yml": APP, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    "text, message",
    [
        ("- 1\n", "1: must hold sections such as `app_settings`, not a list."),
        ("app_settings: [1]\n", "1: app_settings must hold `key: value` lines."),
        ("app_settings:\n  port: never\n", "2: app_settings.port must be a number from 1 to 65535."),
        ("app_settings: {\n", "2: not valid YAML: did not find expected node content. Correct it and start again."),
        (
            "\0",
            "1: not readable as YAML: unacceptable character #x0000: control characters are not allowed. Correct it",
        ),
    ],
)
def test_settings_that_cannot_be_read_end_the_start_with_one_message(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    with pytest.raises(SystemExit):
        serve({"stacksync.yml": text, EXECUTE: ONE})

    assert capsys.readouterr().err.startswith(f"{tmp_path / 'shop' / 'stacksync.yml'}:{message}")
    with pytest.raises(ConfigError):
        layout_of(tmp_path / "shop").read_config(tmp_path / "shop")


@pytest.mark.parametrize("files", [{}, {"modules": "a file\n"}, {"modules/readme.md": "Nothing.\n"}])
def test_a_project_without_modules_starts(serve: Serve, tmp_path: Path, files: Mapping[str, str]) -> None:
    assert serve(files).get("/app-config").json["data"]["modules"] == []
    assert Connector(tmp_path / "shop").versions == ()


WAYS = """
import sys

from stacksync_cdk import ManagedError, Response


def execute(request):
    how = request.data["how"]
    if how == "lazy":
        import helper

        return helper.NAME
    if how == "exit":
        sys.exit(3)
    if how == "object":
        raise ManagedError("no", data={"a": object()})
    if how == "status":
        raise ManagedError("no", status_code="many")
    if how == "response":
        return Response.success({"a": 1})
    if how == "circle":
        circle = []
        circle.append(circle)
        return circle
"""


@pytest.mark.parametrize(
    "how, status, body",
    [
        ("lazy", 200, {"data": "beside"}),
        ("exit", 500, None),
        ("object", 500, None),
        ("status", 500, {"error": "no"}),
        ("response", 500, None),
        ("circle", 500, None),
    ],
)
def test_whatever_a_handler_does_is_answered(serve: Serve, how: str, status: int, body: Any) -> None:
    client = serve({EXECUTE: WAYS, "modules/m/v1/helper.py": 'NAME = "beside"\n', "helper.py": 'NAME = "above"\n'})

    answered = client.post("/m/v1/execute", json={"data": {"how": how}})

    assert answered.status_code == status
    assert answered.json == body if body else answered.json["error"] == "Internal server error"


@pytest.mark.parametrize("name", ["a.b", "a%b", "créer", "a b", "with-dashes", "A"])
def test_names_of_folders_are_in_the_url_as_they_are_written(serve: Serve, name: str) -> None:
    client = serve({f"modules/{name}/v1/execute.py": ONE})

    path = f"/{name.replace('%', '%25')}/v1/execute"
    assert client.post(path).json == {"data": 1}
    assert client.get("/app-config").json["data"]["modules"][0]["module_path"] == f"{name}/v1"


def test_handler_files_import_each_other(serve: Serve) -> None:
    client = serve(
        {
            EXECUTE: "from content import NAME\nfrom modules.other.v1.schema import FORM\n\n\n"
            "def execute(request):\n    return [NAME, FORM]\n",
            "modules/m/v1/content.py": "NAME = 'm'\n\n\ndef content(request):\n    return {}\n",
            "modules/other/v1/schema.py": "FORM = {'fields': []}\n\n\ndef schema(request):\n    return FORM\n",
        }
    )

    assert client.post("/m/v1/execute").json == {"data": ["m", {"fields": []}]}
    assert client.post("/m/v1/content").json == {"data": {}}
    assert client.post("/other/v1/schema").json == {"data": {"schema": {"fields": []}}}


def test_files_that_end_the_process_do_not(serve: Serve) -> None:
    client = serve(
        {
            EXECUTE: ONE,
            "modules/m/v1/config.py": "raise SystemExit(1)\n",
            "modules/ends/v1/execute.py": "raise SystemExit(1)\n",
        }
    )

    assert client.post("/m/v1/execute").json == {"data": 1}
    assert client.post("/ends/v1/execute").status_code == 503
    assert client.get("/ready").json["data"]["route_files"] == {"ends/v1": ["modules/ends/v1/execute.py"]}


def test_a_project_behind_a_link_is_served(serve: Serve, tmp_path: Path) -> None:
    write(tmp_path / "real", {EXECUTE: ONE})
    (tmp_path / "shop").symlink_to(tmp_path / "real")

    assert serve({}).post("/m/v1/execute").json == {"data": 1}


def test_credentials_never_show_what_they_hold() -> None:
    credentials = Credentials({"connection_data": {"value": {"api_key": "s3cret"}}})

    assert repr(credentials) == "<Credentials with api_key>"
    assert "s3cret" not in f"{credentials} {credentials!r}"
