"""Projects of the platform's present kit, with the files that the template gives such a project."""

import shutil
import sys
from pathlib import Path

import pytest

from stacksync.answers import Given
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import Stacksync, git_settings
from tests.kit.wire import write_project

ANSWERS = {"app_type": "shop", "stacksync_cdk_compat": True}


@pytest.fixture(scope="session")
def rendered(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the template gives a project of the kit; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("rendered") / "shop"
    given = {name: Given(str(value), value, "NAME") for name, value in ANSWERS.items()}
    render(TemplateSource(project, None, None), folder, given)
    return folder


@pytest.fixture
def shop(rendered: Path, project: Path, tmp_path: Path, clean_environment: dict[str, str]) -> Stacksync:
    """Return the command, in a project of its own whose packages are in the active environment."""
    root = write_project("kept", shutil.copytree(rendered, tmp_path / "shop"))
    identity = git_settings({"user.name": "Tester", "user.email": "tester@localhost"})
    paths = {"PYTHONPATH": str(project / "cli"), "VIRTUAL_ENV": sys.prefix}
    return Stacksync(root, clean_environment | identity | paths)
