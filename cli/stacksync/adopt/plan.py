"""What becomes of each file of a connector that is adopted: decided by names and contents alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from stacksync.adopt.existing import Existing
from stacksync.adopt.published import is_published
from stacksync.adopt.roles import MERGED, is_moved, same_role, stays
from stacksync.errors import StacksyncError

Fate = Literal["added", "replaced", "moved", "merged", "kept"]

LEGACY = "legacy"
# Without these nothing of the template works, so nothing may stand in their place.
_ESSENTIAL = ("src/runtime/", "workflows_cdk/", "stacksync_cdk/", "requirements.txt", "app_config.yaml")


@dataclass(frozen=True)
class Step:
    """What becomes of one file.

    Args:
        path: The file, from the connector's root.
        fate: What becomes of it. Only files of which something is to be said are `kept`.
        to: Where it is moved to; of a replaced one, the file that does the same.
        why: What there is to say, in words.
    """

    path: str
    fate: Fate
    to: str = ""
    why: str = ""


@dataclass(frozen=True)
class Plan:
    """What becomes of all files.

    Args:
        steps: Of each.
        taken: The files of the template that get their place.
        links: What stands in the place of others, and is no file.
        legacy: The folder of what was moved.
    """

    steps: list[Step]
    taken: list[str]
    links: list[str]
    legacy: str

    def paths(self, fate: Fate) -> list[str]:
        """Return the files of one fate."""
        return [step.path for step in self.steps if step.fate == fate]


@dataclass(frozen=True)
class Sides:
    """The files of both sides, from the connector's root.

    Args:
        user: The connector's own files.
        contents: What those of them hold that may be a namesake, the vendor's, or in the way.
        links: Its links and submodules, through which nothing is written.
        template: The contents of what the template makes.
        hidden: The names among those of which there is a file that git ignores, or settings of an editor that it would.
    """

    user: frozenset[str]
    contents: Mapping[str, bytes]
    links: frozenset[str]
    template: Mapping[str, bytes]
    hidden: frozenset[str] = frozenset()


def make_plan(existing: Existing, sides: Sides) -> Plan:
    """Decide what becomes of each file.

    Raises:
        StacksyncError: A file or folder of the connector stands where the template cannot do without its own.
    """
    return _Planning(existing, sides).plan()


class _Planning:
    """One plan in the making."""

    def __init__(self, existing: Existing, sides: Sides) -> None:
        self.existing = existing
        self.sides = sides
        self.folders = {folder.as_posix() for path in sides.template for folder in PurePosixPath(path).parents}
        self.own_folders = {folder.as_posix() for path in sides.user for folder in PurePosixPath(path).parents}
        self.legacy = _free_folder({*sides.user, *sides.links})
        self.links: list[str] = []

    def plan(self) -> Plan:
        """Make it."""
        taken = [path for path in sorted(self.sides.template) if self._is_taken(path)]
        steps = [self._beside(path) for path in taken if path in self.sides.user]
        steps += [Step(path, "added") for path in taken if path not in self.sides.user]
        steps += [self._kept(path) for path in sorted(self.sides.template) if path not in taken]
        steps += [self._alone(path) for path in sorted(self.sides.user) if path not in self.sides.template]
        return Plan([step for step in steps if step], taken, sorted(set(self.links)), self.legacy)

    def _is_taken(self, path: str) -> bool:
        """Tell whether the template's file gets its place."""
        link = next((link for link in self.sides.links if path == link or path.startswith(f"{link}/")), None)
        if link or path in self.own_folders:
            if path.startswith(_ESSENTIAL):
                raise _in_the_way(link or path, path, "a link or a submodule" if link else "a folder")
            self.links.append(link or path)
            return False
        return not (stays(path) and (path in self.sides.hidden or self._has(path)))

    def _has(self, path: str) -> bool:
        if path in self.sides.user:
            return True
        is_readme = path == "README.md"
        return is_readme and any(name.lower().startswith("readme") and "/" not in name for name in self.sides.user)

    def _beside(self, path: str) -> Step | None:
        """Decide about a file that both sides have, and where the template's comes."""
        content = self.sides.contents[path]
        if content == self.sides.template[path]:
            return None
        if path in MERGED:
            return Step(path, "merged")
        if is_published(path, content):
            return Step(path, "replaced", path)
        return self._moved(path)

    def _kept(self, path: str) -> Step | None:
        if path in self.sides.user and path not in ("main.py", "README.md"):
            return Step(path, "kept", why="yours stays, so the template's is not there")
        return None

    def _alone(self, path: str) -> Step | None:
        """Decide about a file that only the user has."""
        if self.existing.holds(path):
            return None
        if path in self.folders:
            return self._moved(path)

        published = is_published(path, self.sides.contents.get(path, b""))
        role = same_role(path) if published else None
        if role in self.sides.template:
            return Step(path, "replaced", role or "")
        if is_moved(path):
            return self._moved(path)
        if published and not stays(path):
            return Step(path, "kept", why="the vendor's template has it so; this one has nothing of the kind")
        return None

    def _moved(self, path: str) -> Step:
        return Step(path, "moved", f"{self.legacy}/{path}")


def _free_folder(taken: set[str]) -> str:
    """Return `legacy`, or the first name like it under which no file of these has a namesake."""
    names = (LEGACY, *(f"{LEGACY}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken and not any(f"{name}/{path}" in taken for path in taken))


def _in_the_way(place: str, path: str, what: str) -> StacksyncError:
    fault = f"{place} is {what}, where the template needs {path}."
    return StacksyncError(fault, "put a folder of files in its place and commit that; nothing was changed")
