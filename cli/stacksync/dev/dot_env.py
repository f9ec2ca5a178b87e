"""The connector's environment: what is set goes before what `.env` says."""

import os
from io import StringIO
from pathlib import Path

from stacksync.errors import StacksyncError

FILE = ".env"


class DotEnvError(StacksyncError):
    """`.env` cannot be used, because of one line."""

    def __init__(self, line: int, fault: str, tip: str) -> None:
        super().__init__(f"{FILE}:{line}: {fault}", tip)
        self.line = line
        self.fault = fault


def read_dot_env(root: Path) -> dict[str, str]:
    """Return the variables that `.env` sets, none where there is no such file.

    Raises:
        DotEnvError: It is not made of `NAME=value` lines in UTF-8.
    """
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    try:
        text = (root / FILE).read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, OSError) as error:
        raise DotEnvError(1, f"cannot be read: {error}", "save it as text in UTF-8.") from error

    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise DotEnvError(binding.original.line, "is no line such as NAME=value.", "quote values with spaces.")
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value is not None}


def read_environment(root: Path) -> dict[str, str]:
    """Return what the connector in `root` finds in its environment.

    Raises:
        DotEnvError: `.env` cannot be used.
    """
    return {**read_dot_env(root), **os.environ}
