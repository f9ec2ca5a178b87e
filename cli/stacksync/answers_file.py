"""The answers file of a connector or a module: what it was made from, and the answers that were given."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain

_MARK = re.compile(rb"^(<{7}|={7}|>{7})( |\r?$)", re.MULTILINE)


def read_answers(root: Path, file: str) -> Mapping[str, Any]:
    """Return what an answers file holds, and nothing where there is none.

    Args:
        root: The connector's folder.
        file: The file, from there.

    Raises:
        StacksyncError: It cannot be read, or a merge left it half done.
    """
    from stacksync.runtime import YamlFileError, read_yaml

    try:
        content = read_yaml(root / file)
    except FileNotFoundError:
        return {}
    except YamlFileError as error:
        raise _fault(root, file, str(error)) from error

    return content if isinstance(content, dict) else {}


def _fault(root: Path, file: str, said: str) -> StacksyncError:
    try:
        content = read_plain(root / file)
    except OSError:
        content = b""  # a pipe, say, which may never be written to
    mark = _MARK.search(content)
    if mark is None:
        return StacksyncError(f"{said.replace(str(root / file), file)}.", f"git log -- {file} shows how it was")

    line = content.count(b"\n", 0, mark.start()) + 1
    tip = "keep one side, the one with the newer _commit if both took a release; then commit it, and update again"
    return StacksyncError(f"{file}:{line}: a merge left both sides of a conflict here.", tip)
