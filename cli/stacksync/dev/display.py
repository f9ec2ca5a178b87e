"""What the terminal shows of `stacksync dev`: lines of pieces with a style, for whoever prints them."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from stacksync.dev.events import Event
from stacksync.dev.session import Session

# A piece of a line, with the style it has in a terminal that shows colours.
Piece = tuple[str, str]
Line = list[Piece]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# The runtime logs each request too, and so does the server of Stacksync's SDK: one line of it is enough.
_REQUEST_LINES = re.compile(r"\d\d:\d\d:\d\d INFO    [A-Z]+ \S.* \d{3} [\d.]+ ms  request_id=|\S+ - - \[.*\] \"")
_STATUS_STYLES = {2: "green", 3: "cyan", 4: "yellow", 5: "bold red"}


class Display:
    """Turns what happens into lines. It remembers what it showed, so that only news is shown.

    Args:
        session: The connector that runs.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._modules: dict[str, str] = {}
        self._reason = ""

    def heading(self, served_by: str, studio: str | None) -> Iterator[Line]:
        """Yield what is known at the start: what runs, and where."""
        connector = self._session.connector
        name = printable(str(connector.app_settings.get("app_name") or connector.app_type))
        yield [(name, "bold"), (f"  {served_by}  Ctrl-C stops it", "dim")]
        yield _address("connector", self._session.address)
        if studio:
            yield _address("Studio", studio)

    def lines(self, event: Event) -> Iterator[Line]:
        """Yield what an event is worth to be shown."""
        show = {"state": self._state, "request": _request, "log": _log, "schema": _schema, "tunnel": _tunnel}
        if event.kind in show:
            yield from show[event.kind](event)

    def _state(self, event: Event) -> Iterator[Line]:
        state, seconds = event.data["state"], event.data["seconds"]
        if state == "reloading":
            self._reason = event.data["reason"]
        if state == "ready":
            done = "reloaded" if self._modules else "ready"
            took = f" in {seconds:.2f} s" if seconds is not None else ""
            reason = self._reason if self._modules else ""
            yield [(clock(event), "dim"), (f"{done}{took}", "bold green"), (f"  {printable(reason)}", "dim")]
        if state == "failed":
            reason = printable(event.data["reason"]) or "the connector does not start"
            yield [(clock(event), "dim"), (reason, "bold red")]
        if state in ("ready", "failed"):
            for error in event.data["errors"]:
                yield from _error(error, self._session)
            yield from self._news(event)

    def _news(self, event: Event) -> Iterator[Line]:
        """Yield the modules whose state is another than what was shown, all of them at first."""
        now = _modules(self._session, event.data["errors"])
        for name in sorted({*now, *self._modules}):
            if now.get(name) != self._modules.get(name):
                state = now.get(name, "removed")
                yield [("  ", ""), (f"{name:<32} ", ""), (state, "green" if state == "ok" else "yellow")]
        self._modules = now


def clock(event: Event) -> str:
    """Return when it happened, as it begins a line."""
    return time.strftime("%H:%M:%S  ", time.localtime(event.time))


def printable(text: str) -> str:
    """Return a text without what would move the cursor, colour the terminal or turn the direction of writing."""
    plain = _COLOURS.sub("", text).replace("\t", "    ")
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in plain)


def is_error(event: Event) -> bool:
    """Say whether an event is to be shown even to those who want to see errors only."""
    return bool(event.data.get("errors") or event.data.get("fault") or event.data.get("state") == "failed")


def _address(name: str, address: str, hint: str = "") -> Line:
    return [(f"  {name:<11}", ""), (address, f"cyan link {address}"), (hint, "dim")]


def _modules(session: Session, errors: list[Mapping[str, Any]]) -> dict[str, str]:
    from stacksync.connector import Connector

    # Anew, because a connector remembers what it read.
    versions = Connector(session.connector.root).versions
    states = {f"{version.module}/{version.version}": "ok" for version in versions}
    for error in errors:
        if error["module"]:
            states[error["module"]] = "the last good version is served" if error["kept"] else "not served"
    return states


def _error(error: Mapping[str, Any], session: Session) -> Iterator[Line]:
    yield [("error ", "bold red"), *_place(error, session), (printable(error["message"]), "")]


def _place(error: Mapping[str, Any], session: Session) -> Line:
    if not error["file"]:
        return []

    place = f"{error['file']}:{error['line']}" if error["line"] else error["file"]
    address = (session.connector.root / error["file"]).as_uri()
    return [(printable(place), f"bold link {address}"), (": ", "")]


def _request(event: Event) -> Iterator[Line]:
    data = event.data
    status, milliseconds = data["status"], data["ms"]
    yield [
        (clock(event), "dim"),
        (f"{printable(data['method']):<5}{printable(data['path'])}", ""),
        (f"  {status}", _STATUS_STYLES.get(status // 100, "")),
        (f"  {milliseconds:.0f} ms", "dim"),
    ]


def _log(event: Event) -> Iterator[Line]:
    line = event.data["line"]
    if not _REQUEST_LINES.match(_COLOURS.sub("", line)):
        yield [("  | ", "dim"), (printable(line), "red" if event.data["stream"] == "stderr" else "")]


def _schema(event: Event) -> Iterator[Line]:
    name = f"{event.data['module']}/{event.data['version']}"
    yield [(clock(event), "dim"), ("form saved", "bold green"), (f"  {printable(name)}", "dim")]


def _tunnel(event: Event) -> Iterator[Line]:
    address, fault = event.data["address"], event.data["fault"]
    if fault:
        yield [(clock(event), "dim"), ("no public address", "bold red"), (f"  {printable(fault)}", "")]
    else:
        yield _address("public", address, "  paste it into Developer Studio as the API URL; anybody may call it")
