"""Whatever the app type, its names are such that Kubernetes and Cloud Run take them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ROOT
from tests.production.manifests import build

# RFC 1123, and the RFC 1035 that older Kubernetes holds Services to: a letter first.
DNS_LABEL = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
QUESTIONS = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
SERVICE_NAME = Environment(autoescape=True).from_string(QUESTIONS["service_name"]["default"])
# Where Kubernetes says that a text is the name of something in the namespace.
NAMES = {"name", "secretName", "namespace", "app.kubernetes.io/name"}
APP_TYPES = {
    "underscores": ("a_", "a"),
    "two in the middle": ("a__b", "a-b"),
    "the longest": ("a" * 63, "a" * 49),
    "a cut at an underscore": ("a" * 48 + "_" + "b" * 14, "a" * 48),
    "no text for YAML": ("null", "null"),
    "no text for older YAML": ("no", "no"),
}


@given(st.from_regex(QUESTIONS["identifier"]["default"]))
@example("a" + "_" * 62)
@example("a" * 63)
@example("xn__a")
def test_a_service_name_is_a_dns_label(app_type: str) -> None:
    name = SERVICE_NAME.render(app_type=app_type)

    assert DNS_LABEL.fullmatch(name)
    assert len(name) <= 49
    assert "--" not in name, "the third and fourth character of an international name"


@pytest.mark.parametrize("app_type, name", APP_TYPES.values(), ids=APP_TYPES.keys())
def test_every_name_of_a_connector_is_one(tmp_path: Path, app_type: str, name: str) -> None:
    connector = tmp_path / "connector"
    render(
        TemplateSource(ROOT, None, None),
        connector,
        gather(ROOT, "connector", None, [f"app_type={app_type}", "deployment=kubernetes,cloud_run"]),
    )
    manifests = build(connector, "overlays/prod")
    cloud_run = yaml.safe_load((connector / "config/cloudrun.yaml").read_text("utf-8"))
    found = [*names(manifests.documents), cloud_run["metadata"]["name"]]

    assert [
        text for text in found if not (isinstance(text, str) and DNS_LABEL.fullmatch(text) and len(text) < 64)
    ] == []
    assert (manifests.of("Service")["metadata"]["name"], cloud_run["metadata"]["name"]) == (name, name)
    (host,) = manifests.of("Ingress")["spec"]["tls"][0]["hosts"]
    assert all(map(is_label, host.split(".")))


def is_label(value: Any) -> bool:
    return isinstance(value, str) and len(value) < 64 and DNS_LABEL.fullmatch(value) is not None


def names(value: Any) -> Iterator[Any]:
    """Yield every name in manifests."""
    if isinstance(value, dict):
        yield from (inner for key, inner in value.items() if key in NAMES)
        for inner in value.values():
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)
