"""Keep Python from running what a file held before: its cache tells versions of a file by second and size only."""

import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

RECENT = 2.0


def skip_recent_files() -> None:
    """Cache nothing of a file that was saved within the last seconds: the next save may have the same size."""
    store = SourceFileLoader.set_data

    def set_data(loader: SourceFileLoader, path: str, data: Any, **options: Any) -> None:
        if time.time() - Path(loader.path).stat().st_mtime > RECENT:
            store(loader, path, data, **options)

    SourceFileLoader.set_data = set_data  # type: ignore[method-assign, assignment]
