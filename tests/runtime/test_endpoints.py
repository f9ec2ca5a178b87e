import json
from pathlib import Path

import pytest

from tests.runtime.conftest import MODULE, Build, Write

FORM = {"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": [{"id": "zeta"}, {"id": "alpha"}]}
EXECUTE = MODULE + "@module.execute\ndef execute(request): return 1\n"


def test_health(build: Build):
    reply = build({}).get("/health")
    assert (reply.status_code, reply.json) == (200, {"data": {"status": "healthy"}})


def test_routes_show_no_absolute_path(build: Build, tmp_path: Path):
    reply = build({"m/v1/route.py": EXECUTE}).get("/routes")
    assert str(tmp_path) not in reply.text
    assert reply.json["data"]["route_files"] == [
        {"path": "src/modules/m/v1/route.py", "module": "src.modules.m.v1.route"}
    ]
    routes = {each["path"]: each["methods"] for each in reply.json["data"]["endpoints"]}
    assert routes["/m/v1/execute"] == ["OPTIONS", "POST"]
    assert routes["/routes"] == ["GET", "HEAD", "OPTIONS"]


def test_start_page_is_escaped_and_loads_nothing(build: Build):
    config = 'app_settings: {app_type: shop, app_name: "<i>&", app_icon_svg_url: "https://icons.example/i.svg"}\n'
    files = {f"{name}/v1/route.py": MODULE for name in ("b", "a")}
    module = 'module_settings: {module_name: "<script>", module_description: "\\"d"}\n'
    reply = build({"/app_config.yaml": config, **files, "a/v1/module_config.yaml": module}).get("/")
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    assert "<h1>&lt;i&gt;&amp;</h1>" in reply.text
    assert "<td>&lt;script&gt;</td><td><code>a/v1</code></td><td>&quot;d</td>" in reply.text
    assert reply.text.index("a/v1") < reply.text.index("b/v1")
    assert "<code>shop</code>" in reply.text
    assert "<code>development</code>" in reply.text
    assert "<script" not in reply.text
    assert "http" not in reply.text


@pytest.mark.parametrize(
    "accept,mimetype",
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("image/png", "text/html"),
    ],
)
def test_start_page_is_json_when_asked(build: Build, accept: str | None, mimetype: str):
    client = build({})
    reply = client.get("/", headers={"Accept": accept} if accept else {})
    assert reply.mimetype == mimetype
    assert mimetype == "text/html" or reply.json == client.get("/app-config").json


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", [b"", b"{bad", b"[]"])
def test_schema_ignores_the_body_and_keeps_its_order(build: Build, method: str, body: bytes):
    client = build({"m/v1/route.py": EXECUTE, "m/v1/schema.json": json.dumps(FORM)})
    reply = client.open("/m/v1/schema", method=method, data=body, content_type="application/json")
    assert (reply.status_code, reply.json) == (200, {"data": {"schema": FORM}})
    assert reply.text.index("metadata") < reply.text.index("fields")


def test_schema_of_a_name_with_a_space(build: Build):
    client = build({"Get Posts/v1/route.py": EXECUTE, "Get Posts/v1/schema.json": "{}"})
    assert client.get("/Get_Posts/v1/schema").json == {"data": {"schema": {}}}
    assert client.get("/Get Posts/v1/schema").json == {"data": {"schema": {}}}  # as it is listed


def test_a_schema_without_code_is_served_and_not_listed(build: Build):
    client = build({"lone/v1/schema.json": json.dumps(FORM)})
    assert client.get("/lone/v1/schema").json == {"data": {"schema": FORM}}
    assert client.get("/modules-list").json == {"data": {"modules": []}}
    assert client.post("/lone/v1/execute").status_code == 404


@pytest.mark.parametrize("text", ["", "{oops", "[]", "1", "null", '{"a": NaN}', '{"a":' + "[" * 300 + "]" * 300 + "}"])
def test_a_schema_that_is_no_object(build: Build, caplog: pytest.LogCaptureFixture, text: str):
    reply = build({"m/v1/route.py": EXECUTE, "m/v1/schema.json": text}).get("/m/v1/schema")
    assert (reply.status_code, reply.json) == (400, {"data": {"schema": {}, "error": "Invalid schema format"}})
    assert str(Path("src", "modules", "m", "v1", "schema.json")) in caplog.text


def missing(text: str) -> dict[str, object]:
    return {"data": {"schema": {}, "error": text}}


def test_a_missing_schema(build: Build, write: Write):
    client = build({"m/v1/route.py": EXECUTE, "gone/v1/route.py": EXECUTE, "gone/v1/schema.json": "{}"})
    assert client.get("/m/v1/schema").json == missing("Schema not found for m/v1")
    assert client.get("/ghost/v9/schema").json == missing("Schema not found for ghost/v9")
    root = write({"m/v1/schema.json": '{"added": 1}'})
    (root / "src/modules/gone/v1/schema.json").unlink()
    assert client.get("/m/v1/schema").json == {"data": {"schema": {"added": 1}}}
    assert client.get("/gone/v1/schema").json == missing("Schema not found")


@pytest.mark.parametrize("environment,seen", [("dev", 2), ("staging", 1), ("prod", 1), ("other", 1)])
def test_a_changed_schema_shows_in_development(
    build: Build, write: Write, monkeypatch: pytest.MonkeyPatch, environment: str, seen: int
):
    monkeypatch.setenv("ENVIRONMENT", environment)
    client = build({"m/v1/route.py": EXECUTE, "m/v1/schema.json": '{"a": 1}'})
    client.get("/m/v1/schema")
    write({"m/v1/schema.json": '{"a": 2}'})
    assert client.get("/m/v1/schema").json == {"data": {"schema": {"a": seen}}}


@pytest.mark.parametrize(
    "path",
    [
        "/../../outside/schema",
        "/../outside/schema",
        "/..%2f..%2foutside/schema",
        "/%2e%2e/%2e%2e/outside/schema",
        "/m/../../../outside/schema",
        "/m/v1/../../schema",
        "/m/./v1/schema",
        "/m//v1/schema",
        "//m/v1/schema",
        "/m/v1/sub/schema",
        "/m/schema",
        "/schema",
        "/M/v1/schema",
        "/m/V1/schema",
        "/m%00/v1/schema",
        "/..%5c..%5coutside/schema",
        "/outside/v1/schema",
        "/linked/v1/schema",
        "/" + "a" * 3000 + "/v1/schema",
        "/static/../app_config.yaml",
        "/m/v1/route.py",
        "/m/v1/schema.json",
    ],
)
def test_nothing_outside_is_served(build: Build, write: Write, path: str):
    secret = '{"secret": "hunter2"}'
    files = {"m/schema.json": secret, "m/v1/sub/schema.json": secret, "schema.json": secret}
    root = write({**files, "/outside/schema.json": secret, "/outside/v1/schema.json": secret})
    (root / "src/modules/linked/v1").mkdir(parents=True)
    (root / "src/modules/linked/v1/schema.json").symlink_to(root / "outside" / "schema.json")
    reply = build({"m/v1/route.py": EXECUTE, "m/v1/schema.json": "{}"}).get(path)
    assert reply.status_code == 404
    assert reply.json.keys() & {"data", "error"}
    assert "hunter2" not in reply.text


@pytest.mark.parametrize("path", ["/health/", "/m/v1/execute/", "/m/v1/schema/", "//health", "/app-config/"])
def test_a_slash_too_many_is_not_redirected(build: Build, path: str):
    assert build({"m/v1/route.py": EXECUTE}).post(path).status_code == 404


def test_a_rule_with_a_slash_answers_without_it_too(build: Build):
    client = build({"m/v1/route.py": MODULE + "@module.post('/rows/')\ndef rows(): return 'rows'\n"})
    assert client.post("/m/v1/rows").json == {"data": "rows"}
    assert client.post("/m/v1/rows/").json == {"data": "rows"}


@pytest.mark.parametrize("path", ["/health", "/ready", "/app-config", "/modules-list", "/routes", "/"])
def test_built_in_endpoints_are_for_reading(build: Build, path: str):
    client = build({})
    assert client.head(path).status_code == 200
    reply = client.post(path)
    assert (reply.status_code, reply.json["data"]["code"]) == (405, 405)
    assert "GET" in reply.headers["Allow"]
