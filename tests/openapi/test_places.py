"""Where documents may be read from: the description's own folder or host, and what else was allowed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.description import Description, read_description
from stacksync.openapi.mapping import Mapper
from stacksync.openapi.places import PlaceError


def description(reference: str) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": {"$ref": reference}}}}
    return {"openapi": "3.1.0", "info": {"title": "T"}, "paths": {"/things": {"post": {"requestBody": body}}}}


SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}


def fields_of(read: Description) -> list[str]:
    (mapped,) = Mapper(read).all()
    return [each["id"] for each in mapped.form["fields"]]


def test_references_lead_to_files_beside_the_description(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/thing.yaml").write_text("thing: {$ref: '../other.json#/deep/0'}")
    (tmp_path / "other.json").write_text(json.dumps({"deep": [SCHEMA]}))
    (tmp_path / "api.json").write_text(json.dumps(description("parts/thing.yaml#/thing")))

    read = read_description(str(tmp_path / "api.json"))

    assert fields_of(read) == ["name", "more_fields"]
    assert read.dangling == []


@pytest.mark.parametrize(
    "reference",
    ["../secret.json", "/etc/hostname", "file:///etc/hostname", "linked.json", "%2e%2e/secret.json"],
)
def test_references_do_not_leave_the_folder(tmp_path: Path, reference: str) -> None:
    (tmp_path / "secret.json").write_text(json.dumps(SCHEMA))
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "linked.json").symlink_to(tmp_path / "secret.json")
    (folder / "api.json").write_text(json.dumps(description(reference)))

    read = read_description(str(folder / "api.json"))

    assert fields_of(read) == ["body"]
    (told,) = read.dangling
    assert "is not in the folder of the description, and is not read." in told


def test_a_folder_can_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "shared.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "api").mkdir()
    (tmp_path / "api/api.json").write_text(json.dumps(description("../shared.json")))

    read = read_description(str(tmp_path / "api/api.json"), [str(tmp_path)])

    assert fields_of(read) == ["name", "more_fields"]


@pytest.mark.parametrize("reference", ["#/nowhere", "missing.json", "#/paths/~1things/9", "urn:x", "http://[", "#a#b"])
def test_a_reference_that_leads_nowhere_is_named_and_survived(tmp_path: Path, reference: str) -> None:
    (tmp_path / "api.json").write_text(json.dumps(description(reference)))

    read = read_description(str(tmp_path / "api.json"))

    assert fields_of(read) == ["body"]
    assert len(read.dangling) == 1


def test_references_in_a_circle_are_survived(tmp_path: Path) -> None:
    whole = {
        **description("#/components/a"),
        "components": {"a": {"$ref": "#/components/b"}, "b": {"$ref": "#/components/a"}},
    }
    (tmp_path / "api.json").write_text(json.dumps(whole))

    assert fields_of(read_description(str(tmp_path / "api.json"))) == ["body"]


class Host:
    """Serves documents, and redirects."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                answer = outer.documents.get(self.path.partition("?")[0])
                is_redirect = isinstance(answer, str)
                content = b"" if answer is None or is_redirect else json.dumps(answer).encode()
                self.send_response(404 if answer is None else 302 if is_redirect else 200)
                if is_redirect:
                    self.send_header("Location", str(answer))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    both = Host(), Host()
    threads = [threading.Thread(target=each.server.serve_forever, args=(0.01,)) for each in both]
    for thread in threads:
        thread.start()
    yield both
    for each in both:
        each.server.shutdown()
        each.server.server_close()
    for thread in threads:
        thread.join()


def test_a_url_and_what_it_refers_to_are_fetched_from_its_host(hosts: tuple[Host, Host]) -> None:
    host, _ = hosts
    host.documents = {"/v1/api.json": description("parts.json#/thing"), "/v1/parts.json": {"thing": SCHEMA}}

    read = read_description(f"{host.url}/v1/api.json?token=secret")

    assert fields_of(read) == ["name", "more_fields"]


def test_another_host_is_not_asked_unless_it_is_allowed(hosts: tuple[Host, Host]) -> None:
    host, other = hosts
    host.documents = {"/api.json": description(f"{other.url}/thing.json?token=secret")}
    other.documents = {"/thing.json": SCHEMA}

    read = read_description(f"{host.url}/api.json")
    assert fields_of(read) == ["body"]
    assert other.asked == []
    assert "secret" not in read.dangling[0]

    assert fields_of(read_description(f"{host.url}/api.json", [other.url])) == ["name", "more_fields"]


def test_a_description_on_the_web_leads_to_no_file(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    (tmp_path / "thing.json").write_text(json.dumps(SCHEMA))
    host, _ = hosts
    host.documents = {"/api.json": description((tmp_path / "thing.json").as_uri())}

    assert fields_of(read_description(f"{host.url}/api.json", [str(tmp_path)])) == ["body"]


def test_redirects_are_named_and_stay_on_the_host(hosts: tuple[Host, Host]) -> None:
    host, other = hosts
    host.documents = {"/api.json": "/moved.json?token=secret", "/moved.json": description("#/nowhere")}
    host.documents |= {"/away.json": f"{other.url}/api.json?token=secret", "/round.json": "/round.json"}

    read = read_description(f"{host.url}/api.json")
    assert read.redirects == [f"{host.url}/api.json leads to {host.url}/moved.json"]

    with pytest.raises(PlaceError) as caught:
        read_description(f"{host.url}/away.json")
    assert (
        str(caught.value) == f"{other.url}/api.json is on another host than {host.url}/away.json, and is not fetched."
    )
    assert other.asked == []

    with pytest.raises(PlaceError, match="leads from one address to the next without an end"):
        read_description(f"{host.url}/round.json")


def test_a_url_that_gives_nothing_is_told_without_its_token(hosts: tuple[Host, Host]) -> None:
    host, _ = hosts
    address = host.url.replace("http://", "http://user:secret@")

    with pytest.raises(PlaceError) as caught:
        read_description(f"{address}/missing.json?token=secret")

    assert str(caught.value) == f"{host.url}/missing.json answered 404."


@pytest.mark.parametrize(
    "content, fault",
    [
        ("{}", "is no API description: it has neither `openapi` nor `swagger`."),
        ("openapi: 4.0.0", "is no API description: it says it is of version '4.0.0'."),
        ("openapi: 3.0.0\npaths: {}", "describes no operations: it has no `paths`."),
        ("[]", "is no API description: it has neither `openapi` nor `swagger`."),
        ("a: [", "2: not valid YAML"),
    ],
)
def test_what_is_no_description_is_refused(tmp_path: Path, content: str, fault: str) -> None:
    from stacksync.errors import StacksyncError

    file = tmp_path / "api.yaml"
    file.write_text(content)

    with pytest.raises(StacksyncError) as caught:
        read_description(str(file))

    assert fault in str(caught.value)
