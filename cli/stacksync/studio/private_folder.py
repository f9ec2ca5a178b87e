"""`.stacksync/` of a connector: what belongs to this machine, and secrets. Git never sees it."""

import os
import tempfile
from pathlib import Path

FOLDER = ".stacksync"


def private_folder(root: Path) -> Path:
    """Return the folder, made where it is missing."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("# What belongs to this machine, and secrets.\n*\n", encoding="utf-8")
    return folder


def write_private(file: Path, text: str) -> None:
    """Write a file that nobody else may read: private before anything is in it, and moved into place whole."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as opened:
            opened.write(text)
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
