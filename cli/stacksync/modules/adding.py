"""Add a module to a connector: a render of the template's smallest module, in a folder of its own."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stacksync.answers import Given
from stacksync.answers_file import read_answers
from stacksync.connector import ANSWERS_FILE, Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.git.addresses import without_secrets
from stacksync.modules.client import require_client
from stacksync.naming import check_module_name
from stacksync.source import SECRET, TemplateSource, find_source
from stacksync.staging import normalise_modes, staged

FIRST = "v1"
EMBEDDED = "--embedded takes the template that came with this command"


@dataclass(frozen=True)
class Addition:
    """What to add.

    Args:
        connector: The connector it goes into.
        name: The module's folder.
        source: The template.
        given: Answers by the name of the question, besides those that follow from the rest.
        operation: What it does with records, such as `list`; empty for the smallest module.
    """

    connector: Connector
    name: str
    source: TemplateSource
    given: Mapping[str, Given] = field(default_factory=dict)
    operation: str = ""

    @property
    def path(self) -> Path:
        """The folder of the new version."""
        return self.connector.modules_dir / self.name / FIRST

    @property
    def answers(self) -> Mapping[str, Given]:
        """Every answer of the render."""
        fixed: dict[str, str | bool] = {"kind": "module", "module_name": self.name}
        if not self.connector.has_runtime:
            fixed["runtime"] = "workflows_cdk"
        if self.connector.answers.get("auth", "none") != "none":
            fixed["has_connection"] = True
        if self.operation:
            fixed["operation"] = self.operation
        return {**{name: Given(str(value), value, "NAME") for name, value in fixed.items()}, **self.given}


@dataclass(frozen=True)
class Added:
    """What was added, or would be; files are named from the connector's root."""

    path: Path
    src_path: str | None
    ref: str | None
    files: list[str]


def source_for(answers: Mapping[str, Any], *, embedded: bool = False) -> TemplateSource:
    """Return the release that a connector or a module was made from, as a copy at hand where there is one.

    Args:
        answers: What its answers file holds.
        embedded: Take the copy of this command, whatever it was made from.
    """
    own = find_source()
    address, ref = answers.get("_src_path"), answers.get("_commit")
    if embedded or not address or not ref or (address, ref) == (own.src_path, own.ref):
        return own

    clean = without_secrets(str(address))
    if clean == address:
        return TemplateSource(None, clean, str(ref))
    return TemplateSource(None, clean, str(ref), SECRET, secret=str(address))


def add(addition: Addition) -> Added:
    """Add the module.

    Raises:
        StacksyncError: It cannot be added; nothing is left behind.
    """
    _check(addition)
    addition.connector.refuse_links(addition.path.parent)
    with staged(addition.path) as draft:
        workshop = draft.with_name(".render")
        added = _render(addition, workshop)
        (workshop / addition.connector.relative(addition.path)).rename(draft)
        shutil.rmtree(workshop)

    return added


def preview(addition: Addition) -> Added:
    """Tell what `add` would add: the same render, in a temporary folder."""
    _check(addition)
    with TemporaryDirectory(prefix="stacksync-") as folder:
        return _render(addition, Path(folder) / "connector")


def _check(addition: Addition) -> None:
    name, connector = addition.name, addition.connector
    check_module_name(name)
    if connector.is_kit_project:
        fault = "The modules of this project are written for stacksync-cdk, and add-module adds one of another style."
        raise UsageError(fault, f"copy a folder of {connector.relative(connector.modules_dir)}/")
    folder = connector.require_modules_dir() / name
    if folder.exists() and any(entry.name != "__pycache__" for entry in folder.iterdir()):
        raise UsageError(f"{connector.relative(folder)} exists already.", f"stacksync add-version {name}")
    for version in connector.versions:
        if version.url_base == f"/{name}/{FIRST}":
            raise UsageError(f"{connector.relative(version.path)} has the URL {version.url_base} already.")
    if addition.operation:
        require_client(connector, addition.source)


def _render(addition: Addition, folder: Path) -> Added:
    from stacksync.template import render_module  # Copier takes half a second to import

    place = addition.connector.relative(addition.path)
    try:
        answers = render_module(addition.source, folder, place, addition.answers)
    except UsageError:
        raise
    except StacksyncError as error:
        raise error if addition.source.root else not_usable(addition.source, error) from error

    made = folder / place
    if not (made / "route.py").is_file():
        raise StacksyncError(f"{_release(addition)} of the template has no module to begin with.", EMBEDDED)
    if addition.operation and answers.get("operation") != addition.operation:
        raise StacksyncError(f"{_release(addition)} of the template makes no modules for operations.", EMBEDDED)

    normalise_modes(made)
    return Added(
        path=addition.path,
        src_path=answers.get("_src_path"),
        ref=answers.get("_commit"),
        files=sorted(path.relative_to(folder).as_posix() for path in made.rglob("*") if not path.is_dir()),
    )


def _release(addition: Addition) -> str:
    return addition.source.ref or "this release"


def not_usable(source: TemplateSource, error: StacksyncError) -> StacksyncError:
    """Say that a release cannot be had, and what can."""
    fault = f"{source.ref} of the template cannot be used: {error}"
    return StacksyncError(fault, EMBEDDED)


def render_again(connector: Connector, path: Path, folder: Path, *, embedded: bool = False) -> Path:
    """Render a version once more, as it was when its release came, and return where.

    Args:
        connector: The connector.
        path: The version, which has an answers file.
        folder: Where to render.
        embedded: Take the template of this command, whatever the version was made from.

    Raises:
        StacksyncError: The release cannot be fetched or rendered.
    """
    from stacksync.template import render_module

    answers = read_answers(connector.root, connector.relative(path / ANSWERS_FILE))
    given = {name: Given(str(value), value, "NAME") for name, value in answers.items() if name[0] != "_"}
    render_module(source_for(answers, embedded=embedded), folder, connector.relative(path), given)
    return folder / connector.relative(path)
