"""What a build can copy: a folder without what .dockerignore names, read as Docker reads it.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

import hashlib
import os
import posixpath
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Pattern:
    """A line of .dockerignore."""

    expression: "re.Pattern[str]"
    excludes: bool

    def matches(self, path: str) -> bool:
        """Say whether it matches a path, or a folder that the path is in."""
        folders = (str(parent) for parent in PurePosixPath(path).parents)
        return any(self.expression.fullmatch(each) for each in (path, *folders) if each != ".")


@dataclass(frozen=True)
class Context:
    """A folder whose files can be copied, but for those that a pattern excludes."""

    folder: Path
    patterns: tuple[Pattern, ...] = ()

    def excludes(self, path: str) -> bool:
        """Say whether a path is left out: the last pattern that matches decides."""
        return next((each.excludes for each in reversed(self.patterns) if each.matches(path)), False)

    def paths(self) -> list[str]:
        """Return every file, folder and link that can be copied."""
        return self._below(".")

    def matching(self, source: str) -> list[str]:
        """Return the paths that the source of a COPY names; the folder itself is `.`."""
        wanted = cleaned(source)
        if not re.search(r"[*?\[]", wanted):
            there = os.path.lexists(self.folder / wanted) and not self.excludes(wanted)
            return [wanted] if there else []
        return [path for path in self.paths() if translated(wanted).fullmatch(path)]

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
    return Context(folder, read_patterns(file.read_text("utf-8")) if file.exists() else ())


def read_patterns(text: str) -> tuple[Pattern, ...]:
    """Read the lines of .dockerignore; a `#` is a comment at the beginning of a line only."""
    lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
    return tuple(Pattern(translated(cleaned(line.lstrip("!"))), not line.startswith("!")) for line in lines if line)


def cleaned(path: str) -> str:
    """Return a path from the root of the context: `/a`, `./a` and `a/` are `a`."""
    return posixpath.normpath(path.strip()).lstrip("/") or "."


def translated(pattern: str) -> "re.Pattern[str]":
    """Return a pattern of Docker as a regular expression: `*` stays in a folder, `**` is any number of them."""
    tokens = re.findall(r"\*\*/?|\\.|\[\^?[^]]+\]|.", pattern)
    last = len(tokens) - 1
    return re.compile("".join(_part(token, at_end=index == last) for index, token in enumerate(tokens)))


def _part(token: str, *, at_end: bool) -> str:
    if token.startswith("**"):
        return ".*" if at_end else "(.*/)?"
    if token.startswith("["):
        return token

    return {"*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token[-1]))


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
