"""Concepts that several programs must agree on, each with one home."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from src.runtime.connection_types import TYPES, documented_keys, type_of
from stacksync.connector import Connector
from stacksync.dev.ports.listening import configured_port
from stacksync.runtime import DEFAULT_PORT
from tests.conftest import ROOT

# Files that no Python of ours runs, so that each has to say the number itself.
PORTS = [
    "copier.yml",
    "template/Dockerfile",
    "template/run_dev.bat",
    "template/run_dev.sh",
    "template/documentation/production.md",
    "template/documentation/schemas/app_config.schema.json",
]


@pytest.mark.parametrize("name", PORTS)
def test_the_port_is_the_same_everywhere(name: str) -> None:
    assert str(DEFAULT_PORT) in re.findall(r"\b\d{4}\b", (ROOT / name).read_text("utf-8"))


def test_the_template_asks_for_that_port(tmp_path: Path) -> None:
    questions: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))

    assert questions["port"]["default"] == DEFAULT_PORT
    assert configured_port(Connector(tmp_path)) == DEFAULT_PORT


def test_no_other_code_of_the_command_says_it() -> None:
    code = [*(ROOT / "cli/stacksync").rglob("*.py"), *(ROOT / "template/src/runtime").rglob("*.py")]
    said = [
        f"{path.name}:{number}"
        for path in code
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(rf"(?<![:\d]){DEFAULT_PORT}\b", line)
    ]

    assert [place.partition(":")[0] for place in said] == ["config.py"]


@pytest.mark.parametrize(
    "app_type, keys",
    [
        ("hubspot", ("access_token", "token_type", "expiration_time")),
        ("salesforce", ("access_token", "token_type", "expiration_time", "instance_url")),
        ("postgres", ("connection_string",)),
        ("generic_api_credentials", ("api_credentials",)),
        ("my_api_key", None),
        ("hubspot_sandbox", None),
    ],
)
def test_keys_are_documented_or_not_known(app_type: str, keys: tuple[str, ...] | None) -> None:
    assert documented_keys(app_type) == keys


def test_what_is_documented_is_of_the_type_that_its_words_tell() -> None:
    assert [(each.name, name) for each in TYPES for name in each.documented if type_of(name) != each] == []
