"""Files of an import are written all together, or not at all: what was there before is there again."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stacksync.errors import StacksyncError


def write(root: Path, files: Mapping[str, bytes], folders: Mapping[str, Mapping[str, bytes]]) -> None:
    """Write files: all of them, or none.

    Args:
        root: The connector's folder.
        files: Their content by path.
        folders: Files of new folders, by the folder's path.

    Raises:
        StacksyncError: A file cannot be written; what was there before is there again.
    """
    with _undone_on_failure() as undo:
        for folder, inner in folders.items():
            place = root / folder
            _make_folder(place.parent, undo)
            _make_folder(place, undo)
            for name, content in inner.items():
                _write(place / name, content, undo)
        for name, content in files.items():
            _write(root / name, content, undo)


class _Undo:
    """What was made or replaced, and what stood there before."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self.before: list[tuple[Path, bytes]] = []

    def all(self) -> None:
        for file, content in reversed(self.before):
            file.write_bytes(content)
        for path in reversed(self.made):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def _undone_on_failure() -> Iterator[_Undo]:
    undo = _Undo()
    try:
        yield undo
    except BaseException as error:
        undo.all()
        if isinstance(error, OSError):
            fault = f"{error.filename or 'a file'} cannot be written: {error.strerror or error}."
            raise StacksyncError(fault, "nothing was changed") from error
        raise


def _make_folder(folder: Path, undo: _Undo) -> None:
    if folder.is_dir():
        return

    _make_folder(folder.parent, undo)
    folder.mkdir()
    undo.made.append(folder)


def _write(file: Path, content: bytes, undo: _Undo) -> None:
    """Write a file so that nobody sees half of it."""
    _make_folder(file.parent, undo)
    there = file.read_bytes() if file.is_file() else None
    if there == content:
        return
    if there is None:
        undo.made.append(file)
    else:
        undo.before.append((file, there))
    draft = file.with_name(f".stacksync-{file.name}")
    try:
        draft.write_bytes(content)
        os.replace(draft, file)  # noqa: PTH105 - as is usual for this
    finally:
        draft.unlink(missing_ok=True)
