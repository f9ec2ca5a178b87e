"""Make a new connector: the render and the hooks around it, all or nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.answers import Given
from stacksync.filling import Kept, filled, find_kept
from stacksync.hooks import hook
from stacksync.source import TemplateSource
from stacksync.staging import normalise_modes, staged


@dataclass(frozen=True)
class NewConnector:
    """What to make.

    Args:
        path: The connector's folder: a new one, or one that is there and holds nothing but a new repository's files.
        source: The template.
        given: Answers by the name of the question.
        prompt: Ask for the other answers.
        git: Make it a git repository.
    """

    path: Path
    source: TemplateSource
    given: Mapping[str, Given] = field(default_factory=dict)
    prompt: bool = False
    git: bool = True


@dataclass(frozen=True)
class Created:
    """What was made, or would be.

    Args:
        files: What was written.
        kept: What was there and is another file than the template's.
        notes: What the user should know.
    """

    path: Path
    app_type: str
    src_path: str | None
    ref: str | None
    port: int
    files: list[str]
    kept: list[Kept] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def create(order: NewConnector) -> Created:
    """Make the connector.

    Raises:
        StacksyncError: It cannot be made as ordered; nothing is left behind.
    """
    git, notes = hook("preflight")(order.path, git=order.git)
    if order.path.exists():
        return _fill(order, git, notes)

    with staged(order.path) as draft:
        created = _render(order, draft)
        notes += hook("first_commit")(draft) if git else []
    return replace(created, notes=notes)


def _fill(order: NewConnector, git: bool, notes: list[str]) -> Created:
    with filled(order.path) as filling:
        created = _render(order, filling.draft)
        filling.move()
        notes += hook("first_commit")(order.path) if git else []
    return replace(created, notes=notes)


def preview(order: NewConnector) -> Created:
    """Tell what `create` would make: the same render, in a temporary folder."""
    hook("preflight")(order.path, git=False)
    with TemporaryDirectory(prefix="stacksync-") as folder:
        return _render(order, Path(folder) / order.path.name)


def _render(order: NewConnector, folder: Path) -> Created:
    from stacksync.template import render  # Copier takes half a second to import

    answers = render(order.source, folder, order.given, prompt=order.prompt)
    normalise_modes(folder)
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return Created(
        path=order.path,
        app_type=answers.get("app_type", order.path.name),
        src_path=answers.get("_src_path"),
        ref=answers.get("_commit"),
        port=answers.get("port") or _default_port(),
        files=sorted(file for file in files if not os.path.lexists(order.path / file)),
        kept=find_kept(order.path, folder),
    )


def _default_port() -> int:
    from stacksync.runtime import DEFAULT_PORT  # for templates that do not ask; reading YAML takes time to load

    return DEFAULT_PORT
