"""What Studio shows of a connector that nobody has started: the first screen, the list of modules, the icon."""

import json
import os
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from stacksync.connector import Connector
from stacksync.dev.session import DevSession
from stacksync.studio.app import create_studio
from stacksync.studio.module_list import by_category
from tests.studio.browsing import page

ERROR = {"file": "src/modules/get/v1/route.py", "line": 3, "message": "SyntaxError: invalid syntax", "module": "get/v1"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    settings = {"app_type": "crm", "app_name": "<Crm>", "modules_directory": "src/modules"}
    (tmp_path / "app_config.yaml").write_text(json.dumps({"app_settings": settings}))
    add(tmp_path, "get/v1", "Get a contact", "contacts")
    return tmp_path


def add(root: Path, path: str, label: str, category: str) -> None:
    folder = root / "src/modules" / path
    folder.mkdir(parents=True)
    (folder / "route.py").write_text("")
    settings = {"module_name": label, "module_category": category}
    (folder / "module_config.yaml").write_text(json.dumps({"module_settings": settings}))


def session_of(root: Path) -> DevSession:
    return DevSession(Connector(root), "http://127.0.0.1:2003")


def client_of(root: Path) -> FlaskClient:
    return create_studio(session_of(root)).test_client()


def test_modules_stand_under_their_category_with_all_their_versions(root: Path) -> None:
    add(root, "get/v2", "Get a contact (v2)", "contacts")
    add(root, "add/v1", "Add a contact", "contacts")
    add(root, "close/v10", "Close a deal", "Deals")

    found = by_category(Connector(root))

    shown = {
        category: [(each.label, [version.version for version in each.versions]) for each in modules]
        for category, modules in found.items()
    }
    assert shown == {
        "contacts": [("Add a contact", ["v1"]), ("Get a contact", ["v1", "v2"])],
        "Deals": [("Close a deal", ["v10"])],
    }
    assert found["contacts"][1].words == "get a contact get contacts v1 v2"


def test_each_version_is_a_link_that_names_its_module(root: Path) -> None:
    add(root, "get/v2", "Get a contact (v2)", "contacts")
    links = page(client_of(root).get("/modules").text).find("a")
    assert [" ".join(each.text.split()) for each in links] == ["Get a contact get v1", "Get a contact get v2"]
    assert [each["href"] for each in links] == ["/m/get/v1", "/m/get/v2"]


def test_a_module_at_fault_is_marked_and_comes_first(root: Path) -> None:
    form = {"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": [{"id": "who", "type": "connection"}]}
    add(root, "add/v1", "Add a contact", "contacts")
    (root / "src/modules/get/v1/schema.json").write_text(json.dumps(form))
    session = session_of(root)
    session.publish_state("failed", errors=[{**ERROR, "kept": True}])

    first = page(create_studio(session).test_client().get("/").text)

    (steps,) = first.find("ul", id="overview-steps")
    titles = [" ".join(each.text.split()) for each in steps.find("a")]
    assert titles == [
        "Mend get/v1 src/modules/get/v1/route.py:3: SyntaxError: invalid syntax",
        "Save a connection It stays on this machine. Without an account: stacksync dev --stand-in.",
        "Run a module Fill in a form and press Run, say Add a contact.",
    ]
    assert [each["href"] for each in steps.find("a")] == ["/m/get/v1", "/m/get/v1", "/m/add/v1"]
    (mark,) = first.find("nav")[0].find("span", data_kind="bad")
    assert mark.text == "fault, old version serves"


def test_of_several_versions_the_one_at_fault_is_named(root: Path) -> None:
    add(root, "get/v2", "Get a contact (v2)", "contacts")
    session = session_of(root)
    session.publish_state("ready", errors=[{**ERROR, "kept": False}])

    listed = page(create_studio(session).test_client().get("/modules").text)

    assert [each["href"] for each in listed.find("a") if "data-fault" in each.attributes] == ["/m/get/v1"]
    assert [each.text for each in listed.find("span", data_kind="bad")] == ["v1: fault"]


def test_a_connector_without_modules_says_how_to_make_one(root: Path) -> None:
    shutil.rmtree(root / "src/modules/get")
    first = client_of(root).get("/")
    assert "No module yet" in first.text
    assert "stacksync add-module get_contacts" in first.text


def test_the_icon_is_the_first_letter_of_the_name(root: Path) -> None:
    icon = client_of(root).get("/icon")
    assert icon.mimetype == "image/svg+xml"
    assert page(icon.text).find("text")[0].text == "C"


@pytest.mark.parametrize("name, kind", [("icon.svg", "image/svg+xml"), ("icon.png", "image/png")])
def test_an_icon_of_the_connector_is_an_image_that_can_do_nothing(root: Path, name: str, kind: str) -> None:
    (root / name).write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")

    icon = client_of(root).get("/icon")

    assert (icon.data, icon.mimetype) == ((root / name).read_bytes(), kind)
    assert icon.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert icon.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>alert" not in client_of(root).get("/").text


def test_an_icon_that_is_no_plain_file_of_the_connector_is_not_shown(root: Path, tmp_path_factory) -> None:
    secret = tmp_path_factory.mktemp("outside") / "secret.svg"
    secret.write_text("<svg>secret</svg>")
    (root / "icon.svg").symlink_to(secret)
    os.mkfifo(root / "icon.png")
    assert page(client_of(root).get("/icon").text).find("text")[0].text == "C"

    (root / "icon.svg").unlink()
    (root / "icon.svg").write_bytes(b" " * (256 * 1024 + 1))
    assert page(client_of(root).get("/icon").text).find("text")[0].text == "C"
