"""Reading files of a connector, which may be anything: a pipe that nobody writes to would be waited for without end."""

import errno
import os
import stat
from pathlib import Path


def without_waiting(path: str, flags: int) -> int:
    """Open a file, for `open(opener=...)`: a pipe that nobody writes to is at its end at once."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_plain(file: Path) -> bytes:
    """Return what a file holds.

    Raises:
        OSError: There is none, or it is no regular file, such as a pipe or a device.
    """
    with open(file, "rb", opener=without_waiting) as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(file))
        return opened.read()


def read_plain_text(file: Path, errors: str = "strict") -> str:
    """Return the text of a file, without a byte order mark.

    Raises:
        OSError: There is none, or it is no regular file.
        UnicodeDecodeError: It is not UTF-8.
    """
    return read_plain(file).decode("utf-8-sig", errors)
