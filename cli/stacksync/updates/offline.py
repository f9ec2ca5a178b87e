"""Update without a network: the releases that came with this command stand in for the template's address."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.checkout import RELEASES
from stacksync.errors import StacksyncError
from stacksync.git.addresses import git_address
from stacksync.git.command import ask
from stacksync.git.isolation import with_setting
from stacksync.source import CHECKOUT, PACKAGE, find_source
from stacksync.updates.target import Target


@contextmanager
def network(target: Target, *, offline: bool) -> Iterator[None]:
    """Let git, and with it Copier, reach no network where that is wanted, but the template all the same.

    Must begin before Copier is imported, which looks at the environment once.

    Raises:
        StacksyncError: The template is not the one that came with this command.
    """
    local = Path(target.address).expanduser()
    if not offline or (target.connector.root / local).exists():
        yield
        return

    releases = _releases_at_hand(target)
    with TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as cache:
        # Copier keeps a mirror for each address: what came from the bundle must not be taken for what is published.
        os.environ |= with_setting(f"url.{releases}.insteadOf", target.address)
        os.environ |= {"GIT_ALLOW_PROTOCOL": "file", "COPIER_CACHE_DIR": cache}
        yield


def _releases_at_hand(target: Target) -> Path:
    own = find_source().src_path
    bundle = PACKAGE / "_template.bundle"
    if own and git_address(own).removesuffix(".git") != target.address.removesuffix(".git"):
        tip = f"it was made from {target.origin}: update it with a network"
        raise StacksyncError(f"--offline has the releases of {own} only.", tip)
    if bundle.is_file():
        return bundle
    if ask(CHECKOUT, "tag", "--list", RELEASES):
        return CHECKOUT
    raise StacksyncError("--offline: no releases came with this command.", "update with a network")
