"""Copy a version of a module to the next one."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stacksync.connector import Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.modules.renaming import Renaming
from stacksync.plain_files import read_plain
from stacksync.staging import staged

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

# What tools leave behind is no part of a version.
LEFT_BEHIND = ("__pycache__", "*.py[co]", ".*_cache", ".DS_Store")

_NUMBERED = re.compile(r"v[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class VersionCopy:
    """A copy to make.

    Args:
        connector: The connector.
        version: The version to copy.
        target: The copy's folder, which is not there yet.
    """

    connector: Connector
    version: "VersionFolder"
    target: Path

    @property
    def renaming(self) -> Renaming:
        """What becomes of the version's name in the copied files."""
        from stacksync.modules.listing import paths_of

        modules_dir = self.connector.relative(self.connector.modules_dir)
        return Renaming(
            modules_dir, self.version.module, self.version.version, self.target.name, tuple(paths_of(self.version))
        )


@dataclass(frozen=True)
class Copied:
    """What was copied, or would be; files are named from the copy's folder.

    Args:
        files: All of them.
        changed: Those in which the version followed.
        left: Lines that still say the old version, as FILE:LINE, for the user to judge.
    """

    files: list[str]
    changed: list[str]
    left: list[str]


def plan_copy(connector: Connector, module: str, source: str | None = None, target: str | None = None) -> VersionCopy:
    """Choose what to copy where.

    Args:
        connector: The connector.
        module: The module's folder.
        source: The version to copy; the newest by default.
        target: The new version; the next free number by default.

    Raises:
        UsageError: There is no such version, or the new one is there already or cannot be one.
    """
    versions = versions_of(connector, module)
    version = versions[-1] if source is None else named(versions, source)
    folder = version.path.parent
    numbers = [int(entry.name[1:]) for entry in folder.iterdir() if _NUMBERED.fullmatch(entry.name)]
    following = f"v{max(numbers, default=0) + 1}"
    target = following if target is None else target
    if not _NUMBERED.fullmatch(target):
        tip = f"--to {_meant_by(target) or following}"
        raise UsageError(f"--to: {target!r} is not a version, which is v and a number.", tip)
    if os.path.lexists(folder / target):
        raise UsageError(f"{connector.relative(folder / target)} exists already.", "leave out --to for the next number")

    return VersionCopy(connector, version, folder / target)


def _meant_by(name: str) -> str:
    """Return the version that was meant: `5`, `V5` and `v05` are v5."""
    number = re.fullmatch(r"[vV]?0*([1-9][0-9]{0,8})", name)
    return f"v{number[1]}" if number else ""


def versions_of(connector: Connector, module: str) -> "list[VersionFolder]":
    """Return the versions of a module, the newest last.

    Raises:
        UsageError: There is no such module.
    """
    connector.require_modules_dir()
    found = [version for version in connector.versions if version.module == module]
    if found:
        return found

    names = module_names(connector)
    near = [name for name in names if name in module.split("/")] or get_close_matches(module, names, n=1)
    tip = f"did you mean {near[0]}?" if near else f"the modules are {', '.join(names) or 'none'}"
    raise UsageError(f"There is no module {module!r} in {connector.relative(connector.modules_dir)}.", tip)


def module_names(connector: Connector) -> list[str]:
    """Return the names of the modules."""
    return list(dict.fromkeys(version.module for version in connector.versions))


def named(versions: "list[VersionFolder]", name: str) -> "VersionFolder":
    """Return the version of that name.

    Raises:
        UsageError: There is none.
    """
    found = [version for version in versions if version.version == name]
    if found:
        return found[0]

    known = [version.version for version in versions]
    tip = f"did you mean {_meant_by(name)}?" if _meant_by(name) in known else f"the versions are {', '.join(known)}"
    raise UsageError(f"There is no version {name!r} of {versions[0].module}.", tip)


def copy_version(copy: VersionCopy) -> Copied:
    """Make the copy.

    Raises:
        StacksyncError: It cannot be made, or would be made behind a link; nothing is left behind.
    """
    copy.connector.refuse_links(copy.target.parent)
    with staged(copy.target) as draft:
        return write_copy(copy, draft)


def preview_copy(copy: VersionCopy) -> Copied:
    """Tell what `copy_version` would make: the same copy, in a temporary folder."""
    with TemporaryDirectory(prefix="stacksync-") as folder:
        return write_copy(copy, Path(folder) / copy.target.name)


def write_copy(copy: VersionCopy, folder: Path) -> Copied:
    """Write the copied files into a folder that is not there yet."""
    try:
        shutil.copytree(copy.version.path, folder, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    except shutil.Error as error:  # holds a reason for each file that could not be copied
        raise StacksyncError(f"The version cannot be copied: {error.args[0][0][2]}.") from error
    renaming, files, changed, left = copy.renaming, [], [], []
    for path in files_in(folder):
        name = path.relative_to(folder).as_posix()
        files.append(name)
        before = _text(path)
        after = renaming.apply(PurePosixPath(name), before)
        left += [f"{name}:{line}" for line in renaming.left(after)]
        if after != before:
            path.write_bytes(after.encode())
            changed.append(name)

    return Copied(files, changed, left)


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files and links in a folder, sorted, without what tools leave behind."""
    left_behind = shutil.ignore_patterns(*LEFT_BEHIND)
    names = sorted(entry.name for entry in folder.iterdir())
    for name in names:
        path = folder / name
        if name in left_behind(str(folder), names):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files_in(path)
        else:
            yield path


def _text(path: Path) -> str:
    """Return the text of a file, empty where it has none to change."""
    try:
        return "" if path.is_symlink() else read_plain(path).decode()
    except UnicodeDecodeError:
        return ""
