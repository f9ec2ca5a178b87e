"""The guide to configuration names every setting that the runtime reads, with its default, and no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from src.runtime import config
from src.runtime.config import read_config
from stacksync.dev.environment.dot_env import CLIENT_ID, CLIENT_SECRET
from tests.guides.checks import SCHEMAS
from tests.guides.pages import TEMPLATE, guide, inline_code, table

# gunicorn's own; and what its configuration tells the workers, which nobody else sets.
OF_GUNICORN = "GUNICORN_CMD_ARGS"
# What a parent process tells its own.
INTERNAL = {"CONNECTOR_WORKER_SLOT", "STACKSYNC_DEV", "STACKSYNC_STAND_IN", "STACKSYNC_CASSETTE", "CI"}


def section(title: str) -> str:
    """Return what stands under a heading, up to the next one of any level."""
    return re.split(r"^#+ ", guide("production").split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def keys(name: str, title: str) -> set[str]:
    """Return the keys that an editor knows of a section."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return {*schema["properties"][title]["properties"]}


def default(title: str, key: str) -> Any:
    """Return the default that the guide tells of a key."""
    return yaml.safe_load(table(section(title))[key].rpartition("| ")[2].strip("`"))


def variables() -> Iterator[str]:
    """Yield the names of the environment variables that a connector's code reads."""
    sources = [*TEMPLATE.glob("src/**/*.py"), TEMPLATE / "gunicorn.conf.py", TEMPLATE / "src/api_client.py.jinja"]
    for source in (path.read_text("utf-8") for path in sources):
        for name in re.findall(r"""(?:os\.environ(?:\.get)?[(\[]|read_number\()["']?(\w+)""", source):
            (constant,) = re.findall(rf'^{name} = "(\w+)"', source, re.MULTILINE) or [name]
            yield from [constant] if constant.isupper() else []


@pytest.mark.parametrize("title", ["local_development_settings", "runtime_settings"])
def test_every_key_has_a_row(title: str) -> None:
    assert table(section(title)).keys() == keys("app_config", title)


def test_every_key_of_the_app_settings_is_named() -> None:
    told = {*inline_code(section("app_settings")), *keys("app_config", "local_development_settings")}

    assert keys("app_config", "app_settings") <= told
    public = {*config.PUBLIC_KEYS, "app_type_display", "options", "routes_directory"}
    assert public == table(section("app_settings")).keys()


def test_every_key_of_a_module_has_a_row() -> None:
    assert table(section("module_config.yaml")).keys() == keys("module_config", "module_settings")


def test_defaults_are_those_of_the_runtime(tmp_path: Path) -> None:
    (tmp_path / "src/modules").mkdir(parents=True)
    (tmp_path / "app_config.yaml").write_text("app_settings: {}")
    found = read_config(tmp_path)

    assert tmp_path / default("app_settings", "routes_directory") == found.modules_dir
    assert default("app_settings", "app_type") == found.app_type
    assert default("runtime_settings", "max_body_mb") * 1024 * 1024 == found.max_body_bytes
    assert tuple(default("local_development_settings", "cors_origins")) == found.cors_origins
    for title, key in [
        *(("local_development_settings", key) for key in ("port", "host", "debug")),
        *(("runtime_settings", key) for key in ("errors_always_400", "metrics")),
    ]:
        assert default(title, key) == getattr(found, key), key


def test_every_variable_is_told_of() -> None:
    read = {*variables(), OF_GUNICORN} - INTERNAL
    example = (TEMPLATE / ".env.example").read_text("utf-8")

    assert len(read) > 10
    assert table(section("Environment variables")).keys() == read
    of_the_command = {CLIENT_ID, CLIENT_SECRET}  # it keeps them from the connector
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == read | of_the_command


def test_what_the_example_sets_or_shows_is_the_default() -> None:
    told = table(section("Environment variables"))
    example = dict(re.findall(r"^# ([A-Z_]+)=(.+)$", (TEMPLATE / ".env.example").read_text("utf-8"), re.MULTILINE))

    assert example
    assert {name: told[name].rpartition("| ")[2].strip("`") for name in example} == example
