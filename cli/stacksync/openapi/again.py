"""Update an imported API: rehearsed in a copy of the repository, then put in place as an update of the template is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.git.isolation import isolated
from stacksync.openapi.drift import Drift
from stacksync.openapi.renewal import Allowed, Renewal
from stacksync.openapi.renewing import renewal
from stacksync.updates.applying import apply
from stacksync.updates.line_ends import fitted
from stacksync.updates.rehearsal import Change, Rehearsal, committed_files, write_files
from stacksync.updates.repository import find_repository
from stacksync.updates.store import Store, TreeEntry, make_store
from stacksync.updates.update import refuse_another_commit, refuse_uncommitted

PLAIN_FILE = "100644"


def update_api(connector: Connector, found: Drift, allowed: Allowed) -> Renewal:
    """Take what an API changed; the changes are in the connector's files, and in no commit.

    Raises:
        StacksyncError: It cannot be taken; nothing was changed.
    """
    refuse_uncommitted(connector.root)
    made = renewal(connector, found, allowed)
    files = {**made.files, **dict.fromkeys(made.removed)}
    for path in files:
        connector.refuse_links(connector.root / path)
    with _rehearsed(connector.root, files) as rehearsal:
        refuse_uncommitted(connector.root)  # again: that took a moment, in which someone may have worked
        refuse_another_commit(rehearsal)
        if rehearsal.changes:
            apply(rehearsal, found.held.name, "import")
        made.written += [each.path.removeprefix(rehearsal.repository.prefix) for each in rehearsal.changes]
    return made


@contextmanager
def _rehearsed(root: Path, files: Mapping[str, bytes | None]) -> Iterator[Rehearsal]:
    repository = find_repository(root)
    with (
        isolated(repository.root) as isolation,
        TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as box,
    ):
        store = make_store(repository, isolation, Path(box, "copy"))
        committed = committed_files(repository, store)
        changes = []
        for name, content in sorted(files.items()):
            path = f"{repository.prefix}{name}"
            before = committed.get(path)
            if before is not None and not before.is_file:
                raise StacksyncError(f"{name} is a link, and what the API changed belongs there.", "put a file there")
            after = None if content is None else _entry(store, before, content)
            changes += [] if before == after else [Change(path, before, after)]
        written = write_files(store, Path(box), committed, changes)
        yield Rehearsal(repository, store, written, changes)


def _entry(store: Store, before: TreeEntry | None, content: bytes) -> TreeEntry:
    """Return a file as the repository is to have it: where it was there, with the line ends that it has there."""
    if before is None:
        return TreeEntry(PLAIN_FILE, store.add(content))
    return TreeEntry(before.mode, store.add(fitted(content, store.read([before.id])[before.id])))
