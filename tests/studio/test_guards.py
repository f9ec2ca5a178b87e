"""Studio answers only to its own page on this machine."""

import pytest

from stacksync.studio.guards import HEADER, HEADERS
from tests.studio.conftest import Studio


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:2100", "localhost.evil"])
def test_a_foreign_host_is_refused(studio: Studio, host: str) -> None:
    assert studio.get("/m/greet/v1", Host=host).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:2100", "localhost", "[::1]:2100"])
def test_this_machine_is_served(studio: Studio, host: str) -> None:
    assert studio.get("/m/greet/v1", Host=host).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {HEADER: "0"}, {HEADER: "1", "Origin": "http://evil.example"}, {HEADER: "1", "Origin": "null"}],
)
@pytest.mark.parametrize("path", ["/m/greet/v1/run", "/m/greet/v1/form", "/connections"])
def test_another_page_changes_nothing(studio: Studio, path: str, headers: dict[str, str]) -> None:
    assert studio.client.post(path, data={"/name": "Ada", "name": "x"}, headers=headers).status_code == 403
    assert studio.get("/connections").json == []


def test_its_own_origin_is_welcome(studio: Studio) -> None:
    headers = {HEADER: "1", "Origin": "http://localhost:2100", "Host": "localhost:2100"}
    assert studio.client.post("/m/greet/v1/form", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/m/greet/v1", "/m/no_such/v1", "/static/tokens.css", "/problems", "/no_such"])
def test_every_answer_has_the_headers(studio: Studio, path: str) -> None:
    with studio.get(path) as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", ["/m/../v1", "/m/greet/..%2f..%2f", "/static/../app.py", "/static/..%2fapp.py"])
def test_there_is_no_way_out(studio: Studio, path: str) -> None:
    answer = studio.get(path)
    assert answer.status_code == 404
    assert "create_studio" not in answer.text
