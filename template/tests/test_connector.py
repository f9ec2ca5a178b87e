"""What the platform asks of a connector as a whole, and whether its lock is up to date."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from src.runtime.config import read_config

ROOT = Path(__file__).parents[1]
OUT_OF_DATE = (
    "requirements.lock is out of date. Run (`pip install uv` brings the command): uv pip compile --universal"
    " --generate-hashes --python-version 3.10 --no-python-downloads requirements.txt -o requirements.lock"
)


@pytest.fixture
def client(app):
    return app.test_client()


def test_is_healthy(client):
    assert client.get("/health").json == {"data": {"status": "healthy"}}


def test_every_module_loads(client):
    reply = client.get("/ready")
    assert reply.status_code == 200, reply.text


def test_says_what_it_is(client, app):
    config = read_config(app.extensions["stacksync"].config.root)
    settings = client.get("/app-config").json["data"]["app_settings"]
    assert settings["app_type"] == config.app_type
    assert settings["app_name"] == config.app_name


def test_lists_its_modules(client, connector):
    listed = client.get("/modules-list").json["data"]["modules"]
    assert [module["module_path"] for module in listed] == [folder.module_path for folder in connector.folders()]
    assert len({module["module_id"] for module in listed}) == len(listed)


def test_start_page_names_the_connector(client, app):
    reply = client.get("/")
    assert reply.mimetype == "text/html"
    assert app.extensions["stacksync"].config.app_type in reply.text


def test_unknown_paths_are_answered_in_the_envelope(client):
    reply = client.get("/nowhere")
    assert reply.status_code == 404
    assert reply.json["data"] == {"code": 404, "name": "Not Found"}
    assert reply.json["metadata"]["error_id"]


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
