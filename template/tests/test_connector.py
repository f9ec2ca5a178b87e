"""What the platform asks of a connector as a whole."""

import pytest

from src.runtime.tooling import read_config


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
