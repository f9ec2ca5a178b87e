"""The releases of a template: which there are, and what each changed."""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.errors import StacksyncError, UsageError
from stacksync.updates.repository import git

CHANGELOG = "documentation/changelog.md"

_TAG = re.compile(r"(?:v|(?=\d+\.))(\d+(?:\.\d+)*)")  # digits alone are a commit
_COMMIT_AFTER = re.compile(r"(.+)-\d+-g[0-9a-f]+")
_HEADING = re.compile(r"(?m)^## \[?v?(\d+(?:\.\d+)*)\]?.*$")
_SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


@dataclass(frozen=True)
class Notes:
    """What the changelog says of one release."""

    version: str
    text: str


def git_address(origin: str) -> str:
    """Return what git calls the origin that an answers file records."""
    for short, full in _SHORT.items():
        if origin.startswith(short):
            return f"{full}{origin.removeprefix(short).removesuffix('.git')}.git"
    return str(Path(origin).expanduser()) if origin.startswith("~") else origin.removeprefix("git+")


def numbers(ref: str) -> tuple[int, ...] | None:
    """Return what a release is compared by: of a commit after a release, that release; None of any other commit."""
    after = _COMMIT_AFTER.fullmatch(ref)
    match = _TAG.fullmatch(after[1] if after else ref)
    return tuple(map(int, re.sub(r"(\.0+)+$", "", match[1]).split("."))) if match else None


def is_newer(release: str, current: str) -> bool:
    """Tell whether a release comes after what there is: a commit after a release has that release already."""
    return (numbers(release) or ()) > (numbers(current) or ())


def releases_of(address: str, folder: Path) -> list[str]:
    """Return the tags of the final releases, the oldest first.

    Args:
        address: The template's.
        folder: Where a relative address starts.

    Raises:
        StacksyncError: The template cannot be reached.
    """
    try:
        listed = git(folder, "ls-remote", "--tags", "--refs", "--", address, GIT_TERMINAL_PROMPT="0").decode()
    except StacksyncError as error:
        raise StacksyncError(f"The template at {address} cannot be reached: {error}", _tip(address)) from error

    tags = [line.rpartition("refs/tags/")[2] for line in listed.splitlines()]
    return sorted((tag for tag in tags if _TAG.fullmatch(tag)), key=lambda tag: numbers(tag) or ())


def choose(releases: list[str], wanted: str | None) -> str:
    """Return the release to go to: the newest, or the one that is wanted.

    Raises:
        StacksyncError: There is none.
        UsageError: The wanted one is none.
    """
    if not releases:
        raise StacksyncError("The template has no release yet.")
    if wanted is None:
        return releases[-1]

    found = next((tag for tag in releases if wanted in (tag, tag.removeprefix("v"))), None)
    if found is None:
        raise UsageError(f"--to: the template has no release {wanted}.", f"the newest is {releases[-1]}")
    return found


def notes_between(address: str, folder: Path, current: str, tag: str) -> list[Notes]:
    """Return what changed after `current` up to the release `tag`, from its changelog; empty where it has none.

    Raises:
        StacksyncError: The release cannot be fetched.
    """
    with TemporaryDirectory(prefix="stacksync-") as store:
        place = Path(store)
        git(place, "init", "--quiet", "--bare", "--template=")
        shallow = [] if (folder / address).exists() else ["--depth=1"]
        absolute = str(folder / address) if not shallow else address
        git(place, "fetch", "--quiet", "--no-tags", *shallow, "--", absolute, f"refs/tags/{tag}:refs/tags/{tag}")
        listed = git(place, "ls-tree", "--name-only", tag, "--", CHANGELOG)
        text = git(place, "show", f"{tag}:{CHANGELOG}").decode(errors="replace") if listed else ""
    return [notes for notes in read_changelog(text) if _between(current, notes.version, tag)]


def read_changelog(text: str) -> list[Notes]:
    """Return the releases that a changelog describes, in its order."""
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    return [Notes(heading[1], text[heading.end() : end].strip()) for heading, end in zip(headings, ends, strict=True)]


def _between(current: str, version: str, tag: str) -> bool:
    return is_newer(version, current) and not is_newer(version, tag)


def _tip(address: str) -> str:
    if Path(address).is_absolute():
        return "it is a folder of one machine: set _src_path in .copier-answers.yml to an address, and commit that"
    return "--offline takes the releases that came with this command"
