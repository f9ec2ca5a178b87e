"""Rules about the repository that the connector lives in."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.places import TextFile
from stacksync.inspection.release import own_release
from stacksync.inspection.survey import Survey
from stacksync.inspection.tracked import ignored_though_tracked
from stacksync.plain_files import without_waiting
from stacksync.rules.rule import CheckRule
from stacksync.runtime import SCHEMA_FILE
from stacksync.runtime.source import TEMPLATE

RUNTIME = "src/runtime"
# Only there where a connector has one of the compatibility packages.
OPTIONAL = f"{RUNTIME}/compat/"
LARGEST = 1_000_000

_MARK = re.compile(r"^(<{7}|={7}|>{7})(?:[ \t].*)?\r?$", re.MULTILINE)
_RELEASE = re.compile(r"v\d+(\.\d+)*")
_ENV = re.compile(r"\.env(\..+)?")
_ENV_MODELS = {".env.example", ".env.sample", ".env.template", ".env.dist"}


class TrackedEnv(CheckRule):
    """Secrets are not in git."""

    code = "REP001"
    title = "A .env file is in git"
    why = "Whoever can read the repository, now or later, has the secrets in it."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the .env files that git tracks."""
        for name in sorted(survey.tracked.tracked if survey.tracked else ()):
            last = PurePosixPath(name).name
            if _ENV.fullmatch(last) and last not in _ENV_MODELS:
                place = (survey.text(name) or TextFile(survey.root / name, name)).place()
                tip = f"git rm --cached {name}, add it to .gitignore, and replace the secrets in it"
                yield self.found(place, "git tracks this file", tip)


class IgnoredSchema(CheckRule):
    """Forms reach whoever clones the repository."""

    code = "REP002"
    title = "A schema.json is ignored by git"
    why = "It is on this machine only: the deployed module has no form, and nothing says so."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the forms that no commit would hold, and the first that one holds by force."""
        forms = {f"{each.name}/{SCHEMA_FILE}": each.schema.file for each in survey.versions if each.schema}
        for name, file in forms.items() if survey.tracked else ():
            if survey.tracked and survey.tracked.ignores(name):
                yield self.found(file.place(), "git ignores this file", _which_line(name))
        forced = ignored_though_tracked(survey.root) & forms.keys() if survey.tracked and forms else ()
        for name in sorted(forced)[:1]:
            message = (
                "a .gitignore covers this file: it was added by force, and the next module's form will be left out"
            )
            yield self.found(forms[name].place(), message, _which_line(name), severity="warning")


def _which_line(name: str) -> str:
    return f"git check-ignore -v --no-index {name} names the line to remove"


class Conflict(CheckRule):
    """No merge is left half done."""

    code = "REP003"
    title = "A file holds an unresolved conflict"
    why = "An update or a merge left both sides in it; whoever reads the file next gets neither."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the beginning of every conflict, and the files that an update left beside others."""
        for name in survey.files:
            if name.endswith(".rej"):
                place = TextFile(survey.root / name, name).place()
                yield self.found(place, "an update could not be applied here", "apply it by hand, and remove the file")
            file = survey.text(name) if _may_conflict(f"{survey.root}/{name}") else None
            for start in _conflicts(file.text) if file else ():
                tip = "keep what is right, and remove the lines with <<<<<<<, ======= and >>>>>>>"
                yield self.found(file.place(start, start + 7), "a conflict begins here", tip)  # type: ignore[union-attr]


def _may_conflict(path: str) -> bool:
    try:
        with open(path, "rb", opener=without_waiting) as file:
            return b"<<<<<<<" in (file.read(LARGEST) or b"")
    except OSError:
        return False


def _conflicts(text: str) -> Iterator[int]:
    """Yield where `<<<<<<<` begins a line that `=======` and `>>>>>>>` follow, in this order."""
    start, middle = -1, False
    for mark in _MARK.finditer(text):
        if mark[1] == "<<<<<<<":
            start, middle = mark.start(), False
        elif mark[1] == "=======":
            middle = start >= 0
        elif middle:
            yield start
            start, middle = -1, False


class EditedRuntime(CheckRule):
    """The runtime is the template's."""

    code = "REP004"
    title = "A file of src/runtime was edited"
    why = "It is the template's: the next update has to merge into the edit, and may meet a conflict."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the files that differ, where the release that they came from is the one at hand."""
        release = str(survey.connector.answers.get("_commit"))
        if not _RELEASE.fullmatch(release) or release != own_release():
            return

        for file in sorted((TEMPLATE / RUNTIME).rglob("*.py")):
            name = f"{RUNTIME}/{file.relative_to(TEMPLATE / RUNTIME).as_posix()}"
            path, tip = survey.root / name, "move what is yours to a file of your own under src/"
            if not path.is_file() and name.startswith(OPTIONAL):
                continue
            if not path.is_file():
                place = TextFile(path, name).place()
                yield self.found(place, "the runtime's file was removed", "bring it back from git")
            elif _lines(path) != _lines(file):
                yield self.found(TextFile(path, name).place(), f"the file is not that of {release}", tip)


def _lines(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


RULES: tuple[type[CheckRule], ...] = (TrackedEnv, IgnoredSchema, Conflict, EditedRuntime)
