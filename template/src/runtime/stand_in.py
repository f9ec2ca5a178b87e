"""A stand-in in the place of the API, under `stacksync dev` and `stacksync invoke`: only there, and only if asked for.

STACKSYNC_STAND_IN names the file that declares it. Every session is led to a server on 127.0.0.1, and what the
connections of requests hold is replaced, so that no real credential is sent anywhere.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import Config, ConfigError
from .declaration import DeclarationError

if TYPE_CHECKING:
    from flask import Flask

STAND_IN_SWITCH = "STACKSYNC_STAND_IN"
# Names the cassette that is played back, or asks for recording; see `cassettes/`, which nothing else loads.
CASSETTE_SWITCH = "STACKSYNC_CASSETTE"
RECORD = "record"
# Where a stand-in is declared: in the connector's folder, and in that of a version for that version alone.
DECLARATION = "tests/stand_in.py"
CONNECTION = "stacksync_stand_in"
# A cassette in use is shown the body of each request here, and returns it with its own connections.
TAKERS: list[Callable[[dict[str, Any]], dict[str, Any]]] = []
# Closed while threads still run: the one that serves has to answer for its end.
SERVED = ExitStack()
atexit.register(SERVED.close)

logger = logging.getLogger("stacksync.stand_in")


def install(app: Flask, config: Config) -> None:
    """Serve the stand-in that the environment asks for, for as long as this process runs.

    Raises:
        ConfigError: There is no such file, or it declares none.
    """
    asked = os.environ.get(STAND_IN_SWITCH, "").strip()
    if not asked:
        return
    if not config.is_development or under_gunicorn():
        logger.warning("%s is ignored: a stand-in serves development only", STAND_IN_SWITCH)
        return

    from .testing.stand_in import serving  # a connector in production never loads it

    file = config.root / asked
    if not file.is_file():
        raise ConfigError(f"{file}: not found. {STAND_IN_SWITCH} must name a file such as {DECLARATION}.")
    try:
        stand_in = SERVED.enter_context(serving(file))
    except DeclarationError as error:
        raise ConfigError(str(error)) from error

    app.extensions[CONNECTION] = stand_in.connection
    logger.info("The API is a stand-in: %s at %s", asked, stand_in.url)


def asked_cassette() -> str:
    """Return what the environment asks to be recorded or played back; "" for nothing."""
    return os.environ.get(CASSETTE_SWITCH, "").strip()


def find_stand_in(root: Path, version: Path | None = None) -> Path | None:
    """Return the file that declares the API: the version's own, else the connector's; None where there is neither."""
    folders = [root] if version is None else [version, root]
    return next((folder / DECLARATION for folder in folders if (folder / DECLARATION).is_file()), None)


def under_gunicorn() -> bool:
    """Say whether gunicorn serves this process, whatever its settings: it has loaded what rules its workers."""
    return "gunicorn.arbiter" in sys.modules


def with_connection(body: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request's body in which every connection holds `values`, the one beside the form even if it had none."""
    credentials = _mapping(body.get("credentials"))
    beside = {**_mapping(credentials.get("connection_data")), "value": dict(values)}
    data = _mapping(body.get("data"))
    inline = {name: _replaced(value, values) for name, value in data.items()}
    if isinstance(data.get("form_data"), dict):
        inline["form_data"] = {name: _replaced(value, values) for name, value in data["form_data"].items()}
    return {**body, "credentials": {**credentials, "connection_data": beside}, **({"data": inline} if data else {})}


def _replaced(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a field's value, that of a connection with other values in it."""
    if not isinstance(value, dict) or not isinstance(value.get("connection_data"), dict):
        return value

    return {**value, "connection_data": {**value["connection_data"], "value": dict(values)}}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
