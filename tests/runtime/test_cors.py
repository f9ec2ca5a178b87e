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
