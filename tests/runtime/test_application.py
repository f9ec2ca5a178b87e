"""What the runtime leaves out of Flask, and what brings it back."""

from typing import Any

import pytest
from flask import Flask, session, url_for
from werkzeug.routing import Rule

from src.runtime import flask_parts
from tests.runtime.conftest import Build


@pytest.fixture
def app(build: Build) -> Flask:
    app: Flask = build({}).application

    @app.get("/visits")
    def visits() -> dict[str, int]:
        session["visits"] = session.get("visits", 0) + 1
        return {"visits": session["visits"]}

    @app.get("/is-new")
    def is_new() -> dict[str, bool]:
        return {"empty": not session, "is_none": session.get("visits") is None}

    @app.get("/address/")
    def address() -> str:
        return url_for("address", _external=True, name="a b")

    return app


def test_without_a_key_a_session_is_empty_and_takes_nothing(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/visits").status_code == 500
    assert client.get("/is-new").get_json() == {"empty": True, "is_none": True}


def test_with_a_key_flask_keeps_sessions(app: Flask) -> None:
    app.secret_key = "made up"
    client = app.test_client()

    assert [client.get("/visits").get_json()["visits"] for _ in range(3)] == [1, 2, 3]
    assert app.test_client().get("/visits").get_json() == {"visits": 1}


def test_addresses_are_built_on_the_host_that_was_asked(app: Flask) -> None:
    client = app.test_client()
    expected = "https://connector.test:8443/address/?name=a+b"

    assert client.get("/address/", base_url="https://connector.test:8443").text == expected


def test_addresses_are_built_below_a_forwarders_path(app: Flask) -> None:
    answer = app.test_client().get("/address/", environ_overrides={"SCRIPT_NAME": "/inner"})

    assert answer.text == "http://localhost/inner/address/?name=a+b"


def test_a_missing_slash_is_redirected_with_the_query(app: Flask) -> None:
    answer = app.test_client().get("/address?x=%C3%A9&y=1")

    assert (answer.status_code, answer.headers["Location"]) == (308, "http://localhost/address/?x=%C3%A9&y=1")


@pytest.mark.parametrize("path", ["/caf\u00c3\u00a9/x", "//a//x", "/a%2Fb/x", "/\u00ff/x", "/none"])
def test_paths_are_read_as_flask_reads_them(app: Flask, path: str) -> None:
    plain = Flask("plain")
    plain.url_map.merge_slashes = False
    for each in (app, plain):
        each.add_url_rule("/<path:where>/x", "where", lambda where: {"where": where})

    ours, flasks = (each.test_client().get("/", environ_overrides={"PATH_INFO": path}) for each in (app, plain))

    assert ours.status_code == flasks.status_code
    assert (ours.get_json()["where"] if ours.is_json and ours.status_code == 200 else None) == (
        flasks.get_json()["where"] if flasks.is_json else None
    )


def test_trusted_hosts_are_asked_where_they_are_set(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["connector.test"]
    client = app.test_client()

    assert client.get("/health", base_url="http://connector.test").status_code == 200
    assert client.get("/health", base_url="http://other.test").status_code == 400


@pytest.mark.parametrize("values", [{"rule": "a"}, {"rule": "a b", "self": "x"}, {"rule": "a", "more": "1", "page": 3}])
def test_addresses_with_values_are_those_of_flask(app: Flask, values: dict[str, Any]) -> None:
    plain = Flask("plain")
    for each in (app, plain):
        each.add_url_rule("/files/<rule>", "files", str)
        each.add_url_rule("/files/<rule>/<int:page>", "files", str)

    built = []
    for each in (app, plain):
        with each.test_request_context():
            built += [url_for("files", **values), url_for("files", **values)]

    assert len(set(built)) == 1


def test_an_application_keeps_rules_of_its_own() -> None:
    class OwnRule(Rule):
        pass

    class OwnFlask(Flask):
        url_rule_class = OwnRule

    flask_parts.install(app := OwnFlask("own"))

    assert app.url_rule_class is OwnRule
