"""What a build can copy: a folder without what .dockerignore names, read as Docker reads it.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

import hashlib
import os
import posixpath
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pathspec import PathSpec


@dataclass(frozen=True)
class Context:
    """A folder whose files can be copied, but for those that a pattern excludes."""

    folder: Path
    ignored: PathSpec[Any] = field(default_factory=lambda: read_patterns(""))

    def excludes(self, path: str) -> bool:
        """Say whether a path is left out: the last pattern that matches decides. The folder itself never is."""
        return path != "." and self.ignored.match_file(path)

    def paths(self) -> list[str]:
        """Return every file, folder and link that can be copied."""
        return self._below(".")

    def matching(self, source: str) -> list[str]:
        """Return the paths that the source of a COPY names; the folder itself is `.`."""
        wanted = cleaned(source)
        found = self.folder.glob(wanted) if wanted != "." else [self.folder]
        names = (each.relative_to(self.folder).as_posix() for each in found)
        return sorted(name for name in names if not self.excludes(name))

    def copy(self, path: str, place: Path, *, into: bool) -> Iterator[str]:
        """Copy a file, or what a folder holds, and yield what tells each from another. All of it belongs to root."""
        if not is_folder(self.folder / path):
            yield copy_one(self.folder / path, place / Path(path).name if into else place)
            return

        place.mkdir(parents=True, exist_ok=True)
        for name in self._below(path):
            yield name + copy_one(self.folder / name, place / os.path.relpath(name, path))

    def _below(self, path: str) -> list[str]:
        walked = os.walk(self.folder / path)
        found = (Path(parent, name) for parent, folders, files in walked for name in (*folders, *files))
        names = (each.relative_to(self.folder).as_posix() for each in found)
        return sorted(name for name in names if not self.excludes(name))


def build_context(folder: Path) -> Context:
    """Return what `docker build` of a folder can copy."""
    file = folder / ".dockerignore"
    return Context(folder, read_patterns(file.read_text("utf-8") if file.exists() else ""))


def read_patterns(text: str) -> PathSpec[Any]:
    """Read the lines of .dockerignore: as of .gitignore, but that each begins at the root, and may be indented."""
    lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
    rooted = [f"{'!' * line.startswith('!')}/{cleaned(line.lstrip('!'))}" for line in lines if line]
    return PathSpec.from_lines("gitignore", rooted)


def cleaned(path: str) -> str:
    """Return a path from the root of the context: `/a`, `./a` and `a/` are `a`."""
    return posixpath.normpath(path.strip()).lstrip("/") or "."


# --- copying -------------------------------------------------------------------------------------


def is_folder(path: Path) -> bool:
    """Say whether this is a folder, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def copy_one(source: Path, target: Path) -> str:
    """Copy a file, a link, or a folder without what it holds, and return its mode and what is in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_folder(source):
        target.mkdir(exist_ok=True)
        shutil.copystat(source, target)
        return oct(target.stat().st_mode)

    # What is there may be the same file as in a layer.
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)
    content = bytes(target.readlink()) if target.is_symlink() else target.read_bytes()
    return f"{oct(target.lstat().st_mode)} {hashlib.sha256(content).hexdigest()}"
