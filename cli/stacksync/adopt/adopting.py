"""Adopt a connector: rehearsed in a copy, verified, then put in place as an update is."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stacksync.adopt import lock
from stacksync.adopt.answering import rendered
from stacksync.adopt.app_config import merged_config
from stacksync.adopt.existing import Existing, read_existing
from stacksync.adopt.merging import decoded, encoded, merged_patterns, merged_requirements
from stacksync.adopt.plan import Plan, Sides, Step, make_plan
from stacksync.adopt.roles import is_looked_at
from stacksync.adopt.tool_settings import Before, merged_settings, with_exclusions
from stacksync.adopt.verification import refuse_losses
from stacksync.answers import Given
from stacksync.errors import StacksyncError
from stacksync.git.command import GitError, git
from stacksync.git.isolation import isolated
from stacksync.requirements.adoption import AdoptedRequirements, adopt_requirements
from stacksync.requirements.file import DEV_FILE, FILE, LOCK
from stacksync.runtime import CONFIG_FILE
from stacksync.source import TemplateSource
from stacksync.staging import normalise_modes
from stacksync.updates.applying import apply
from stacksync.updates.rehearsal import Change, Rehearsal, committed_files, write_files
from stacksync.updates.repository import Repository, find_repository
from stacksync.updates.store import Store, TreeEntry, make_store
from stacksync.updates.update import refuse_another_commit, refuse_uncommitted

if TYPE_CHECKING:
    from stacksync.inspection.inspection import Inspection

SETTINGS = "pyproject.toml"
_PATTERNS = (".dockerignore", ".gitattributes", ".gitignore")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What to adopt.

    Args:
        root: The connector's folder.
        source: The template.
        given: Answers by the name of the question, which go before what the files say.
        raises_pins: Asked with the pins that exclude what the runtime needs: whether to raise them.
    """

    root: Path
    source: TemplateSource
    given: Mapping[str, Given] = field(default_factory=dict)
    raises_pins: Callable[[AdoptedRequirements], bool] = lambda _: False


@dataclass(frozen=True)
class Adoption:
    """A connector as it is adopted.

    Args:
        existing: As it was.
        plan: What becomes of its files.
        refused: The answers that the template did not take, each with its rule.
        requirements: What became of its requirements.
        inspection: What `stacksync check` finds in the result.
        moved: The contents of the files that were moved.
        lines: Of files that were brought together, the lines of the user that gave way.
        lock_fault: Why requirements.lock is not that of the requirements; empty where it is.
        staged: The files that git ignores, and was told to take.
    """

    existing: Existing
    plan: Plan
    refused: Mapping[str, str]
    requirements: AdoptedRequirements
    inspection: "Inspection"
    moved: Mapping[str, bytes]
    lines: Mapping[str, list[str]]
    lock_fault: str
    staged: list[str]


def adopt(order: Order, tell: Tell) -> Adoption:
    """Adopt a connector; the changes are in its tree, and in no commit.

    Raises:
        StacksyncError: It cannot be adopted; nothing was changed.
    """
    refuse_uncommitted(order.root)
    with _rehearsed(order, tell) as (rehearsal, adoption):
        refuse_uncommitted(order.root)  # again: that took seconds, in which someone may have worked
        refuse_another_commit(rehearsal)
        tell("Writing")
        apply(rehearsal, str(order.source.ref), "adopt")
    return adoption


def preview(order: Order, tell: Tell) -> Adoption:
    """Tell what `adopt` would do; the connector is not touched.

    Raises:
        StacksyncError: It cannot be adopted.
    """
    refuse_uncommitted(order.root)
    with _rehearsed(order, tell) as (_, adoption):
        return adoption


@contextmanager
def _rehearsed(order: Order, tell: Tell) -> Iterator[tuple[Rehearsal, Adoption]]:
    repository = find_repository(order.root)
    with (
        isolated(repository.root, order.source.access) as isolation,
        TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as box,
    ):
        store = make_store(repository, isolation, Path(box, "copy"))
        yield _Rehearsing(order, repository, store, Path(box)).run(tell)


class _Rehearsing:
    """One rehearsal, in a folder of its own. Files are named from the connector's root."""

    def __init__(self, order: Order, repository: Repository, store: Store, box: Path) -> None:
        self.order = order
        self.repository = repository
        self.store = store
        self.box = box
        self.committed = committed_files(repository, store)
        self.before = self._inside(self.committed)
        self.existing = read_existing(repository.root, frozenset(self.before))
        self.merged: dict[str, tuple[bytes, bytes]] = {}
        self.lines: dict[str, list[str]] = {}

    def run(self, tell: Tell) -> tuple[Rehearsal, Adoption]:
        """Rehearse."""
        tell("Rendering the template")
        refused, template = self._render()
        sides = self._sides(template)
        plan = make_plan(self.existing, sides)
        requirements = self._requirements(sides)
        after = self._result(plan, template)
        tell("Bringing both together")
        fault = self._merge(sides, plan, requirements, after, tell)
        inspection = self._settle(sides, plan, after)
        told = [line for lines in self.lines.values() for line in lines]
        refuse_losses(self._files(self.before), after, plan, self.merged, told)
        staged = [path for path in plan.taken if path in sides.ignored]
        moved = {step.path: sides.contents[step.path] for step in plan.steps if step.fate == "moved"}
        adoption = Adoption(
            self.existing, plan, refused, requirements, inspection, moved, self.lines, fault, staged
        )
        return self._rehearsal(after, staged), adoption

    def _inside(self, files: Mapping[str, TreeEntry]) -> dict[str, TreeEntry]:
        """Return the files of the connector by their names from its root."""
        prefix = self.repository.prefix
        return {path.removeprefix(prefix): entry for path, entry in files.items() if path.startswith(prefix)}

    def _files(self, tree: Mapping[str, TreeEntry]) -> dict[str, TreeEntry]:
        return {path: entry for path, entry in tree.items() if entry.is_file}

    def _render(self) -> tuple[dict[str, str], dict[str, TreeEntry]]:
        folder = self.box / "template" / (self.order.root.name or "connector")
        refused = rendered(self.order.source, folder, self.existing, self.order.given)
        normalise_modes(folder)
        return refused, self.store.take_in("template", folder)

    def _sides(self, template: Mapping[str, TreeEntry]) -> Sides:
        files = self._files(self.before)
        folders = {parent.as_posix() for path in template for parent in Path(path).parents}
        looked_at = {path: entry for path, entry in files.items() if path in {*template, *folders} or is_looked_at(path)}
        contents = self.store.read(entry.id for entry in {*looked_at.values(), *template.values()})
        return Sides(
            user=frozenset(files),
            contents={path: contents[entry.id] for path, entry in looked_at.items()},
            links=frozenset(self.before) - frozenset(files),
            template={path: contents[entry.id] for path, entry in template.items()},
            ignored=_ignored(self.repository.root, template),
        )

    def _requirements(self, sides: Sides) -> AdoptedRequirements:
        found = adopt_requirements(self.existing.connector, decoded(sides.template[FILE]))
        if found.raised and not self.order.raises_pins(found):
            pins = ", ".join(f"{place}: {name} {theirs}, needed {needed}" for name, theirs, needed, place in found.raised)
            tip = "stacksync adopt --raise-pins raises them; or raise them yourself, and commit that"
            raise StacksyncError(f"The runtime does not work with what is pinned here: {pins}.", tip)
        return found

    def _result(self, plan: Plan, template: Mapping[str, TreeEntry]) -> dict[str, TreeEntry]:
        """Return the files as they are to be, those that are brought together aside."""
        after = dict(self._files(self.before))
        for step in plan.steps:
            if step.fate in ("moved", "replaced"):
                entry = after.pop(step.path)
                after.update({step.to: entry} if step.fate == "moved" else {})
        merged = plan.paths("merged")
        return after | {path: template[path] for path in plan.taken if path not in merged}

    def _merge(
        self, sides: Sides, plan: Plan, requirements: AdoptedRequirements, after: dict[str, TreeEntry], tell: Tell
    ) -> str:
        """Put in what is brought together, and return why the lock is not up to date."""
        for path in plan.paths("merged"):
            mine, ours = sides.contents[path], decoded(sides.template[path])
            if path not in (FILE, SETTINGS):
                self._put(after, path, encoded(self._merged(path, decoded(mine), ours), mine), mine)
        mine = sides.contents.get(FILE, b"")
        self._put(after, FILE, encoded(requirements.text, mine), mine)
        self.lines[FILE] = [*requirements.removed, *_raised_lines(mine, requirements)]
        if lock.is_current(requirements.text, decoded(sides.template[LOCK])) or LOCK not in plan.taken:
            return ""

        tell("Renewing requirements.lock")
        made, fault = lock.renew(self.box / "lock", requirements.text.encode(), sides.template[LOCK])
        after[LOCK] = TreeEntry(after[LOCK].mode, self.store.add(made))
        return fault

    def _merged(self, path: str, theirs: str, ours: str) -> str:
        if path == CONFIG_FILE:
            merged = merged_config(theirs, ours, self.existing)
            self.lines[path] = [merged.changed] if merged.changed else []
            return merged.text
        if path == DEV_FILE:
            text, self.lines[path] = merged_requirements(ours, theirs)
            return text
        return merged_patterns(ours, theirs, self._more_patterns(path))

    def _more_patterns(self, path: str) -> tuple[str, ...]:
        if path != ".dockerignore":
            return ()
        folders = ("tests", "examples", "cassettes")
        return ("legacy", *(f"{self.existing.modules_dir}/*/*/{folder}" for folder in folders))

    def _settle(self, sides: Sides, plan: Plan, after: dict[str, TreeEntry]) -> "Inspection":
        """Check the whole result, and write into the settings what of it was there before."""
        from stacksync.inspection.inspection import inspect
        from stacksync.inspection.selection import Selection

        ours = decoded(sides.template[SETTINGS])
        inspection = inspect(self._whole(after), Selection())
        findings: dict[str, list[str]] = {}
        for finding in inspection.findings:
            if finding.severity == "error":
                findings.setdefault(finding.file, []).append(finding.code)
        sources = [path for path in after if path.endswith(".py") and path not in sides.template]
        sources += [step.path for step in plan.steps if step.fate == "kept" and step.path.endswith(".py")]
        sources += [path for path in ("main.py",) if path in sides.user]
        settings = with_exclusions(
            ours, Before(set(sources), self.existing.modules_dir, findings, "conftest.py" not in plan.taken)
        )
        mine = sides.contents.get(SETTINGS)
        if mine is not None:
            settings, cut = merged_settings(settings, decoded(mine))
            if cut:  # the whole of it stays readable
                ...
        self._put(after, SETTINGS, encoded(settings, mine or b""), mine)
        return inspection

    def _whole(self, after: Mapping[str, TreeEntry]) -> Path:
        """Write the whole result, in the copy of the repository, and return the connector's folder there."""
        inside = {self.repository.prefix + path: entry for path, entry in after.items()}
        above = {path: entry for path, entry in self.committed.items() if not path.startswith(self.repository.prefix)}
        links = {path: entry for path, entry in self.before.items() if not entry.is_file}
        inside |= {self.repository.prefix + path: entry for path, entry in links.items() if entry.mode == "120000"}
        self.store.git("read-tree", "--reset", "-u", self.store.tree({**above, **inside}))
        return self.store.folder / self.repository.prefix

    def _put(self, after: dict[str, TreeEntry], path: str, content: bytes, mine: bytes | None) -> None:
        mode = self.before[path].mode if path in self.before else "100644"
        after[path] = TreeEntry(mode, self.store.add(content))
        if mine is not None and path in self.before:
            self.merged[path] = mine, content

    def _rehearsal(self, after: Mapping[str, TreeEntry], staged: list[str]) -> Rehearsal:
        before, prefix = self._files(self.before), self.repository.prefix
        paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        changes = [Change(prefix + path, before.get(path), after.get(path)) for path in paths]
        written = write_files(self.store, self.box, self.committed, changes)
        return Rehearsal(self.repository, self.store, written, changes, staged=[prefix + path for path in staged])


def _ignored(root: Path, paths: Mapping[str, TreeEntry]) -> frozenset[str]:
    given = b"".join(os.fsencode(path) + b"\0" for path in paths)
    try:
        said = git(root, "check-ignore", "-z", "--stdin", given=given)
    except GitError as error:
        if error.reason != "exit code 1":  # by which it says that it ignores none of them
            raise
        return frozenset()

    return frozenset(os.fsdecode(path) for path in said.split(b"\0") if path)
