"""Make a release, or refuse one whose parts disagree.

python cli/release.py prepare 0.2.0    # the version, the changelog, a commit, the tag; then push both
python cli/release.py verify           # what is checked out is the release of its tag
python cli/release.py verify dist/*.whl    # and so is what was built of it
"""

import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # run from a checkout, where the package need not be installed

from stacksync.checkout import RELEASES
from stacksync.errors import StacksyncError
from stacksync.git.command import ask
from stacksync.updates.releases import CHANGELOG, is_newer, numbers, read_changelog

ROOT = Path(__file__).parents[1]
VERSION_FILE = "cli/stacksync/__init__.py"

_UNRELEASED = re.compile(r"(?m)^## \[Unreleased\]\n")
_FROZEN = "template/src/modules/"  # examples are the user's from the first commit on: no update removes them
_MARKS = ("_tasks:", "_migrations:", "_jinja_extensions:")


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        if len(arguments) == 2 and arguments[0] == "prepare":
            sys.stdout.write(prepare(ROOT, arguments[1]) + "\n")
            return 0
        if arguments[:1] == ["verify"]:
            return _say(verify(ROOT, [Path(name) for name in arguments[1:]]))
    except StacksyncError as error:
        return _say([str(error)])

    sys.stderr.write(__doc__ or "")
    return 2


def prepare(root: Path, version: str) -> str:
    """Set the version, give the unreleased changes its number, commit and tag; return what to do next.

    Raises:
        StacksyncError: There is nothing to release, or something is in the way.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise StacksyncError(f"{version} is not a version: X.Y.Z.")
    if ask(root, "status", "--porcelain"):
        raise StacksyncError("There are uncommitted changes.")

    _rewrite(root / CHANGELOG, _UNRELEASED, f"## [Unreleased]\n\n## {version}\n")
    _rewrite(root / VERSION_FILE, re.compile(r'(?m)^__version__ = ".*"$'), f'__version__ = "{version}"')
    found = [*_changelog_faults(root, version), *_history_faults(root, f"v{version}")]
    if found:
        _run(root, "checkout", "--quiet", "--", CHANGELOG, VERSION_FILE)
        raise StacksyncError(" ".join(found))

    _run(root, "commit", "--quiet", "--message", f"Release {version}", "--", CHANGELOG, VERSION_FILE)
    _run(root, "tag", "--annotate", "--message", f"Release {version}", f"v{version}")
    return f"Made the commit and the tag v{version}. Next: git push origin HEAD v{version}"


def verify(root: Path, wheels: list[Path]) -> list[str]:
    """Return what disagrees: tag, version, changelog, what older connectors need, and each wheel."""
    tags = (ask(root, "tag", "--points-at", "HEAD", "--list", RELEASES) or "").split()
    if len(tags) != 1:
        return [f"The commit must have one release tag, and has {', '.join(tags) or 'none'}."]

    version = tags[0].removeprefix("v")
    found = [] if _version(root) == version else [f"{VERSION_FILE} says {_version(root)}, the tag {tags[0]}."]
    found += ["There are uncommitted changes."] if ask(root, "status", "--porcelain") else []
    found += [*_changelog_faults(root, version), *_history_faults(root, tags[0])]
    return found + [fault for wheel in wheels for fault in _wheel_faults(root, tags[0], wheel)]


def _changelog_faults(root: Path, version: str) -> Iterator[str]:
    text = (root / CHANGELOG).read_text(encoding="utf-8")
    notes = read_changelog(text)
    if not notes or notes[0].version != version:
        yield f"{CHANGELOG} begins with {notes[0].version if notes else 'no release'}, not with {version}."
    elif not notes[0].text:
        yield f"{CHANGELOG} says nothing of {version}."
    if re.search(r"(?m)^## \[Unreleased\]\n+(?!## )\S", text):
        yield f"{CHANGELOG} still has unreleased changes."


def _history_faults(root: Path, tag: str) -> Iterator[str]:
    """Yield what would break updates: a number that is not the newest, code that needs trust, files that vanish."""
    others = [each for each in (ask(root, "tag", "--list", RELEASES) or "").split() if each != tag and numbers(each)]
    newer = [each for each in others if not is_newer(tag, each)]
    if newer:
        yield f"{tag} is not newer than {newer[-1]}."
    if any(line.startswith(_MARKS) for line in (root / "copier.yml").read_text(encoding="utf-8").splitlines()):
        yield "copier.yml has what makes `copier update` ask for trust: tasks, migrations or extensions."
    if others:
        last = max(others, key=lambda each: numbers(each) or ())
        for name in sorted(_template_files(root, last) - _template_files(root, "HEAD")):
            yield f"{name} was in {last}: leave something at its place, an update would remove it with all edits."


def _template_files(root: Path, ref: str) -> set[str]:
    listed = (ask(root, "ls-tree", "-r", "--name-only", "-z", ref, "--", "template") or "").split("\0")
    return {name.removesuffix(".jinja") for name in listed if name and not name.startswith(_FROZEN)}


def _wheel_faults(root: Path, tag: str, wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        facts = json.loads(archive.read("stacksync/_source.json")) if "stacksync/_source.json" in names else {}
        held = {name: archive.read(name) for name in names if name.startswith("stacksync/_template/")}
        bundle = archive.read("stacksync/_template.bundle") if "stacksync/_template.bundle" in names else b""

    if f"-{tag.removeprefix('v')}-" not in wheel.name:
        yield f"{wheel.name} is not of version {tag.removeprefix('v')}."
    if (facts.get("ref"), facts.get("exact"), facts.get("dirty")) != (tag, True, False):
        yield f"{wheel.name} was built of {facts.get('ref')}, not of a clean checkout of {tag}."
    if held != _embedded(root, tag):
        yield f"{wheel.name} does not carry the template of {tag}."
    if _bundled(bundle) != _tagged(root):
        yield f"{wheel.name} does not carry the releases of this repository."


def _embedded(root: Path, tag: str) -> dict[str, bytes]:
    packed = subprocess.run(
        ["git", "-C", str(root), "archive", tag, "copier.yml", "template"], capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        files = [(entry.name, archive.extractfile(entry)) for entry in archive if entry.isfile()]
        return {f"stacksync/_template/{name}": file.read() for name, file in files if file}


def _tagged(root: Path) -> set[str]:
    return set(
        (ask(root, "for-each-ref", "--format=%(objectname) %(refname)", f"refs/tags/{RELEASES}") or "").split("\n")
    )


def _bundled(bundle: bytes) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "releases.bundle"
        path.write_bytes(bundle)
        return set((ask(Path(folder), "bundle", "list-heads", str(path)) or "").split("\n"))


def _version(root: Path) -> str:
    match = re.search(r'(?m)^__version__ = "(.*)"$', (root / VERSION_FILE).read_text(encoding="utf-8"))
    return match[1] if match else "nothing"


def _rewrite(path: Path, pattern: "re.Pattern[str]", text: str) -> None:
    path.write_text(pattern.sub(lambda _: text, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")


def _run(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True)


def _say(found: list[str]) -> int:
    sys.stderr.writelines(f"Error: {fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
