"""Whatever is sent, the answer is JSON in the envelope, and nothing of ours breaks."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.runtime import create_app
from src.runtime.strict_json import decode, encode
from src.runtime.testing import difference

MODULE = """\
from src.runtime import Choice, Module, Request
module = Module(__name__)
@module.execute
def execute(request): return [request.data, dict(request.credentials), dict(request.connection("crm"))]
@module.content("users")
def users(request): return [Choice(1, "One"), dict(request.connection("crm")), request.form_data]
@module.schema
def schema(request): return {"fields": [], "form": request.form_data}
"""
FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {"id": "name", "type": "string", "validation": {"required": True, "pattern": "^a"}},
        {"id": "count", "type": "integer", "validation": {"minimum": 1}},
        {"id": "crm", "type": "connection"},
        {"id": "rows", "type": "array", "items": {"type": "object", "fields": [{"id": "name", "type": "number"}]}},
    ],
    "rules": [
        {
            "if": {"and": [{"id": "count", "operator": "greater_than", "value": 3}]},
            "then": {"fields": [{"id": "name", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}]},
        }
    ],
}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
NAMES = ("data", "credentials", "connection_data", "value", "form_data", "content_object_names", "crm", "id", "name")
KEYS = st.sampled_from((*NAMES, "count", "rows", "users"))
named = st.recursive(
    scalars, lambda inner: st.lists(inner | KEYS, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)
ENDPOINTS = ("/m/v1/execute", "/m/v1/content", "/m/v1/schema", "/plain/v1/schema", "/plain/v1/execute")
BUILT_IN = ("/", "/health", "/ready", "/app-config", "/modules-list", "/routes", "/nowhere", "/ghost/v1/schema")
many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root: Path = tmp_path_factory.mktemp("connector")
    for name, text in {
        "app_config.yaml": "app_settings: {app_type: shop}\n",
        "src/modules/m/v1/route.py": MODULE,
        "src/modules/m/v1/schema.json": json.dumps(FORM),
        "src/modules/plain/v1/route.py": MODULE.split("@module.content")[0],
        "src/modules/plain/v1/schema.json": "{}",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return create_app(root).test_client()


def assert_enveloped(reply: Any) -> None:
    assert reply.status_code < 500, reply.text
    assert reply.mimetype == "application/json"
    assert reply.data.isascii()
    body = json.loads(reply.data, parse_constant=pytest.fail)
    assert body.keys() & {"data", "error"}
    assert "Traceback" not in reply.text


@many
@given(path=st.sampled_from(ENDPOINTS), body=values | named)
def test_any_json_to_any_endpoint_is_answered_in_the_envelope(client: Any, path: str, body: Any):
    assert_enveloped(client.post(path, data=json.dumps(body), content_type="application/json"))


@many
@given(path=st.sampled_from(ENDPOINTS), body=named, inner=named)
def test_any_form_in_the_platforms_envelope_is_answered(client: Any, path: str, body: Any, inner: Any):
    sent = {"data": body, "credentials": inner}
    assert_enveloped(client.post(path, data=json.dumps(sent), content_type="application/json"))


@many
@given(
    path=st.sampled_from(ENDPOINTS), body=st.binary(), kind=st.sampled_from([None, "application/json", "text/plain"])
)
def test_any_bytes_to_any_endpoint_are_answered_in_the_envelope(client: Any, path: str, body: bytes, kind: str | None):
    assert_enveloped(client.post(path, data=body, content_type=kind))


@many
@given(path=st.sampled_from(BUILT_IN), body=values, method=st.sampled_from(["POST", "PUT", "DELETE", "PATCH"]))
def test_built_in_endpoints_take_anything(client: Any, path: str, body: Any, method: str):
    assert_enveloped(client.open(path, method=method, data=json.dumps(body), content_type="application/json"))


@many
@given(path=st.text(alphabet=st.characters(exclude_categories=["Cs"])), method=st.sampled_from(["GET", "POST", "PUT"]))
def test_any_path_is_answered_in_the_envelope(client: Any, path: str, method: str):
    assert_enveloped(client.open(f"/x{path}/schema", method=method))


@many
@given(value=st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_what_is_written_is_what_was_read(value: Any):
    text = json.dumps(value).encode()
    try:
        read = decode(text)
    except ValueError:
        assert b"NaN" in text or b"Infinity" in text
        return

    assert decode(encode(read).encode()) == read
    assert difference(read, read) is None
