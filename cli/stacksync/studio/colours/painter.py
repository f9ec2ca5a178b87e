"""The process that finds colours: started for the first code field, ended with this one, replaced when it hangs.

Pygments makes no promise on time (https://github.com/pygments/pygments/issues/2355). A hundred thousand times `&` keep
its XML lexer busy for long in regular expressions, which hold the interpreter: in a thread of this process that would
stop `stacksync dev`.
"""

import atexit
import json
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import stacksync

# Those of the platform's code fields, each by the name that Pygments has for it too; any other stays plain.
LANGUAGES = frozenset({"json", "sql", "javascript", "python", "yaml", "xml", "html", "css"})
LONGEST_TIME = 3.0  # seconds that a text may take
LONGEST = 100_000  # characters; longer texts stay plain, here and in code_editor.js
PACKAGES = Path(stacksync.__file__).parents[1]  # whence the child imports this package, whatever the connector holds


class Painter:
    """Asks the child for colours, one text after another.

    Args:
        longest: Seconds that a text may take.
    """

    def __init__(self, longest: float = LONGEST_TIME) -> None:
        self._longest = longest
        self._lock = Lock()
        self._child: subprocess.Popen[str] | None = None

    def paint(self, language: str, text: str) -> list[Any]:
        """Return the spans of a text; none where it has to stay plain: by its language, its length or its time."""
        if language not in LANGUAGES or len(text) > LONGEST:
            return []
        with self._lock:
            answer = self._ask(f"{json.dumps([language, text])}\n")
            if not answer:
                self._end()
        found: list[Any] = json.loads(answer or "[]")
        return found

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, line: str) -> str:
        child = self._child = self._child or _start(self._longest)
        assert child.stdin
        assert child.stdout
        try:
            child.stdin.write(line)
            child.stdin.flush()
            return child.stdout.readline()
        except OSError:  # it has ended
            return ""

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return

        child.kill()
        with suppress(OSError), child:  # closes what leads to it, which may hold what it never read, and waits
            pass


@cache
def painter() -> Painter:
    """Return the one of this process."""
    made = Painter()
    atexit.register(made.close)
    return made


def _start(longest: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "stacksync.studio.colours", str(longest)],
        cwd=PACKAGES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C in the terminal is for `stacksync dev`
    )
