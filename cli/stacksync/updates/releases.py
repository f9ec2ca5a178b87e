"""The releases of a template: which there are, and what each changed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.errors import StacksyncError, UsageError
from stacksync.git.addresses import git_address
from stacksync.git.isolation import Isolation, isolated
from stacksync.source import TemplateSource

CHANGELOG = "documentation/changelog.md"

_TAG = re.compile(r"(?:v|(?=\d+\.))(\d+(?:\.\d+)*)")  # digits alone are a commit
_COMMIT_AFTER = re.compile(r"(.+)-\d+-g[0-9a-f]+")
_HEADING = re.compile(r"(?m)^## \[?v?(\d+(?:\.\d+)*)\]?.*$")


@dataclass(frozen=True)
class Notes:
    """What the changelog says of one release."""

    version: str
    text: str


def numbers(ref: str) -> tuple[int, ...] | None:
    """Return what a release is compared by: of a commit after a release, that release; None of any other commit."""
    after = _COMMIT_AFTER.fullmatch(ref)
    match = _TAG.fullmatch(after[1] if after else ref)
    return tuple(map(int, re.sub(r"(\.0+)+$", "", match[1]).split("."))) if match else None


def is_newer(release: str, current: str) -> bool:
    """Tell whether a release comes after what there is: a commit after a release has that release already."""
    return (numbers(release) or ()) > (numbers(current) or ())


def releases_of(source: TemplateSource, folder: Path) -> list[str]:
    """Return the tags of the final releases, the oldest first.

    Args:
        source: The template.
        folder: Where a relative address starts.

    Raises:
        StacksyncError: The template cannot be reached.
    """
    address = _absolute(source, folder)
    try:
        with _fetching(source, folder) as (isolation, place):
            listed = isolation.git(place, "ls-remote", "--tags", "--refs", "--", address).decode()
    except StacksyncError as error:
        fault = f"The template at {address} cannot be reached: {error}"
        raise StacksyncError(fault, _tip(address, error)) from error

    tags = [line.rpartition("refs/tags/")[2] for line in listed.splitlines()]
    return sorted((tag for tag in tags if _TAG.fullmatch(tag)), key=lambda tag: numbers(tag) or ())


def choose(releases: list[str], wanted: str | None) -> str:
    """Return the release to go to: the newest, or the one that is wanted.

    Raises:
        StacksyncError: There is none.
        UsageError: The wanted one is none.
    """
    if not releases:
        tip = "a release is a tag such as v1.2.0 of the template's repository: tag one there, or wait for its first"
        raise StacksyncError("The template has no release yet.", tip)
    if wanted is None:
        return releases[-1]

    found = next((tag for tag in releases if wanted in (tag, tag.removeprefix("v"))), None)
    if found is None:
        raise UsageError(f"--to: the template has no release {wanted}.", f"the newest is {releases[-1]}")
    return found


def notes_between(source: TemplateSource, folder: Path, current: str, tag: str) -> list[Notes]:
    """Return what changed after `current` up to the release `tag`, from its changelog; empty where it has none.

    Raises:
        StacksyncError: The release cannot be fetched.
    """
    address = _absolute(source, folder)
    shallow = [] if Path(address).exists() else ["--depth=1"]
    with _fetching(source, folder) as (isolation, place):
        isolation.git(place, "init", "--quiet", "--bare")
        reference = f"refs/tags/{tag}:refs/tags/{tag}"
        isolation.git(place, "fetch", "--quiet", "--no-tags", *shallow, "--", address, reference)
        listed = isolation.git(place, "ls-tree", "--name-only", tag, "--", CHANGELOG)
        text = isolation.git(place, "show", f"{tag}:{CHANGELOG}").decode(errors="replace") if listed else ""
    return [notes for notes in read_changelog(text) if _between(current, notes.version, tag)]


@contextmanager
def _fetching(source: TemplateSource, folder: Path) -> Iterator[tuple[Isolation, Path]]:
    """Yield git for fetching, and an empty folder that is in no repository, whose settings might name programs."""
    with isolated(folder, source.access) as isolation, TemporaryDirectory(prefix="stacksync-") as place:
        isolation.variables["GIT_CEILING_DIRECTORIES"] = str(Path(place).parent)
        yield isolation, Path(place)


def _absolute(source: TemplateSource, folder: Path) -> str:
    address = git_address(str(source.src_path))
    return str(folder / address) if (folder / address).exists() else address


def read_changelog(text: str) -> list[Notes]:
    """Return the releases that a changelog describes, in its order."""
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    return [Notes(heading[1], text[heading.end() : end].strip()) for heading, end in zip(headings, ends, strict=False)]


def _between(current: str, version: str, tag: str) -> bool:
    return is_newer(version, current) and not is_newer(version, tag)


def _tip(address: str, error: StacksyncError) -> str:
    if Path(address).is_absolute():
        return "it is a folder of one machine: set _src_path in .copier-answers.yml to an address, and commit that"
    return error.tip or "--offline takes the releases that came with this command"
