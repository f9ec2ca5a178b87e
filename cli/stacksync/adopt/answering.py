"""What the template's questions are answered with for a connector that is there: by its files, else by the defaults."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stacksync import kit_project
from stacksync.adopt.existing import Existing
from stacksync.answers import Given
from stacksync.errors import StacksyncError, UsageError
from stacksync.git.addresses import network_url
from stacksync.git.command import ask
from stacksync.naming import nearest_app_type
from stacksync.source import TemplateSource
from stacksync.template import render

_TEXTS = ("app_type", "app_name", "app_description", "app_icon_svg_url")
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_NOT_FOR = "{} of the template cannot adopt a connector: take a newer one."


def answers_from(existing: Existing) -> dict[str, Given]:
    """Return the answer to every question that the files answer, those that a question may refuse too."""
    # How it calls its API cannot be read, and an image of Docker is what every deployment has.
    found: dict[str, Any] = {"auth": "custom", "ci": ci_of(existing), "deployment": [], "adopted": True}
    found |= kit_project.answers_from(existing.root) if existing.connector.is_kit_project else _of_sdk(existing)
    file = existing.connector.config_file
    return {name: Given(str(value), value, file) for name, value in found.items()}


def _of_sdk(existing: Existing) -> dict[str, Any]:
    app, local = existing.section("app_settings"), existing.section("local_development_settings")
    found: dict[str, Any] = {name: str(app[name]) for name in _TEXTS if isinstance(app.get(name), str | int | float)}
    port = str(local.get("port") or app.get("port") or "")
    if re.fullmatch(r"[0-9]{1,9}", port):
        found["port"] = int(port)
    return found | {"workflows_cdk_compat": True}


def ci_of(existing: Existing) -> str:
    """Return the CI that has files, else the one of the host of the remote, else GitHub's."""
    if any(_WORKFLOW.fullmatch(path) for path in existing.tracked):
        return "github"
    if ".gitlab-ci.yml" in existing.tracked:
        return "gitlab"

    address = network_url(ask(existing.root, "config", "--get", "remote.origin.url") or "") or ""
    host = (urlsplit(address).hostname or address.partition("@")[2].partition(":")[0]).lower()
    if not host:
        return "github"
    return next((name for name in ("github", "gitlab") if name in host), "none")


def rendered(source: TemplateSource, folder: Path, existing: Existing, given: Mapping[str, Given]) -> dict[str, str]:
    """Render the template for a connector, and return the rule by the name of each answer that it does not take.

    Args:
        source: The template.
        folder: Where to render.
        existing: The connector.
        given: Answers of the command line, which go before what the files say.

    Raises:
        StacksyncError: The template cannot be rendered, or does not know of adoption.
    """
    answers = {**answers_from(existing), **given}
    refused: dict[str, str] = {}
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        try:
            recorded = render(source, folder, answers)
        except UsageError as error:
            name = _refused(error, answers, existing.connector.config_file)
            if name is None or name in refused or name in given:
                raise
            refused[name] = str(error).partition(": ")[2]
            del answers[name]
            if name == "app_type":
                _name_after_folder(answers, existing)
        else:
            break
    if not recorded.get("adopted"):
        raise StacksyncError(_NOT_FOR.format(source.ref or "This release"), "--ref names another release")
    return refused


def _name_after_folder(answers: dict[str, Given], existing: Existing) -> None:
    """Answer as the default does, unless the folder's name makes no app type either."""
    name = nearest_app_type(existing.root.name)
    answers["app_type"] = Given(name, name, "NAME")


def _refused(error: UsageError, answers: Mapping[str, Given], file: str) -> str | None:
    """Return the question whose answer from the files is refused, as `Given.refused` says it."""
    match = re.match(rf"{re.escape(file)}: (\w+) ", str(error))
    return match[1] if match and match[1] in answers else None
