"""Which line of the connector's own code led to what happens now."""

import sys
import threading
from functools import lru_cache
from pathlib import Path
from types import FrameType

from .load_errors import MACHINERY, ErrorDescriber

Place = tuple[str, int]

# Its `place` is the line that started this thread, or gave its task to a pool: here none of the connector's may be at
# work. No context variable: the runtime gives tasks the context of whoever began them.
STARTED = threading.local()
_CONNECTOR = ErrorDescriber(Path.cwd(), str)


def own_line() -> Place | None:
    """Return the innermost line of the connector's own code, the runtime left out, that is at work now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = _own_file(frame.f_code.co_filename)
        if file:
            return file, frame.f_lineno
        frame = frame.f_back
    return getattr(STARTED, "place", None)


@lru_cache(maxsize=4096)
def _own_file(name: str) -> str | None:
    """Return a file of the connector as it is shown; nothing for files of others."""
    if name.startswith("<"):
        return None

    shown = _CONNECTOR.relative(name)
    return None if shown is None or shown.startswith(MACHINERY) else shown
