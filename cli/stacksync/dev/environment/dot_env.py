"""The connector's environment: what is set goes before what `.env` says."""

import os
import re
from io import StringIO
from pathlib import Path

from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain_text

FILE = ".env"
PUBLIC = frozenset({"ENVIRONMENT", "REGION", "PORT", "HOST", "LOG_LEVEL"})
SHORTEST_SECRET = 8
# What a login on this machine needs. The platform keeps its own, so no module finds them in its environment.
CLIENT_ID, CLIENT_SECRET = "STACKSYNC_OAUTH_CLIENT_ID", "STACKSYNC_OAUTH_CLIENT_SECRET"
_ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?/?")  # nobody's password stands in one


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
        text = read_plain_text(root / FILE)
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, OSError) as error:
        reason = error if isinstance(error, UnicodeDecodeError) else error.strerror
        raise DotEnvError(1, f"cannot be read: {reason}", "save it as text in UTF-8.") from error

    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise DotEnvError(binding.original.line, "is no line such as NAME=value.", "quote values with spaces.")
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value is not None}


def secret_values(root: Path) -> set[str]:
    """Return the values of `.env` that may not be shown: all but short ones, addresses, and what everybody may know."""
    return set(named_values(root))


def named_values(root: Path) -> dict[str, str]:
    """Return the names of the variables of `.env` whose values may not be shown, by value."""
    try:
        variables = read_dot_env(root)
    except DotEnvError:
        return {}

    return {value: name for name, value in variables.items() if name not in PUBLIC and _may_be_secret(value)}


def _may_be_secret(value: str) -> bool:
    return len(value) >= SHORTEST_SECRET and not _ADDRESS.fullmatch(value)


def read_environment(root: Path) -> dict[str, str]:
    """Return what the connector in `root` finds in its environment.

    Raises:
        DotEnvError: `.env` cannot be used.
    """
    found = {**read_dot_env(root), **os.environ}
    return {name: value for name, value in found.items() if name not in (CLIENT_ID, CLIENT_SECRET)}


def read_client(root: Path) -> tuple[str, str]:
    """Return the id and the secret of the client that logs in at the API's provider; "" for what is not there.

    Raises:
        DotEnvError: `.env` cannot be used.
    """
    found = {**read_dot_env(root), **os.environ}
    return found.get(CLIENT_ID, "").strip(), found.get(CLIENT_SECRET, "").strip()
