"""What of a connector is no longer as its template made it."""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from stacksync.answers import Given
from stacksync.errors import StacksyncError, UsageError
from stacksync.modules.adding import not_usable, render_again, source_for
from stacksync.updates.target import Target

# What a release improves and a user has little reason to edit. What is in neither of the two is shared.
_TEMPLATES = re.compile(
    r"(src/runtime|workflows_cdk|stacksync_cdk|config|documentation|\.vscode)/|run_dev\.(sh|bat)|Dockerfile|gunicorn\.conf\.py"
)
# The first as `_exclude` in copier.yml has it.
_USERS = re.compile(r"src/modules/|\.copier-answers\.yml")


@dataclass(frozen=True)
class Drift:
    """A file that was edited or removed, named from the connector's root."""

    file: str
    state: Literal["edited", "removed"]

    @property
    def is_templates(self) -> bool:
        """Whether the file is the template's, and not shared with the user."""
        return _TEMPLATES.match(self.file) is not None


def drift_of(target: Target, *, embedded: bool = False) -> list[Drift]:
    """Compare what a release made with what is there now, a user's own files aside.

    Args:
        target: The connector or the module.
        embedded: Compare with the template of this command, whatever release it was made from.

    Raises:
        StacksyncError: The release cannot be fetched or rendered.
    """
    with TemporaryDirectory(prefix="stacksync-") as folder:
        made = _render(target, Path(folder) / target.connector.root.name, embedded)
        names = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
        owned = [name for name in names if not _USERS.match(name)]
        return [drift for name in owned for drift in _compare(target, name, made / name)]


def _render(target: Target, folder: Path, embedded: bool) -> Path:
    from stacksync.template import render  # Copier takes half a second to import

    answers = target.connector.answers
    given = {name: Given(str(value), value, "NAME") for name, value in answers.items() if name[0] != "_"}
    source = source_for(answers, embedded=embedded)
    try:
        if target.is_module:
            return render_again(target.connector, target.folder, folder, embedded=embedded)
        render(source, folder, given)
    except UsageError:
        raise
    except StacksyncError as error:
        raise error if source.root else not_usable(source, error) from error
    return folder


def _compare(target: Target, name: str, made: Path) -> list[Drift]:
    path = target.folder / name
    file = target.connector.relative(path)
    if not path.is_file():
        return [Drift(file, "removed")]

    return [] if path.read_bytes() == made.read_bytes() else [Drift(file, "edited")]
