"""Adopt a connector: rehearsed in a copy, verified, then put in place as an update is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stacksync.adopt.existing import refuse_no_connector
from stacksync.adopt.order import Adoption, Order, Tell
from stacksync.adopt.rehearsing import AdoptionRehearsal
from stacksync.git.isolation import isolated
from stacksync.updates.applying import apply
from stacksync.updates.rehearsal import Rehearsal
from stacksync.updates.repository import find_repository
from stacksync.updates.store import make_store
from stacksync.updates.update import refuse_another_commit, refuse_uncommitted

if TYPE_CHECKING:
    pass


def adopt(order: Order, tell: Tell) -> Adoption:
    """Adopt a connector; the changes are in its tree, and in no commit.

    Raises:
        StacksyncError: It cannot be adopted; nothing was changed.
    """
    refuse_no_connector(order.root)  # who is in the wrong folder need not make a repository of it first
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
    refuse_no_connector(order.root)
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
        yield AdoptionRehearsal(order, repository, store, Path(box)).run(tell)
