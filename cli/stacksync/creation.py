"""Make a new connector: the render and the hooks around it, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.answers import Given
from stacksync.hooks import hook
from stacksync.source import TemplateSource
from stacksync.staging import normalise_modes, staged


@dataclass(frozen=True)
class NewConnector:
    """What to make.

    Args:
        path: The new connector's folder.
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
    """What was made, or would be."""

    path: Path
    app_type: str
    src_path: str | None
    ref: str | None
    port: int
    files: list[str]
    notes: list[str] = field(default_factory=list)


def create(order: NewConnector) -> Created:
    """Make the connector.

    Raises:
        StacksyncError: It cannot be made as ordered; nothing is left behind.
    """
    git, notes = hook("preflight")(order.path, git=order.git)
    with staged(order.path) as draft:
        created = _render(order, draft)
        notes += hook("first_commit")(draft) if git else []

    return Created(**{**vars(created), "notes": notes})


def preview(order: NewConnector) -> Created:
    """Tell what `create` would make: the same render, in a temporary folder."""
    hook("preflight")(order.path, git=False)
    with TemporaryDirectory(prefix="stacksync-") as folder:
        return _render(order, Path(folder) / order.path.name)


def _render(order: NewConnector, folder: Path) -> Created:
    from stacksync.template import render  # Copier takes half a second to import

    answers = render(order.source, folder, order.given, prompt=order.prompt)
    normalise_modes(folder)
    return Created(
        path=order.path,
        app_type=answers.get("app_type", order.path.name),
        src_path=answers.get("_src_path"),
        ref=answers.get("_commit"),
        port=answers.get("port") or _default_port(),
        files=sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()),
    )


def _default_port() -> int:
    from stacksync.runtime import DEFAULT_PORT  # for templates that do not ask; reading YAML takes time to load

    return DEFAULT_PORT
