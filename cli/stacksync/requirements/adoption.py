"""The requirements of a connector that becomes one of ours: its own and the runtime's, without its SDK.

`requirements.txt` and the files that it includes keep their order, comments, markers and options. The template's lines
stand below them as in its own file, with its comments: a release that changes one finds it there, and merges. Nothing
is written here: the texts are handed to whoever adopts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from stacksync.connector import Connector
from stacksync.git.addresses import without_secrets
from stacksync.inspection.survey import Survey
from stacksync.requirements.adopted_files import RequirementsFile, RequirementsFiles
from stacksync.requirements.file import FILE, RequirementLine, requirement_lines
from stacksync.requirements.imports import brings
from stacksync.requirements.sdk import BROUGHT, PINS, is_sdk
from stacksync.requirements.sdk_places import (
    Line,
    asked_by_project,
    imported_of_sdk,
    installed_by_images,
    lines_that_name_sdk,
    requirements_of_images,
)
from stacksync.requirements.versions import can_agree

# What the packages that the runtime asks for ask for themselves, as their metadata has it in the oldest versions that
# are asked for: flask 3.1.3, requests 2.33, werkzeug 3.1.6. A pin below one of these leaves nothing to install.
_NEEDED_FURTHER = """\
    blinker>=1.9.0
    certifi>=2023.5.7
    charset-normalizer>=2,<4
    click>=8.1.3
    idna>=2.5,<4
    itsdangerous>=2.2.0
    jinja2>=3.1.2
    markupsafe>=2.1.1
"""
_PROJECT_COMMENT = "# What pyproject.toml asked for."
_IMAGE_COMMENT = "# What the connector's image installed beside its requirements."
_IMPORTED_COMMENT = "# What the connector's code imports; the SDK it was written for installed these."


@dataclass(frozen=True)
class Addition:
    """A requirement that was added, and why."""

    requirement: str
    reason: str


@dataclass(frozen=True)
class Conflict:
    """A requirement that admits no version which the runtime can use.

    Args:
        name: The package.
        theirs: What the connector asks for.
        needed: What the runtime needs.
        place: FILE:LINE.
    """

    name: str
    theirs: str
    needed: str
    place: str


@dataclass(frozen=True)
class AdoptedRequirements:
    """What becomes of a connector's requirements.

    Args:
        text: The new requirements.txt.
        removed: The lines that installed the SDK, in requirements and constraints files.
        added: What was added to requirements.txt.
        conflicts: The requirements that stand in the way; with `raise_pins` none is left.
        other_places: Where else the SDK is installed, which is for the user to change.
        other_files: The new texts of other requirements and constraints files that change, by their names.
        raised: The requirements that were raised to what the runtime needs: pins that came with the SDK, and with
            `raise_pins` those of the connector.
        bounded: The names without a version that got the bounds of the runtime.
        without_hashes: Hashes were taken out: pip refuses a file in which only some lines have any.
    """

    text: str
    removed: tuple[Line, ...] = ()
    added: tuple[Addition, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    other_places: tuple[Line, ...] = ()
    other_files: Mapping[str, str] = field(default_factory=dict)
    raised: tuple[Conflict, ...] = ()
    bounded: tuple[str, ...] = ()
    without_hashes: bool = False


def adopt_requirements(
    connector: Path, ours: str, *, file: str = FILE, raise_pins: bool = False
) -> AdoptedRequirements:
    """Return a connector's requirements together with ours.

    Args:
        connector: The connector's folder.
        ours: The template's file of the same name.
        file: Which file it is; what the code imports and the image installs is added to requirements.txt only.
        raise_pins: Raise the pins that stand in the way.
    """
    survey = Survey(Connector(connector))
    files = RequirementsFiles(survey.connector, survey.files, file)
    adoption = _Adoption(files, _Ours(ours), raise_pins)
    if file == FILE:
        adoption.include_files_of_images(survey)
    adoption.take_out_sdk()
    if file == FILE:
        adoption.add_what_project_asks_for(survey)
        adoption.add_what_images_install(survey)
        adoption.add_what_is_imported(survey)
    adoption.hold_against_ours()
    adoption.add_ours()
    removed = adoption.removed_places
    return adoption.result(line for line in lines_that_name_sdk(survey, files) if line.place not in removed)


class _Ours:
    """The template's requirements file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.lines = tuple(requirement_lines(text))
        self.names = frozenset(line.name for line in self.lines if line.requirement)

    @cached_property
    def needed(self) -> Mapping[str, Requirement]:
        """What each package has to meet, by its name."""
        lines = [*requirement_lines(_NEEDED_FURTHER), *self.lines]
        return {line.name: line.requirement for line in lines if line.requirement}

    def written(self, line: RequirementLine) -> str:
        """Return a line without its comment."""
        return self._text[line.start : line.end].partition(" #")[0].strip()

    def block(self, *lines: RequirementLine) -> list[str]:
        """Return lines and what stands above each, below the comments about the whole file: the first line's."""
        found = self._above(self.lines[0])
        for line in lines:
            above = [] if line is self.lines[0] else self._above(line)
            found += [*above, *self._text[line.start : line.whole].splitlines()]
        return found

    def _above(self, line: RequirementLine) -> list[str]:
        """Return the comments right above a line, and the empty line above those."""
        above: list[str] = []
        for text in reversed(self._text[: line.start].splitlines()):
            if text and not text.startswith("#"):
                break
            above.insert(0, text)
        return above


class _Adoption:
    """The requirements of one connector on their way."""

    def __init__(self, files: RequirementsFiles, ours: _Ours, raise_pins: bool) -> None:
        self._files, self._ours, self._raise_pins = files, ours, raise_pins
        self._removed, self._added = list[Line](), list[Addition]()
        self._conflicts, self._raised = list[Conflict](), list[Conflict]()
        self._bounded = dict[str, None]()
        self._new = set[str]()

    def take_out_sdk(self) -> None:
        """Take out each line that installs an SDK, from every requirements and constraints file."""
        for file in self._files.all:
            for line in filter(is_sdk, file.lines if file.is_own else ()):
                self._removed.append(Line(file.place(line), without_secrets(file.written(line))))
                file.remove(line)

    def include_files_of_images(self, survey: Survey) -> None:
        """Include the files that only Dockerfiles name: those of the template take their place."""
        for place, name in requirements_of_images(survey):
            if self._files.include(name):
                self._added.append(Addition(f"-r {name}", f"{place} installs it"))

    def add_what_project_asks_for(self, survey: Survey) -> None:
        """Add what pyproject.toml asks for, where it is the connector's only list of packages."""
        if not self._files.main.before and not self._names:
            lines = [self._add_theirs(place, line, "asks for") for place, line in asked_by_project(survey)]
            self._append(_PROJECT_COMMENT, lines)

    def add_what_images_install(self, survey: Survey) -> None:
        """Add the packages that only Dockerfiles install."""
        lines: list[str] = []
        for place, line in installed_by_images(survey):
            if line.name not in self._names | self._ours.names:
                lines.append(self._add_theirs(place, line, "installs"))
        self._append(_IMAGE_COMMENT, lines)

    def add_what_is_imported(self, survey: Survey) -> None:
        """Add what the connector's code imports and only the SDK brought."""
        lines: list[str] = []
        for module, place in imported_of_sdk(survey).items():
            name = Requirement(BROUGHT[module]).name
            if name not in self._names | self._ours.names and not brings(self._names, module):
                reason = f"{place} imports {module}, which only the SDK installed"
                lines.append(self._add(name, BROUGHT[module], reason))
        self._append(_IMPORTED_COMMENT, sorted(lines))

    def hold_against_ours(self) -> None:
        """Find the lines that no version can meet together with ours, and give names without a version our bounds."""
        for file in self._files.reached:
            for line in file.lines:
                needed = self._ours.needed.get(line.name)
                if needed and line.requirement and not line.requirement.url and not is_sdk(line):
                    self._hold(file, line, line.requirement, needed)

    def add_ours(self) -> None:
        """Add what the runtime needs and the connector does not ask for."""
        names, reached = self._names, {file.name for file in self._files.reached}
        lines = [
            line
            for line in self._ours.lines
            if line.name not in names and not (line.included and line.included in reached)
        ]
        for line in lines:
            self._add(line.name, self._ours.written(line), "the runtime needs it")
        if lines:
            self._files.main.append(self._ours.block(*lines))

    def result(self, other_places: Iterable[Line]) -> AdoptedRequirements:
        """Return what became of it."""
        unhashed = self._drop_hashes()
        main, rest = self._files.main, self._files.all[1:]
        return AdoptedRequirements(
            text=main.text,
            removed=tuple(self._removed),
            added=tuple(self._added),
            conflicts=tuple(self._conflicts),
            other_places=tuple(other_places),
            other_files={file.name: file.text for file in rest if file.is_changed},
            raised=tuple(self._raised),
            bounded=tuple(self._bounded),
            without_hashes=unhashed,
        )

    @property
    def removed_places(self) -> frozenset[str]:
        """Where a line was taken out."""
        return frozenset(line.place for line in self._removed)

    @property
    def _names(self) -> frozenset[str]:
        """What is installed by now."""
        return self._files.names | self._new

    def _add(self, name: str, wanted: str, reason: str) -> str:
        self._new.add(name)
        self._added.append(Addition(without_secrets(wanted), reason))
        return wanted

    def _add_theirs(self, place: str, line: RequirementLine, verb: str) -> str:
        wanted, needed = str(line.requirement or line.location), self._ours.needed.get(line.name)
        if needed and line.requirement and not can_agree(line.requirement.specifier, needed.specifier):
            conflict = Conflict(line.name, wanted, needed.name + _versions(needed), place)
            (self._raised if self._raise_pins else self._conflicts).append(conflict)
            wanted = conflict.needed if self._raise_pins else wanted
        return self._add(line.name, wanted, f"{place} {verb} it")

    def _append(self, comment: str, lines: list[str]) -> None:
        if lines:
            self._files.main.append([comment, *lines])

    def _hold(self, file: RequirementsFile, line: RequirementLine, theirs: Requirement, needed: Requirement) -> None:
        if not theirs.specifier:
            self._bound(file, line, needed)
        elif not can_agree(theirs.specifier, needed.specifier):
            wanted = needed.name + _versions(needed)
            conflict = Conflict(line.name, f"{theirs.name}{theirs.specifier}", wanted, file.place(line))
            can_be_raised = file.is_own and (self._raise_pins or _came_with_sdk(line))
            (self._raised if can_be_raised else self._conflicts).append(conflict)
            if can_be_raised:
                file.set_versions(line, _versions(needed))

    def _bound(self, file: RequirementsFile, line: RequirementLine, needed: Requirement) -> None:
        if line.name in self._ours.names and file.is_own and not file.is_constraints:
            file.set_versions(line, _versions(needed))
            self._bounded[line.name] = None

    def _drop_hashes(self) -> bool:
        """Take out the hashes where lines without any were added: pip takes all lines with hashes, or none."""
        hashed = any(line.hashed for file in self._files.reached for line in file.lines)
        for file in self._files.reached if hashed and (self._added or self._raised) else ():
            file.drop_hashes()
        return hashed and bool(self._added or self._raised)


def _versions(needed: Requirement) -> str:
    """Return the versions in the order in which people write them: the lower bound first."""
    return ",".join(sorted(map(str, needed.specifier), key=lambda each: (each[0] == "<", each)))


def _came_with_sdk(line: RequirementLine) -> bool:
    try:
        return line.name in PINS and Version(line.version) == Version(PINS[line.name])
    except InvalidVersion:  # it is no pin
        return False
