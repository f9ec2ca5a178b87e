"""Switching cassettes on: by STACKSYNC_CASSETTE in a process of the command, by a fixture in tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ..config import Config, ConfigError
from ..declaration import DeclarationError, run_declaration
from ..http.limits import RATE_LIMITS, RateLimit
from ..http.oauth import TOKENS
from ..stand_in import CASSETTE_SWITCH, RECORD, TAKERS, asked_cassette, under_gunicorn
from .calls import MaskBody
from .content import CassetteError, read
from .tapes import Player, Recorder

# Where a connector may declare `mask_body(body, url)`, which every recording passes through.
DECLARATION = "tests/cassettes.py"
HOOK = "mask_body"
# The tape in use is the last one; there is one for all threads, for those that a test starts too.
TAPES: list[Recorder | Player] = []
_LOCK = threading.Lock()


class Unlimited(RateLimit):
    """The limit of an API that is played back: whoever waited for it has done so."""

    def turn(self) -> float:
        """Let each call be made at once."""
        return 0.0

    def pause(self, seconds: float) -> None:
        """Wait for nothing."""


def install(config: Config) -> None:
    """Record or play back what this process calls, as the environment asks.

    Raises:
        ConfigError: It asks for that elsewhere than in development, or for a file that is no cassette.
    """
    if not config.is_development or under_gunicorn():
        where = "under gunicorn" if config.is_development else f"with ENVIRONMENT={config.environment}"
        raise ConfigError(f"{CASSETTE_SWITCH} is for development only, and this is started {where}. Unset it.")
    try:
        use(tape_for(config.root, asked_cassette()))
    except CassetteError as error:
        raise ConfigError(f"{CASSETTE_SWITCH}: {error}") from None


def tape_for(root: Path, asked: str) -> Recorder | Player:
    """Return what records, or plays back the file of that name.

    Raises:
        CassetteError: It is no cassette.
    """
    mask_body = load_mask(root)
    return Recorder(mask_body) if asked == RECORD else Player(read(root / asked), Path(asked).name, mask_body)


def load_mask(root: Path) -> MaskBody | None:
    """Return the connector's hook; None where it declares none.

    Raises:
        CassetteError: The file cannot be run.
    """
    file = root / DECLARATION
    if not file.is_file():
        return None

    try:
        found: MaskBody | None = getattr(run_declaration(file, "tests.cassettes"), HOOK, None)
    except DeclarationError as error:
        raise CassetteError(f"{DECLARATION}: {error}") from error
    return found


@contextmanager
def using(tape: Recorder | Player) -> Iterator[None]:
    """Use a tape while the block runs."""
    use(tape)
    try:
        yield
    finally:
        TAPES.remove(tape)
        _forget()


def use(tape: Recorder | Player) -> None:
    """Use a tape from now on."""
    _patch()
    _forget()
    TAPES.append(tape)


def tape_in_use() -> Recorder | Player | None:
    """Return the tape that is recorded on or played back."""
    return TAPES[-1] if TAPES else None


def outcome() -> dict[str, Any]:
    """Return what the command is to know of the tape in use: what was recorded, or how the run differed from it."""
    tape = tape_in_use()
    if isinstance(tape, Recorder):
        return {"recording": tape.content()}

    return {"faults": tape.faults()} if tape else {}


def _forget() -> None:
    """Drop what this process learned of APIs: the tokens and limits of one run are none of another."""
    for kept in (RATE_LIMITS, TOKENS):
        kept.clear()


def _patch() -> None:
    """Stand between every session of `requests` and the network, once."""
    with _LOCK:
        if TAKERS:
            return
        TAKERS.append(_take)
        plain, limit_of = HTTPAdapter.send, RATE_LIMITS.of

        def send(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
            tape = tape_in_use()
            if tape is None:
                return plain(adapter, request, *args, **kwargs)

            return tape.send(lambda: plain(adapter, request, *args, **kwargs), adapter, request)

        def of(fingerprint: bytes) -> RateLimit:
            return Unlimited() if isinstance(tape_in_use(), Player) else limit_of(fingerprint)

        HTTPAdapter.send = send  # type: ignore[method-assign, assignment]
        RATE_LIMITS.of = of  # type: ignore[method-assign]


def _take(body: dict[str, Any]) -> dict[str, Any]:
    tape = tape_in_use()
    return tape.take(body) if tape else body
