import pytest

from tests.runtime.conftest import MODULE, Build

PAGE = "https://app.example"
ALLOW = "Access-Control-Allow-Origin"
EXECUTE = MODULE + "@module.execute\ndef execute(request): return 1\n"


def client(build: Build, origins: str):
    config = f"app_settings: {{app_type: shop}}\nlocal_development_settings: {{cors_origins: {origins}}}\n"
    return build({"/app_config.yaml": config, "m/v1/route.py": EXECUTE})


@pytest.mark.parametrize("origin", [None, PAGE, "null"])
@pytest.mark.parametrize("path", ["/health", "/nowhere", "/m/v1/execute"])
def test_everyone_by_default(build: Build, origin: str | None, path: str):
    reply = client(build, '["*"]').get(path, headers={"Origin": origin} if origin else {})
    assert reply.headers[ALLOW] == "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize(
    "origin,allowed",
    [(PAGE, PAGE), ("https://b.example", "https://b.example"), ("https://evil.example", None), (None, None)],
)
def test_a_list_echoes_those_on_it(build: Build, origin: str | None, allowed: str | None):
    reply = client(build, f'["{PAGE}", "https://b.example"]').get(
        "/health", headers={"Origin": origin} if origin else {}
    )
    assert reply.headers.get(ALLOW) == allowed
    assert reply.headers["Vary"] == "Origin"


def test_nobody(build: Build):
    assert ALLOW not in client(build, "[]").get("/health", headers={"Origin": PAGE}).headers


def test_preflight(build: Build):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-a"}
    reply = client(build, f'["{PAGE}"]').options("/m/v1/execute", headers={"Origin": PAGE, **asked})
    assert (reply.status_code, reply.data) == (200, b"")
    assert reply.headers[ALLOW] == PAGE
    assert "POST" in reply.headers["Access-Control-Allow-Methods"].split(", ")
    assert reply.headers["Access-Control-Allow-Headers"] == "content-type, x-a"


def test_preflight_of_a_stranger_is_told_nothing(build: Build):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    reply = client(build, f'["{PAGE}"]').options("/m/v1/execute", headers=asked)
    assert not [name for name in reply.headers if name[0].startswith("Access-Control")]


@pytest.mark.parametrize("origin", [PAGE, "null", "http://localhost.evil.example", "http://localhost:1"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_pages_of_others_are_refused_while_it_is_developed(
    build: Build, monkeypatch: pytest.MonkeyPatch, origin: str, method: str
):
    monkeypatch.setenv("STACKSYNC_DEV", "1")
    made = build({"/app_config.yaml": "app_settings: {app_type: shop}\n", "m/v1/route.py": EXECUTE})
    reply = made.open("/m/v1/execute", method=method, data="{}", headers={"Origin": origin})
    assert (reply.status_code, reply.headers.get(ALLOW)) == (403, None)
    assert reply.json["error"] == f"Pages of {origin} may not call this connector: cors_origins does not name them."


@pytest.mark.parametrize("origin", [None, "http://localhost"])
def test_what_is_no_page_and_its_own_pages_are_answered_then(
    build: Build, monkeypatch: pytest.MonkeyPatch, origin: str | None
):
    monkeypatch.setenv("STACKSYNC_DEV", "1")
    made = build({"/app_config.yaml": "app_settings: {app_type: shop}\n", "m/v1/route.py": EXECUTE})
    headers = {"Origin": origin} if origin else {}
    assert made.post("/m/v1/execute", json={}, headers=headers).status_code == 200


def test_a_page_that_is_named_is_let_in_then(build: Build, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STACKSYNC_DEV", "1")
    reply = client(build, f'["{PAGE}"]').post("/m/v1/execute", json={}, headers={"Origin": PAGE})
    assert (reply.status_code, reply.headers[ALLOW]) == (200, PAGE)
