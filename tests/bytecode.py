"""Bytecode for connectors: Python takes a second to compile the files of one, and each copy would begin without any.

It says by a hash which source it is of, so it fits where a test saves something else, and where a file was only moved.
"""

import compileall
import shutil
from pathlib import Path
from py_compile import PycInvalidationMode

CACHE = "__pycache__"


def compiled(connector: Path) -> Path:
    """Compile the runtime of a connector, which is most of what it imports, and return it."""
    compileall.compile_dir(connector / "src/runtime", quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    return connector


def lend_bytecode(made: Path, connector: Path) -> None:
    """Give a connector the bytecode of another that is compiled; what differs is compiled when it is imported."""
    for cache in made.rglob(CACHE):
        folder = connector / cache.relative_to(made)
        if folder.parent.is_dir():
            shutil.copytree(cache, folder, dirs_exist_ok=True)
