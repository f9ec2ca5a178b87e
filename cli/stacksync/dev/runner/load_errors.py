"""Say what is wrong with a connector, and where in its own files."""

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What the connector is written with is not where its faults are.
MACHINERY = ("src/runtime/", "workflows_cdk/", "stacksync_cdk/")
PLACED = re.compile(r"(?P<file>.+?\.(?:ya?ml|json|py|env)):(?P<line>[0-9]+)(?::[0-9]+)?: (?P<message>.+)", re.DOTALL)


@dataclass(frozen=True)
class ErrorDescriber:
    """Describes errors of the connector in `root`.

    Args:
        root: The connector's folder, without links in its path.
        last_words: Returns the last line written to standard error: the runtime refuses to start by one and an exit.
    """

    root: Path
    last_words: Callable[[], str]

    def describe(self, error: BaseException, module: str | None = None) -> dict[str, Any]:
        """Return what is wrong and where."""
        if isinstance(error, SystemExit):
            return self._refusal(error, module)

        file, line = self._place(error)
        return load_error(_message(error), file, line, module)

    def relative(self, file: str | None) -> str | None:
        """Return a file of the connector as it is shown; nothing for files of others, installed below it or not."""
        path = Path(file).resolve() if file else None
        if path is None or not path.is_relative_to(self.root):
            return None

        relative = path.relative_to(self.root)
        installed = "site-packages" in relative.parts or any(part.startswith(".") for part in relative.parts[:-1])
        return None if installed else relative.as_posix()

    def _refusal(self, error: SystemExit, module: str | None) -> dict[str, Any]:
        text = error.code if isinstance(error.code, str) else self.last_words()
        placed = PLACED.match(text)
        file = self.relative(placed["file"]) if placed else None
        if placed and file:
            return load_error(placed["message"], file, int(placed["line"]), module)

        return load_error(text or f"it ended itself: exit({error.code})", *self._place(error), module)

    def _place(self, error: BaseException) -> tuple[str | None, int | None]:
        """Find the line of a syntax error, or else the innermost of the connector's lines that led to the error."""
        if isinstance(error, SyntaxError) and (file := self.relative(error.filename)):
            return file, error.lineno

        frames = [(self.relative(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
        own = [frame for frame in frames if frame[0] is not None]
        users = [frame for frame in own if not str(frame[0]).startswith(MACHINERY)]
        return (users or own or [(None, None)])[-1]


def load_error(message: str, file: str | None, line: int | None, module: str | None = None) -> dict[str, Any]:
    """Return one error as it is reported."""
    return {"file": file, "line": line, "message": message, "module": module}


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"

    return traceback.format_exception_only(type(error), error)[-1].strip()
