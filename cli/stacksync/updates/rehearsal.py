"""An update, made in a copy of the connector: what it would do is known before anything is done."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from stacksync.answers import Given
from stacksync.git.addresses import without_secrets
from stacksync.git.isolation import Isolation, isolated
from stacksync.updates.merging import Outcome, Trees, decide
from stacksync.updates.repository import Repository, filtered, find_repository
from stacksync.updates.store import ATTRIBUTES, Store, Tree, TreeEntry, make_store
from stacksync.updates.target import Target

# What goes through Copier as it is: it reads git's lists of names as text, and takes blanks off their ends.
_PLAIN = re.compile(r"(?!.*(?:^|/) )(?!.* (?:/|$))[ !#-\[\]-~]+")
_AS_WRITTEN = ["--no-renames", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"]
_COMMITTER = ["-c", "user.name=stacksync", "-c", "user.email=stacksync@localhost"]


@dataclass(frozen=True)
class Change:
    """A file that the update changes.

    Args:
        path: Its name from the top of the repository.
        before: What is there now.
        after: What is there afterwards.
        conflict: The user and the release want something else.
        edited: It is not as the release that was there made it.
        shown: What is there now, as it may be shown: without credentials.
        stages: What git is told of a conflict: the base, the user's and the release's.
    """

    path: str
    before: TreeEntry | None
    after: TreeEntry | None
    conflict: bool = False
    edited: bool = False
    shown: TreeEntry | None = None
    stages: tuple[TreeEntry | None, ...] = ()


@dataclass(frozen=True)
class Written:
    """Files as git would write them to a work tree.

    Args:
        before: The folder of what is committed.
        after: The folder of what is to be put in its place.
        paths: Those that are in both, from either.
    """

    before: Path
    after: Path
    paths: list[str]


@dataclass(frozen=True)
class Rehearsal:
    """An update that was made in a copy.

    Args:
        repository: The real one.
        store: The one beside it.
        written: The files that are to be put in place.
        changes: The files that differ.
        links: What is said of links that the user put in the place of what the release has: nothing goes through them.
        staged: The files that git would ignore, and is told to take all the same.
    """

    repository: Repository
    store: Store
    written: Written
    changes: list[Change]
    links: list[str] = field(default_factory=list)
    staged: list[str] = field(default_factory=list)

    def patch(self) -> bytes:
        """Return what `git apply` needs to do the same; credentials that the update takes away are not in it."""
        before = {each.path: each.shown or each.before for each in self.changes if each.before}
        after = {each.path: each.after for each in self.changes if each.after}
        options = ["--binary", "--full-index", *_AS_WRITTEN]
        return self.store.git("diff", *options, self.store.tree(before), self.store.tree(after))


@dataclass(frozen=True)
class UpdateOptions:
    """What to update to: the release, answers that are new, and whether to ask for those that are missing."""

    release: str
    given: Mapping[str, Given] = field(default_factory=dict)
    ask: bool = False


@contextmanager
def rehearsed(target: Target, options: UpdateOptions) -> Iterator[Rehearsal]:
    """Update a copy of what is committed, outside the project and as plain `copier update` does on a clean machine.

    Raises:
        StacksyncError: It cannot be updated, or something of the user's would be lost.
    """
    repository = find_repository(target.connector.root)
    with (
        isolated(repository.root, target.source.access) as isolation,
        TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as box,
    ):
        yield _Rehearsing(target, repository, isolation, Path(box)).run(options)


class _Rehearsing:
    """One rehearsal, in a folder of its own."""

    def __init__(self, target: Target, repository: Repository, isolation: Isolation, box: Path) -> None:
        self.target = target
        self.repository = repository
        self.answers = f"{repository.prefix}{target.answers_file}"
        self.box = box
        self.store = make_store(repository, isolation, box / repository.top.name)

    def run(self, options: UpdateOptions) -> Rehearsal:
        """Rehearse."""
        committed = committed_files(self.repository, self.store)
        user = self._handed_over(committed)
        merged, disputed = self._updated(user, options)
        odd = {path: entry for path, entry in committed.items() if path not in user and entry.is_file}
        renders = [self.store.take_in(name, self.box / name) for name in ("base", "release")]
        trees = Trees(renders[0], {**user, **odd}, renders[1], {**merged, **odd}, disputed)
        outcomes = decide(self.store, trees, self.answers)
        changes = [self._change(committed, trees, path, outcome) for path, outcome in outcomes.items()]
        changes = [each for each in changes if each.before != each.after or each.conflict]
        links = _links(self.repository, committed, trees)
        kept = [each for each in changes if not any(_is_behind(each.path, path) for path in links.all)]
        return Rehearsal(self.repository, self.store, self._written(committed, trees.user, kept), kept, links.named)

    def _handed_over(self, committed: Mapping[str, TreeEntry]) -> dict[str, TreeEntry]:
        """Return the files as Copier gets them: what it cannot handle is left out, and decided by us."""
        files = {path: entry for path, entry in committed.items() if entry.is_file and _PLAIN.fullmatch(path)}
        for path in filtered(self.repository, files):
            files[path] = replace(files[path], id=self.store.add((self.repository.top / path).read_bytes()))
        content = self.store.read([files[self.answers].id])[files[self.answers].id]
        clean = without_secrets(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        if clean != content:
            files[self.answers] = replace(files[self.answers], id=self.store.add(clean))
        return files

    def _updated(
        self, user: Mapping[str, TreeEntry], options: UpdateOptions
    ) -> tuple[dict[str, TreeEntry], frozenset[str]]:
        """Let Copier update the copy; return what it makes, and the files that it says are in conflict."""
        from stacksync.template import TemplateUpdate, update  # Copier takes half a second to import

        store, source = self.store, replace(self.target.source, ref=options.release)
        commit = store.git(*_COMMITTER, "commit-tree", store.tree(user), "-m", "As it is").decode().strip()
        store.git("update-ref", "HEAD", commit)
        store.git("read-tree", "--reset", "-u", "HEAD")
        home = self.target.connector.root
        wanted = TemplateUpdate(store.folder, self.repository.prefix, self.target.answers_file, source, home)
        update(replace(wanted, given=options.given, ask=options.ask), store.isolation, self.box)
        unmerged = store.git("ls-files", "--unmerged", "-z").split(b"\0")
        disputed = frozenset(os.fsdecode(line.partition(b"\t")[2]) for line in unmerged if line)
        return store.take_in("merged", store.folder), disputed

    def _change(self, committed: Tree, trees: Trees, path: str, outcome: Outcome) -> Change:
        before, user, base = committed.get(path), trees.user.get(path), trees.base.get(path)
        if path == self.answers:
            return Change(path, before, outcome.entry, shown=user)

        after = before if outcome.entry == user else outcome.entry  # what a filter makes of it is not ours to undo
        stages = (base, before, trees.release.get(path)) if outcome.conflict else ()
        return Change(path, before, after, outcome.conflict, user != base, stages=stages)

    def _written(self, committed: Tree, user: Tree, changes: list[Change]) -> Written:
        present = {**user, **{path: entry for path, entry in committed.items() if path == self.answers}}
        return write_files(self.store, self.box, {**committed, **present}, changes)


def committed_files(repository: Repository, store: Store) -> dict[str, TreeEntry]:
    """Return the connector's files, and what above it says how lines end."""
    folders = list(PurePosixPath(repository.prefix or ".").parents) if repository.prefix else []
    above = [(folder / ATTRIBUTES).as_posix() for folder in folders]
    inside = [repository.prefix] if repository.prefix else []
    return store.files_of(repository.head, *inside, *(above if inside else ()))


def write_files(store: Store, box: Path, present: Tree, changes: list[Change]) -> Written:
    """Write the files as they are to be put in place, and those that they replace as git would write them.

    Args:
        store: Where the contents are.
        box: Where to write.
        present: The files that are there now.
        changes: What differs afterwards.
    """
    after = {each.path: each.after for each in changes if each.after and each.after != each.before}
    before = {path: present[path] for path in after if path in present}
    attributes = {path: entry for path, entry in present.items() if PurePosixPath(path).name == ATTRIBUTES}
    written = Written(box / "before", box / "after", list(before))
    store.check_out("before", {**attributes, **before}, written.before)
    store.check_out("after", {**attributes, **after}, written.after)
    return written


@dataclass(frozen=True)
class _Links:
    """The links in a connector, and what is said of those that stand where the template has something."""

    all: list[str]
    named: list[str]


def _links(repository: Repository, committed: Tree, trees: Trees) -> _Links:
    found = [path for path, entry in committed.items() if not entry.is_file]
    named = []
    for link in found:
        paths = [path for path in {*trees.base, *trees.release} if _is_behind(path, link)]
        changed = [path for path in paths if trees.base.get(path) != trees.release.get(path)]
        outside = not (repository.top / link).resolve().is_relative_to(repository.root.resolve())
        if changed or (paths and outside):
            named.append(_told(link.removeprefix(repository.prefix), outside, len(changed)))
    return _Links(found, named)


def _told(link: str, outside: bool, changed: int) -> str:
    where = " out of the connector" if outside else ""
    what = f"what the release changes there ({changed} file{'' if changed == 1 else 's'}) is left to you"
    return f"{link} is a link{where}: {what}"


def _is_behind(path: str, link: str) -> bool:
    return path == link or path.startswith(f"{link}/")
