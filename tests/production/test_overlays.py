"""Stage and prod: each is what its name says, and they get in nobody's way."""

import re
from pathlib import Path

import pytest

from src.runtime.config import read_config
from tests.production.manifests import BUILDS, build

DEPLOYED = [folder for folder in BUILDS if folder != "base"]


@pytest.mark.parametrize("folder", DEPLOYED)
def test_an_overlay_is_what_its_name_says(made_connector: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    name = folder.removeprefix("overlays/")
    manifests = build(made_connector, folder)
    for key, value in manifests.of("ConfigMap")["data"].items():
        monkeypatch.setenv(key, value)
    config = read_config(made_connector)

    assert (config.environment, config.is_development) == (name, False)
    assert config.region in re.findall(r"`(\w+)`", region_row(made_connector))
    assert {document["metadata"]["namespace"] for document in manifests.documents} == {f"connectors-{name}"}
    assert re.fullmatch(r"registry\.example\.com/crm:\d+\.\d+\.\d+", manifests.container["image"])


def test_overlays_can_share_a_cluster(made_connector: Path) -> None:
    stage, prod = (build(made_connector, folder) for folder in DEPLOYED)
    hosts = [manifests.of("Ingress")["spec"]["rules"][0]["host"] for manifests in (stage, prod)]

    assert hosts == ["crm.stage.example.com", "crm.example.com"]
    assert prod.of("HorizontalPodAutoscaler")["spec"]["minReplicas"] > 1
    assert stage.of("ConfigMap")["metadata"]["name"] != prod.of("ConfigMap")["metadata"]["name"]


def region_row(connector: Path) -> str:
    """Return the meaning of REGION, which names its values."""
    rows = (connector / "documentation/production.md").read_text("utf-8").splitlines()
    return next(row for row in rows if row.startswith("| `REGION` |"))
