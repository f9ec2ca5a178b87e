import pytest

from src.runtime.config import read_config
from src.runtime.discovery import scan
from tests.runtime.conftest import MODULE, Build, Write


def found(write: Write, *names: str) -> list[str]:
    return [folder.module_path for folder in scan(read_config(write(dict.fromkeys(names, "")))).versions]


@pytest.mark.parametrize(
    "name,path",
    [
        ("a/v1/route.py", "a/v1"),
        ("a/v1/anything.py", "a/v1"),
        ("a/v1_1/route.py", "a/v1_1"),
        ("a/vnext/route.py", "a/vnext"),
        ("a/version1/route.py", "a/version1"),
        ("_a/v1/route.py", "_a/v1"),
        ("A b/v1/route.py", "A b/v1"),
        ("a.b/v1/route.py", "a.b/v1"),
    ],
)
def test_versions(write: Write, name: str, path: str):
    assert found(write, name) == [path]


@pytest.mark.parametrize(
    "name",
    [
        "route.py",
        "a/route.py",
        "a/v/route.py",
        "a/1/route.py",
        "a/V1/route.py",
        "a/v1.1/route.py",
        "a/v1-rc/route.py",
        "a/beta/route.py",
        "a/v1/__init__.py",
        "a/v1/sub/route.py",
        "a/b/v1/route.py",
        "a/v1/module_config.yaml",
        "a/v1/schema.json",
        "a/v1/.#route.py",
        ".stacksync-x/v1/route.py",
    ],
)
def test_what_is_no_version(write: Write, name: str):
    assert found(write, name) == []


def test_sorted_by_module_and_number(write: Write):
    names = [f"{path}/route.py" for path in ("b/v10", "b/v2", "b/v1_1", "b/v1", "b/vnext", "a/v1")]
    assert found(write, *names) == ["a/v1", "b/v1", "b/v1_1", "b/v2", "b/v10", "b/vnext"]


ACTIONS = {
    "on_create": False,
    "on_update": False,
    "on_delete": False,
    "on_content_update": True,
    "on_content_initialized": True,
}
DEFAULTS = {
    "module_id": "shop-get_posts-1",
    "app_type": "shop",
    "module_type": "get_posts",
    "module_category": "action",
    "module_name": "Get Posts",
    "module_version": "1",
    "module_description": "",
    "module_path": "get_posts/v1",
    "supports_action": True,
    "supports_trigger": False,
    "requires_credentials_for_schema": False,
    "module_icon_svg_url": None,
    "module_actions_schema": ACTIONS,
}


@pytest.mark.parametrize(
    "settings,changes",
    [
        (None, {}),
        ("", {}),
        ("module_settings:\n", {}),
        ("module_settings: [a]\n", {}),
        ("- a\n", {}),
        ("module_settings: [\n", {}),
        ("module_settings: {module_name: null, module_description: false}\n", {}),
        ("module_settings: {module_name: 42}\n", {"module_name": "42"}),
        ("module_settings: {module_version: 2}\n", {"module_id": "shop-get_posts-2", "module_version": "2"}),
        ("module_settings: {module_version: 1.5}\n", {"module_id": "shop-get_posts-1_5", "module_version": "1.5"}),
        ("module_settings: {module_version: v4}\n", {"module_id": "shop-get_posts-4", "module_version": "4"}),
        ("module_settings: {module_category: trigger}\n", {"module_category": "trigger"}),
        (
            "module_settings: {module_type: feed}\n",
            {"module_id": "shop-feed-1", "module_type": "feed", "module_name": "Feed"},
        ),
        (
            (
                "module_settings: {supports_trigger: true, requires_credentials_for_schema: true, "
                "on_update: true, on_content_update: false, module_icon_svg_url: https://example.com/a.svg}\n"
            ),
            {
                "supports_trigger": True,
                "requires_credentials_for_schema": True,
                "module_icon_svg_url": "https://example.com/a.svg",
                "module_actions_schema": {**ACTIONS, "on_update": True, "on_content_update": False},
            },
        ),
        ("module_settings: {supports_action: 'no', module_icon_svg_url: ''}\n", {}),
    ],
)
def test_metadata(build: Build, settings: str | None, changes: dict[str, object]):
    config = {} if settings is None else {"get_posts/v1/module_config.yaml": settings}
    client = build({"get_posts/v1/route.py": MODULE, **config})
    assert client.get("/modules-list").json == {"data": {"modules": [{**DEFAULTS, **changes}]}}


def test_metadata_changes_no_url(build: Build):
    config = "module_settings: {module_type: feed, module_version: 7}\n"
    code = MODULE + "@module.execute\ndef execute(request): return 'here'\n"
    client = build({"get_posts/v1/route.py": code, "get_posts/v1/module_config.yaml": config})
    assert client.post("/get_posts/v1/execute").json == {"data": "here"}
    assert client.post("/feed/v7/execute").status_code == 404


def test_listing_and_settings_hold_nothing_else(build: Build):
    text = "app_settings: {app_type: shop, app_name: Shop, secret: s3cret, nested: {token: t}, port: 2003}\n"
    client = build({"/app_config.yaml": text})
    settings = {"app_type": "shop", "app_name": "Shop", "app_type_display": "Shop", "options": {}}
    assert client.get("/app-config").json == {"data": {"app_settings": settings, "modules": []}}
