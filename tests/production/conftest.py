"""Connectors for each place where their repository may be."""

import subprocess
from pathlib import Path

import pytest

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def made_connector(deployed_connector: Path) -> Path:
    """Return a connector with the files of every deployment; it is copied, never changed."""
    return deployed_connector


@pytest.fixture(scope="session")
def connectors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a connector for each answer to `ci`, in a git repository; they are only read."""
    folder = tmp_path_factory.mktemp("ci")
    for ci in ("github", "gitlab", "none"):
        render(TemplateSource(ROOT, None, None), folder / ci, gather(ROOT, "crm", None, [f"ci={ci}"]))
        subprocess.run(["git", "init", "--quiet", folder / ci], check=True)
    return {path.name: path for path in folder.iterdir()}
