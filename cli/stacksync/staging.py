"""All or nothing: build a folder out of sight, then move it into place in one step."""

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stacksync import interrupts
from stacksync.errors import UsageError

# Of each folder in which something is built out of sight; git ignores them in a connector.
PREFIX = ".stacksync-"


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yield the path at which to build `target`; it becomes `target` when the block ends well.

    The draft is beside the target, because a rename works only within one file system, and carries the target's name.
    Whatever ends the block otherwise, an exception or a signal, leaves nothing behind.

    Raises:
        UsageError: Something appeared at `target` meanwhile.
    """
    home = existing_parent(target)
    missing = target.relative_to(home)
    box = _box(home)  # named before it is made, so no signal can come between
    try:
        (box / missing).parent.mkdir(parents=True)
        yield box / missing
        interrupts.end_or_hold()
        _move(box / missing.parts[0], home / missing.parts[0], target)
    finally:
        interrupts.hold()
        remove_box(box)


def discard(folder: Path) -> None:
    """Remove a folder so that nobody sees half of it: it is renamed out of sight, and then emptied.

    Of a link, and of links in it, only the link goes.
    """
    box = _box(folder.parent)
    interrupts.hold()
    folder.rename(box)
    if box.is_symlink():
        box.unlink()
    else:
        remove_box(box)


def _box(home: Path) -> Path:
    return home / f"{PREFIX}{secrets.token_hex(4)}"


def existing_parent(target: Path) -> Path:
    """Return the nearest folder above `target` that is there."""
    return next(parent for parent in target.parents if os.path.lexists(parent))


def normalise_modes(folder: Path) -> None:
    """Give every file the mode a git checkout would: executable if it begins with `#!`, else not, less the umask.

    However the template was unpacked (a wheel, Windows, a strict umask), the same connector comes out.
    """
    umask = os.umask(0)
    os.umask(umask)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod((0o777 if path.is_dir() or is_script(path) else 0o666) & ~umask)


def is_script(path: Path) -> bool:
    """Tell whether a file is meant to be executed."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _move(draft: Path, place: Path, target: Path) -> None:
    try:
        draft.rename(place)
    except OSError as error:
        if os.path.lexists(place):
            raise UsageError(f"{target} appeared meanwhile.", "it was left as it is; choose another name") from error
        raise


def remove_box(box: Path) -> None:
    """Remove a folder with all that is in it, read-only files too."""
    if sys.version_info >= (3, 12):
        shutil.rmtree(box, onexc=_make_writable)
    else:
        shutil.rmtree(box, onerror=_make_writable)


def _make_writable(retry: Callable[..., Any], path: str, _error: object) -> None:
    """Git's objects are read-only, which is enough on Windows to keep them from being removed."""
    if Path(path).exists() and not Path(path).is_symlink():
        Path(path).chmod(stat.S_IWRITE)
        retry(path)
