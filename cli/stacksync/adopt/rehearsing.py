"""The adoption of a connector, rehearsed in a copy: what becomes of each file, and that nothing is lost."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stacksync.adopt import lock
from stacksync.adopt.answering import rendered
from stacksync.adopt.app_config import merged_config
from stacksync.adopt.existing import read_existing
from stacksync.adopt.merging import decoded, encoded, merged_patterns, missing_lines
from stacksync.adopt.order import Adoption, Order, Tell
from stacksync.adopt.plan import Plan, Sides, make_plan
from stacksync.adopt.roles import is_looked_at
from stacksync.adopt.tool_settings import Before, merged_settings, with_exclusions
from stacksync.adopt.verification import refuse_losses
from stacksync.errors import StacksyncError
from stacksync.git.command import GitError, git
from stacksync.requirements.adoption import AdoptedRequirements, Conflict, adopt_requirements
from stacksync.requirements.file import DEV_FILE, FILE, LOCK, requirement_lines
from stacksync.runtime import CONFIG_FILE
from stacksync.staging import normalise_modes
from stacksync.updates.line_ends import same_but_for_line_ends
from stacksync.updates.rehearsal import Change, Rehearsal, committed_files, write_files
from stacksync.updates.repository import Repository
from stacksync.updates.store import Store, TreeEntry

if TYPE_CHECKING:
    from stacksync.inspection.inspection import Inspection


SETTINGS = "pyproject.toml"
IGNORED = ".dockerignore"
EDITOR = ".vscode/"


class AdoptionRehearsal:
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
        ignored = self._ignored(template)
        sides = self._sides(template, ignored)
        plan = make_plan(self.existing, sides)
        requirements = self._requirements(sides)
        after = self._result(plan, template)
        tell("Bringing both together")
        self._merge(sides, plan, requirements, after)
        self._leave_out_of_image(plan, after)
        fault = self._renew_lock(sides, after, tell)
        inspection = self._settle(sides, plan, after)
        told = [line for lines in self.lines.values() for line in lines]
        refuse_losses(self._files(self.before), after, plan, self.merged, told)
        staged = sorted(ignored & set(plan.taken))
        moved = {step.path: sides.contents[step.path] for step in plan.steps if step.fate == "moved"}
        adoption = Adoption(self.existing, plan, refused, requirements, inspection, moved, self.lines, fault, staged)
        return self._rehearsal(after, plan, staged), adoption

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

    def _sides(self, template: Mapping[str, TreeEntry], ignored: frozenset[str]) -> Sides:
        files = self._files(self.before)
        folders = {parent.as_posix() for path in template for parent in Path(path).parents}
        looked_at = {
            path: entry for path, entry in files.items() if path in {*template, *folders} or is_looked_at(path)
        }
        contents = self.store.read(entry.id for entry in {*looked_at.values(), *template.values()})
        return Sides(
            user=frozenset(files),
            contents={path: contents[entry.id] for path, entry in looked_at.items()},
            links=frozenset(self.before) - frozenset(files),
            template={path: contents[entry.id] for path, entry in template.items()},
            hidden=frozenset(path for path in ignored if self._is_hidden(path)),
        )

    def _ignored(self, template: Mapping[str, TreeEntry]) -> frozenset[str]:
        """Return the files of the template that git would ignore; it refuses to say so of those behind a link."""
        links = [path for path, entry in self.before.items() if not entry.is_file]
        paths = [path for path in template if not any(path == link or path.startswith(f"{link}/") for link in links)]
        return _ignored(self.repository.root, paths)

    def _is_hidden(self, path: str) -> bool:
        return path.startswith(EDITOR) or os.path.lexists(self.repository.root / path)

    def _requirements(self, sides: Sides) -> dict[str, AdoptedRequirements]:
        """Return what becomes of each of the two requirements files."""
        files = [FILE, *([DEV_FILE] if DEV_FILE in sides.user else [])]
        found = {path: self._united(path, sides) for path in files}
        conflicts = [conflict for each in found.values() for conflict in each.conflicts]
        if not conflicts:
            return found
        if not self.order.raises_pins(conflicts):
            raise _pinned(conflicts)

        raised = {path: self._united(path, sides, raise_pins=True) for path in files}
        left = [conflict for each in raised.values() for conflict in each.conflicts]
        if left:
            raise _pinned(left)
        return raised

    def _united(self, path: str, sides: Sides, *, raise_pins: bool = False) -> AdoptedRequirements:
        ours = decoded(sides.template[path])
        return adopt_requirements(self.repository.root, ours, file=path, raise_pins=raise_pins)

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
        self, sides: Sides, plan: Plan, requirements: Mapping[str, AdoptedRequirements], after: dict[str, TreeEntry]
    ) -> None:
        """Put in what is brought together."""
        for path in plan.paths("merged"):
            mine, ours = sides.contents[path], decoded(sides.template[path])
            if path not in (*requirements, SETTINGS):
                self._put(after, path, encoded(self._merged(path, decoded(mine), ours), mine))
        for path, united in requirements.items():
            others = {name: text for name, text in united.other_files.items() if name not in requirements}
            for name, text in {**others, path: united.text}.items():
                content = encoded(text.replace("\r\n", "\n"), self._mine(name))
                self._put(after, name, content)
                self.lines.setdefault(name, []).extend(_given_way(self._mine(name), content, united))

    def _renew_lock(self, sides: Sides, after: dict[str, TreeEntry], tell: Tell) -> str:
        """Bring the lock up to date, and return why it is not; nothing where it is."""
        asked = self.store.read([after[FILE].id])[after[FILE].id]
        if LOCK not in after or lock.is_current(decoded(asked), decoded(sides.template[LOCK])):
            return ""

        tell(f"Renewing {LOCK}")
        made, fault = lock.renew(self._whole(after), sides.template[LOCK])
        after[LOCK] = TreeEntry(after[LOCK].mode, self.store.add(made))
        return fault

    def _mine(self, path: str) -> bytes:
        entry = self.before.get(path)
        return self.store.read([entry.id])[entry.id] if entry and entry.is_file else b""

    def _merged(self, path: str, theirs: str, ours: str) -> str:
        if path == CONFIG_FILE:
            merged = merged_config(theirs, ours, self.existing)
            self.lines[path] = [merged.changed] if merged.changed else []
            return merged.text
        return merged_patterns(ours, theirs)

    def _leave_out_of_image(self, plan: Plan, after: dict[str, TreeEntry]) -> None:
        """Keep what was moved, and what belongs to tests, out of the image, wherever the modules are."""
        folders = ("tests", "examples", "cassettes")
        patterns = (plan.legacy, *(f"{self.existing.modules_dir}/*/*/{folder}" for folder in folders))
        present = self.store.read([after[IGNORED].id])[after[IGNORED].id]
        text = merged_patterns(decoded(present), "", patterns)  # before the template's own lines
        self._put(after, IGNORED, encoded(text, present))

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
        moved = f"{plan.legacy}/"
        sources = {path for path in after if path.endswith(".py") and path not in plan.taken}
        listed = {moved if path.startswith(moved) else path for path in sources}
        before = Before(listed, self.existing.modules_dir, findings, "conftest.py" not in plan.taken)
        settings, mine = with_exclusions(ours, before), self._mine(SETTINGS)
        if mine:
            settings, gives_way = merged_settings(settings, decoded(mine))
            if gives_way:  # the whole of it stays where it can be read
                after[moved + SETTINGS] = self.before[SETTINGS]
                self.lines[SETTINGS] = list(missing_lines(mine, settings.encode()))
        self._put(after, SETTINGS, encoded(settings, mine))
        return inspection

    def _whole(self, after: Mapping[str, TreeEntry]) -> Path:
        """Write the whole result, in the copy of the repository, and return the connector's folder there."""
        inside = {self.repository.prefix + path: entry for path, entry in after.items()}
        above = {path: entry for path, entry in self.committed.items() if not path.startswith(self.repository.prefix)}
        links = {path: entry for path, entry in self.before.items() if not entry.is_file}
        inside |= {self.repository.prefix + path: entry for path, entry in links.items() if entry.mode == "120000"}
        self.store.git("read-tree", "--reset", "-u", self.store.tree({**above, **inside}))
        return self.store.folder / self.repository.prefix

    def _put(self, after: dict[str, TreeEntry], path: str, content: bytes) -> None:
        mode = self.before[path].mode if path in self.before else "100644"
        after[path] = TreeEntry(mode, self.store.add(content))
        if path in self.before:
            self.merged[path] = self._mine(path), content

    def _rehearsal(self, after: Mapping[str, TreeEntry], plan: Plan, staged: list[str]) -> Rehearsal:
        before, prefix = self._files(self.before), self.repository.prefix
        paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        changes = [Change(prefix + path, before.get(path), after.get(path)) for path in paths]
        written = write_files(self.store, self.box, self.committed, changes)
        for step in plan.steps:
            if step.fate == "moved":
                _keep_line_ends(self.repository.root / step.path, written.after / (prefix + step.to))
        return Rehearsal(self.repository, self.store, written, changes, staged=[prefix + path for path in staged])


def _keep_line_ends(present: Path, moved: Path) -> None:
    """Move a file as it is in the working tree, which may have other line ends than the commit."""
    content = present.read_bytes() if present.is_file() else moved.read_bytes()
    if same_but_for_line_ends(content, moved.read_bytes()):
        moved.write_bytes(content)


def _pinned(conflicts: Sequence[Conflict]) -> StacksyncError:
    pins = "; ".join(f"{each.place} asks for {each.theirs}, and the runtime needs {each.needed}" for each in conflicts)
    tip = "stacksync adopt --raise-pins raises them; or raise them yourself, commit that, and adopt then"
    return StacksyncError(f"The runtime does not run with these requirements: {pins}. Nothing was changed.", tip)


def _given_way(mine: bytes, result: bytes, united: AdoptedRequirements) -> list[str]:
    """Return the user's lines that are written otherwise now, or taken out, each of which the report names."""
    names = {each.name for each in united.raised} | set(united.bounded)
    removed = {line.text.strip() for line in united.removed}

    def is_told(line: str) -> bool:
        found = next(iter(requirement_lines(line)), None)
        hashes = united.without_hashes and ("--hash" in line or line.rstrip().endswith("\\"))
        return hashes or line.strip() in removed or (found is not None and found.name in names)

    return [line for line in missing_lines(mine, result) if is_told(line)]


def _ignored(root: Path, paths: Sequence[str]) -> frozenset[str]:
    given = b"".join(os.fsencode(path) + b"\0" for path in paths)
    try:
        said = git(root, "check-ignore", "-z", "--stdin", given=given)
    except GitError as error:
        if error.reason != "exit code 1":  # by which it says that it ignores none of them
            raise
        return frozenset()

    return frozenset(os.fsdecode(path) for path in said.split(b"\0") if path)
