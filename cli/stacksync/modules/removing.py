"""Remove a module, or one version of it, unless that would lose work."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stacksync.connector import ANSWERS_FILE, Connector
from stacksync.errors import StacksyncError
from stacksync.git.command import ask
from stacksync.modules.adding import render_again
from stacksync.modules.copying import VersionCopy, files_in, named, versions_of, write_copy
from stacksync.staging import discard

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

_SHOWN = 8


@dataclass(frozen=True)
class Removal:
    """What to remove.

    Args:
        connector: The connector.
        path: The folder that goes: a version, or with its last version the module.
        versions: The versions in it.
        module: The module's versions, the oldest first.
    """

    connector: Connector
    path: Path
    versions: "list[VersionFolder]"
    module: "list[VersionFolder]"

    @property
    def files(self) -> list[str]:
        """The files that go, named from the connector's root."""
        if self.path.is_symlink():
            return [self.connector.relative(self.path)]
        return [self.connector.relative(path) for path in files_in(self.path)]


@dataclass(frozen=True)
class Loss:
    """A file that neither the template nor git could bring back as it is."""

    file: str
    why: str


def plan_removal(connector: Connector, module: str, version: str | None = None) -> Removal:
    """Choose what goes: one version, or by default all of them.

    Raises:
        UsageError: There is no such module or version.
    """
    versions = versions_of(connector, module)
    chosen = versions if version is None else [named(versions, version)]
    path = versions[0].path.parent if chosen == versions else chosen[0].path
    return Removal(connector, path, chosen, versions)


def remove(removal: Removal) -> None:
    """Remove the folder, all of it or nothing; of a link only the link.

    Raises:
        StacksyncError: The folder stands behind a link.
    """
    removal.connector.refuse_links(removal.path.parent)
    discard(removal.path)


def refuse_losses(removal: Removal, losses: list[Loss]) -> None:
    """Refuse to lose anything.

    Raises:
        StacksyncError: There is something to lose.
    """
    if not losses:
        return

    listed = ", ".join(f"{loss.file} ({loss.why})" for loss in losses[:_SHOWN])
    more = f" and {len(losses) - _SHOWN} more" if len(losses) > _SHOWN else ""
    shown = removal.connector.relative(removal.path)
    raise StacksyncError(f"{shown} holds work that would be lost: {listed}{more}.", "--force removes it all the same")


def losses_of(removal: Removal) -> list[Loss]:
    """Return what would be lost: edits of what was generated, and otherwise what no commit holds."""
    if removal.path.is_symlink():
        return [Loss(removal.connector.relative(removal.path), f"a link to {removal.path.readlink()}")]

    committed = _committed(removal.path)
    judged = {file: why for version in removal.versions for file, why in _judged(removal, version).items()}
    losses = []
    for file in files_in(removal.path):
        reasons = [judged.get(file, ""), "" if file in committed else "not committed"]
        if judged.get(file, reasons[1]):
            losses.append(Loss(removal.connector.relative(file), ", ".join(filter(None, reasons))))
    return losses


def _committed(folder: Path) -> set[Path]:
    """Return the files that are as the last commit has them."""
    listed = ask(folder, "ls-tree", "-r", "-z", "--name-only", "HEAD") or ""
    changed = ask(folder, "diff", "-z", "--name-only", "--relative", "HEAD") or ""
    return {folder / name for name in {*listed.split("\0")} - {*changed.split("\0"), ""}}


def _judged(removal: Removal, version: "VersionFolder") -> dict[Path, str]:
    """Return for each file of a version whether it is as it was generated; nothing where that cannot be known."""
    files = {path: path.relative_to(version.path).as_posix() for path in files_in(version.path)}
    best: dict[Path, str] = {}
    for generated in _generated(removal, version):
        found = {path: _difference(path, generated.get(name)) for path, name in files.items()}
        if not any(found.values()):
            return found
        best = min(filter(None, [best, found]), key=lambda each: sum(map(bool, each.values())))
    return best


def _difference(path: Path, generated: bytes | None) -> str:
    if generated is None:
        return "added"

    return "" if _is_plain(path) and path.read_bytes() == generated else "edited"


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _generated(removal: Removal, version: "VersionFolder") -> Iterator[dict[str, bytes]]:
    """Yield what the commands would make of this version now: copies of the older ones, and the template's module."""
    connector = removal.connector
    with TemporaryDirectory(prefix="stacksync-") as folder:
        for older in removal.module[: removal.module.index(version)]:
            copy = Path(folder) / older.version
            write_copy(VersionCopy(connector, older, version.path), copy)
            yield _content(copy)

        if (version.path / ANSWERS_FILE).is_file():
            with suppress(StacksyncError):
                yield _content(render_again(connector, version.path, Path(folder) / "connector"))


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_in(folder) if _is_plain(path)}
