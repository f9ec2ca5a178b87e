"""The module that the guide to dynamic forms builds: it opens without a connection, fills, cascades and runs."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from src.runtime.forms import read_form, remarks
from tests.guides.pages import is_whole
from tests.guides.reader import Reader
from tests.platform.sample import GUIDE, MODULE, SampleApi, sample_api

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="runs bash"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl"),
]


class Platform:
    """Calls the module as the platform does."""

    def __init__(self, port: int, api: SampleApi) -> None:
        self.address = f"http://127.0.0.1:{port}/{MODULE}"
        self.credentials: Any = api.credentials

    def post(self, endpoint: str, data: Any) -> tuple[int, Any]:
        """Return the status and body of an answer."""
        body = json.dumps({"data": data, "credentials": self.credentials}).encode()
        request = Request(f"{self.address}/{endpoint}", body, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def schema(self, **form_data: Any) -> Any:
        """Return the form, which keeps all rules of forms."""
        status, answer = self.post("schema", {"form_data": form_data})
        assert status == 200, answer
        form = answer["data"]["schema"]
        assert remarks(read_form(form)) == ()
        return form

    def choices(self, name: str, **form_data: Any) -> list[str]:
        """Return the values of a content object."""
        status, answer = self.post("content", {"form_data": form_data, "content_object_names": [{"id": name}]})
        assert status == 200, answer
        (found,) = answer["data"]["content_objects"]
        assert found["id"] == found["content_object_name"] == name
        return [choice["value"] for choice in found["data"]]


@pytest.fixture(scope="module")
def builder(shared_reader: Reader) -> Reader:
    """Return a reader who has built the module by the guide's own steps, all of which can be followed."""
    page = (shared_reader.folder / f"documentation/{GUIDE}.md").read_text("utf-8")
    assert is_whole(page)
    shared_reader.follow(page)
    return shared_reader


@pytest.fixture
def platform(builder: Reader) -> Iterator[Platform]:
    """Serve the module and its API."""
    try:
        builder.start()
        with sample_api(builder.folder / "src/modules" / MODULE) as api:
            yield Platform(builder.port, api)
    finally:
        builder.stop()


def ids(form: Any) -> list[str]:
    return [field["id"] for field in form["fields"]]


def test_the_module_of_the_guide(platform: Platform) -> None:
    connected, platform.credentials = platform.credentials, {}

    # It opens without a connection, and its lists are empty.
    base = platform.schema()
    assert base["connections"]["required"] is True
    assert ids(base) == base["ui_options"]["ui_order"] == ["workspace", "select_object"]
    assert platform.choices("workspaces") == platform.choices("objects") == []
    assert platform.post("execute", {"workspace": "sales", "select_object": "customer", "customers": [{}]})[0] == 401

    # A connection fills the first list; each choice fills what depends on it.
    platform.credentials = connected
    assert platform.schema() == base
    assert platform.choices("workspaces") == ["sales", "support"]
    assert platform.choices("objects") == []
    assert platform.choices("objects", workspace="sales") == ["customer", "order"]
    assert platform.choices("objects", workspace="support") == ["customer"]
    assert base["fields"][0]["on_action"] == {"load_content": True}
    assert base["fields"][0]["reload_content_objects"] == [{"id": "objects"}]

    # An object brings its fields, and another one brings others.
    customers = platform.schema(workspace="sales", select_object="customer")
    orders = platform.schema(workspace="sales", select_object="order")
    assert ids(customers) == ["workspace", "select_object", "customers"]
    assert ids(orders) == ["workspace", "select_object", "orders"]
    rows = customers["fields"][-1]
    assert rows["default"] == [{}]
    assert rows["items"]["ui_options"]["ui_order"] == ["email", "tier", "newsletter"]
    email, tier, newsletter = rows["items"]["fields"]
    assert email["validation"]["required"] is True
    assert tier["validation"]["pattern"] == ".*"
    assert (newsletter["type"], newsletter["disable_replacement"]) == ("boolean", True)

    # It runs on what templates leave behind; what the API refuses does not stop the others.
    step = {"workspace": "sales", "select_object": "customer"}
    sent = [{"email": "a@example.com", "tier": "of a template", "newsletter": "true"}, {"email": "nobody"}]
    status, answer = platform.post("execute", {**step, "customers": json.dumps(sent)})
    assert status == 200, answer
    assert (answer["data"]["successful"], answer["data"]["failed"]) == (1, 1)
    assert [result["status"] for result in answer["data"]["results"]] == ["created", "failed"]

    # What the handler's form requires is required.
    status, answer = platform.post("execute", {**step, "customers": [{"tier": "free"}]})
    assert status == 400
    assert ["email" in error["field"] for error in answer["data"]["errors"]] == [True]


def test_check_finds_nothing_in_it(builder: Reader) -> None:
    findings = json.loads(builder.shell("stacksync check --json"))["findings"]
    assert [finding for finding in findings if MODULE in finding["file"]] == []


def test_it_stands_alone(tmp_path: Path) -> None:
    from tests.platform.sample import write_sample

    module = write_sample(tmp_path)

    assert sorted(path.relative_to(module).as_posix() for path in module.rglob("*") if path.is_file()) == [
        "examples/customers.json",
        "module_config.yaml",
        "route.py",
        "tests/stand_in.py",
        "tests/test_module.py",
    ]
