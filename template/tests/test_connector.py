"""The connector as a whole, its lock, and every module: a new one is covered as soon as its folder is there."""

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from src.runtime.forms import FormValidator, read_form, remarks
from src.runtime.testing import Example, ModuleClient, difference
from src.runtime.tooling import layout_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OUT_OF_DATE = (
    "requirements.lock is out of date. Run (`pip install uv` brings the command): uv pip compile --universal"
    " --generate-hashes --python-version 3.10 --no-python-downloads requirements.txt -o requirements.lock"
)


def is_from_before(folder) -> bool:
    """Say whether pyproject.toml lists a module as one that was there before `stacksync adopt`."""
    listed = SETTINGS["tool"].get("ruff", {}).get("extend-exclude", [])
    files = [file.relative_to(ROOT).as_posix() for file in folder.route_files]
    return any(fnmatchcase(file, pattern) for file in files for pattern in listed)


@pytest.fixture
def client(app):
    return app.test_client()


def test_is_healthy(client):
    assert client.get("/health").json == {"data": {"status": "healthy"}}


def test_every_module_loads(client, connector):
    reply = client.get("/ready")
    failed = set() if reply.status_code == 200 else set(reply.json["data"]["modules"])
    assert failed <= {folder.module_path for folder in connector.folders() if is_from_before(folder)}, reply.text
    if failed:
        pytest.skip(f"from before `stacksync adopt`, and still not loading: {', '.join(sorted(failed))}")


def test_says_what_it_is(client, app):
    config = layout_of(ROOT).read_config(ROOT)
    settings = client.get("/app-config").json["data"]["app_settings"]
    assert settings["app_type"] == config.app_type
    assert settings["app_name"] == config.app_name


def test_lists_its_modules(client, connector):
    listed = client.get("/modules-list").json["data"]["modules"]
    paths = [module["module_path"] for module in listed]
    assert paths == [
        each.module_path for each in connector.folders() if each.module_path in paths or not is_from_before(each)
    ]
    assert len({module["module_id"] for module in listed}) == len(listed)


# What every module keeps to; there is nothing to add here for another one. One that was there before `stacksync adopt`
# is held to it once its files are taken out of `extend-exclude` in pyproject.toml.


@pytest.fixture
def kept(version: ModuleClient):
    if is_from_before(version.folder):
        pytest.skip("pyproject.toml lists the module as one from before `stacksync adopt`")
    return version


def schema_of(version: ModuleClient):
    file = version.folder.path / "schema.json"
    if not file.is_file():
        pytest.skip("the module has no schema.json")
    return json.loads(file.read_text("utf-8"))


def test_schema_is_a_form(kept: ModuleClient):
    form = read_form(schema_of(kept))
    assert [note for note in remarks(form) if note.severity == "error"] == []


def test_content_objects_are_answered_in_the_right_shape(kept: ModuleClient):
    for name in [each.id for each in read_form(schema_of(kept)).content_objects()]:
        reply = kept.content([name])
        assert reply.json is not None
        assert reply.status_code in {200, 400, 401, 403, 502}, reply.text
        if reply.status_code != 200:
            # Without a connection a third party cannot be asked; saying so in the envelope is an answer.
            assert reply.json["error"], reply.text
            continue

        (answer,) = reply.json["data"]["content_objects"]
        assert answer["content_object_name"] == name
        assert all({"value", "label"} <= choice.keys() for choice in answer["data"]), reply.text


def test_execute_refuses_missing_required_fields(kept: ModuleClient):
    required = {error.field for error in FormValidator(schema_of(kept)).validate({}).errors}
    if not required or not kept.checks_input():
        pytest.skip("nothing is required, or the module checks its input itself")

    # Without a connection, a form that requires one is refused before its fields are looked at.
    reply = kept.execute({}, credentials={"api_credentials": "for-tests"})

    assert reply.status_code == 400, reply.text
    assert reply.json is not None
    assert {error["field"] for error in reply.json["data"]["errors"]} == required


def test_example(version: ModuleClient, example: Example):
    reply = version.send(example.endpoint, example.request)

    assert reply.status_code == example.status, reply.text
    assert difference(example.reply, reply.json) is None, reply.text


def test_the_lock_is_that_of_the_requirements() -> None:
    asked = read("requirements.txt", r"[\w.-]+\s*($|[\[<>=!~;@#\\])")
    versions: dict[str, list[str]] = {}
    # Read strictly, so that a conflict of an update that nobody resolved fails here.
    for pin in read("requirements.lock", r"[^\s#-]"):
        versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))

    for requirement in asked:
        locked = versions.get(canonicalize_name(requirement.name))
        assert locked, f"{OUT_OF_DATE}\nIt lacks {requirement.name}."
        fitting = [version for version in locked if requirement.url or requirement.specifier.contains(version, True)]
        assert locked == fitting, f"{OUT_OF_DATE}\nIt has {requirement.name} {', '.join(locked)}, not {requirement}."


def read(name: str, pattern: str) -> list[Requirement]:
    """Return the requirements in the lines that begin so; the hashes below them and pip's options do not."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(re.sub(r"\s+#.*|\s*\\$", "", line)) for line in lines if re.match(pattern, line)]
