"""Tracebacks among the lines of a connector, told anew: what went wrong, its own lines, and whose the others are."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from stacksync.dev.runner.load_errors import MACHINERY

_BEGINNING = "Traceback (most recent call last):"
_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_OMITTED = re.compile(r"  (?:\[Previous line repeated \d+ more times?\]|\(\d+ lines more\))$")
MOST_LINES = 500
# Where a connector's image has it: `WORKDIR` of its Dockerfile.
_IN_IMAGE = "/app/"


@dataclass(frozen=True)
class Told:
    """A line to show.

    Args:
        text: What it says.
        file: Of the connector, which the line names first; relative to it.
        is_aside: It is of less interest.
    """

    text: str
    file: str = ""
    is_aside: bool = False


@dataclass
class _Frame:
    file: str
    line: str
    function: str
    source: str = ""


@dataclass
class _Traceback:
    lines: list[str] = field(default_factory=lambda: [_BEGINNING])
    frames: list[_Frame] = field(default_factory=list)

    def takes(self, line: str) -> bool:
        """Take a line, if it is a part of the traceback still."""
        found = _FRAME.match(line)
        if not found and not line.startswith("    ") and not _OMITTED.match(line):
            return False

        self.lines.append(line)
        if found:
            self.frames.append(_Frame(found["file"], found["line"], found["function"] or "<module>"))
        elif self.frames and not self.frames[-1].source:
            self.frames[-1].source = line.strip()
        return len(self.lines) < MOST_LINES


class Tracebacks:
    """Takes the lines of each run as they come, and holds back those of a traceback until it is whole.

    Args:
        root: The connector's folder.
    """

    def __init__(self, root: Path) -> None:
        self._roots = (f"{root.as_posix()}/", f"{root.resolve().as_posix()}/", _IN_IMAGE)
        self._begun: dict[tuple[str | None, str], _Traceback] = {}

    def take(self, run: str | None, stream: str, line: str) -> Iterator[Told]:
        """Yield what there is to show now."""
        key = run, stream
        begun = self._begun.get(key)
        if begun and begun.takes(line):
            return
        if begun:
            del self._begun[key]
            is_error = line and not line[0].isspace()
            yield from self._retold(begun, line) if is_error else map(Told, [*begun.lines, line])
        elif line == _BEGINNING:
            self._begun[key] = _Traceback()
        else:
            yield Told(line)

    def rest(self) -> Iterator[Told]:
        """Yield what was held back, though it is not whole."""
        for begun in self._begun.values():
            yield from map(Told, begun.lines)
        self._begun.clear()

    def _retold(self, traceback: _Traceback, error: str) -> Iterator[Told]:
        """Yield the error, the connector's own lines, innermost first, and what others there are."""
        own = [(frame, file) for frame in traceback.frames if (file := self._own(frame.file))]
        if not own:
            yield from map(Told, [*traceback.lines, error])
            return

        yield Told(error)
        for frame, file in reversed(own):
            yield Told(f"{file}:{frame.line} in {frame.function}", file)
            if frame.source:
                yield Told(f"    {frame.source}")
        others = Counter(self._owner(frame.file) for frame in traceback.frames if not self._own(frame.file))
        if others:
            counted = ", ".join(f"{name} {count}" for name, count in others.items())
            yield Told(f"  and lines of others: {counted}", is_aside=True)

    def _own(self, file: str) -> str:
        relative = self._relative(file)
        is_installed = "site-packages" in relative or any(
            part.startswith(".") for part in PurePosixPath(relative).parts
        )
        return "" if is_installed or relative.startswith(MACHINERY) else relative

    def _relative(self, file: str) -> str:
        path = file.replace("\\", "/")
        return next((path.removeprefix(root) for root in self._roots if path.startswith(root)), "")

    def _owner(self, file: str) -> str:
        """Return whose a file is that is not the connector's: a package, the runtime or Python itself."""
        relative = self._relative(file)
        machinery = next((folder for folder in MACHINERY if relative.startswith(folder)), None)
        if machinery:
            return machinery.rstrip("/")

        _, installed, package = file.replace("\\", "/").rpartition("/site-packages/")
        return PurePosixPath(package).parts[0].removesuffix(".py") if installed else "Python"
