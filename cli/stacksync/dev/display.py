"""What the terminal shows of `stacksync dev`: lines of pieces with a style, for whoever prints them."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacksync.dev.events import Event
from stacksync.dev.session import DevSession
from stacksync.modules.states import OK
from stacksync.terminal import Piece, in_one_line

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# The runtime logs each request too, and so does the server of Stacksync's SDK: one line of it is enough.
_REQUEST_LINES = re.compile(r"\d\d:\d\d:\d\d INFO    [A-Z]+ \S.* \d{3} [\d.]+ ms  request_id=|\S+ - - \[.*\] \"")
# A page may send as many origins as it likes: each frame of it can have its own.
MOST_STRANGERS = 10
_STATUS_STYLES = {2: "green", 3: "cyan", 4: "yellow", 5: "bold red"}


@dataclass(frozen=True)
class Line:
    """One line to show.

    Args:
        pieces: What it is made of.
        is_error: It is of interest even to those who want to see errors only.
    """

    pieces: tuple[Piece, ...]
    is_error: bool = False

    @property
    def text(self) -> str:
        """What it says, without style."""
        return "".join(text for text, _ in self.pieces).rstrip()


class Display:
    """Turns what happens into lines. It remembers what it showed, so that only news is shown.

    Args:
        session: The connector that runs.
    """

    def __init__(self, session: DevSession) -> None:
        self._session = session
        self._modules: dict[str, str] = {}
        self._reason = ""
        self._strangers: set[str] = set()

    def heading(self, served_by: str, studio: str | None) -> Iterator[Line]:
        """Yield what is known at the start: what runs, and where."""
        connector = self._session.connector
        name = in_one_line(str(connector.app_settings.get("app_name") or connector.app_type))
        yield _line((name, "bold"), (f"  with {served_by}; Ctrl-C ends it", "dim"))
        yield _address("connector", self._session.address)
        if studio:
            yield _address("Studio", studio)

    def lines(self, event: Event) -> Iterator[Line]:
        """Yield what an event is worth to be shown."""
        show = {
            "state": self._state,
            "request": _request,
            "stranger": self._stranger,
            "log": _log,
            "schema": _schema,
            "tunnel": _tunnel,
        }
        if event.kind in show:
            yield from show[event.kind](event)

    def _state(self, event: Event) -> Iterator[Line]:
        state = event.data["state"]
        if state == "reloading":
            self._reason = event.data["reason"]
        if state == "ready":
            yield self._ready(event)
        if state == "failed":
            yield _line(_clock(event), (in_one_line(event.data["reason"]) or "it does not start", "bold red"), bad=True)
        if state in ("ready", "failed"):
            yield from (_error(error, self._session.connector.root) for error in event.data["errors"])
            yield from self._news(event)

    def _ready(self, event: Event) -> Line:
        done, reason = ("reloaded", in_one_line(self._reason)) if self._modules else ("ready", "")
        seconds = event.data["seconds"]
        took = "" if seconds is None else f" in {seconds:.2f} s"
        return _line(_clock(event), (f"{done}{took}", "bold green"), (f"  {reason}", "dim"))

    def _stranger(self, event: Event) -> Iterator[Line]:
        """Yield what to write so that a page may call the connector; for each origin once, and for the first few."""
        origin = event.data["origin"]
        if origin in self._strangers or len(self._strangers) >= MOST_STRANGERS:
            return

        self._strangers.add(origin)
        yield _line(_clock(event), ("refused", "bold red"), (f"  a page of {in_one_line(origin)}", ""), bad=True)
        line = f"  cors_origins: [{json.dumps(origin)}]"
        yield _line(("  to let it call the connector, write in app_config.yaml, local_development_settings:", "dim"))
        yield _line((in_one_line(line), ""))

    def _news(self, event: Event) -> Iterator[Line]:
        """Yield the modules whose state is another than what was shown, all of them at first."""
        now = _modules(event)
        for name in sorted({*now, *self._modules}):
            state = now.get(name, "removed")
            if state != self._modules.get(name):
                yield _line((f"  {in_one_line(name):<32} ", ""), (state, "green" if state == OK else "yellow"))
        self._modules = now


def _line(*pieces: Piece, bad: bool = False) -> Line:
    return Line(pieces, bad)


def _clock(event: Event) -> Piece:
    return time.strftime("%H:%M:%S  ", time.localtime(event.time)), "dim"


def _address(name: str, address: str, hint: str = "") -> Line:
    return _line((f"  {name:<11}", ""), (address, f"cyan link {address}"), (hint, "dim"))


def _modules(event: Event) -> dict[str, str]:
    kept = {error["module"] for error in event.data["errors"] if error["kept"]}
    states: Mapping[str, str] = event.data["modules"]
    aside = dict.fromkeys(kept, ", the last good version is served")
    return {name: state + aside.get(name, "") for name, state in states.items()}


def _error(error: Mapping[str, Any], root: Path) -> Line:
    message = (in_one_line(error["message"]), "")
    if not error["file"]:
        return _line(("error ", "bold red"), message, bad=True)

    place = f"{error['file']}:{error['line']}" if error["line"] else error["file"]
    link = f"bold link {(root / error['file']).as_uri()}"
    return _line(("error ", "bold red"), (in_one_line(place), link), (": ", ""), message, bad=True)


def _request(event: Event) -> Iterator[Line]:
    status = event.data["status"]
    yield _line(
        _clock(event),
        (f"{in_one_line(event.data['method']):<5}{in_one_line(event.data['path'])}", ""),
        (f"  {status}", _STATUS_STYLES.get(status // 100, "")),
        (f"  {event.data['ms']:.0f} ms", "dim"),
    )


def _log(event: Event) -> Iterator[Line]:
    line = _COLOURS.sub("", event.data["line"])
    if not _REQUEST_LINES.match(line):
        yield _line(("  | ", "dim"), (in_one_line(line), "red" if event.data["stream"] == "stderr" else ""))


def _schema(event: Event) -> Iterator[Line]:
    name = f"{event.data['module']}/{event.data['version']}"
    yield _line(_clock(event), ("form saved", "bold green"), (f"  {in_one_line(name)}", "dim"))


def _tunnel(event: Event) -> Iterator[Line]:
    fault = event.data["fault"]
    if fault:
        yield _line(_clock(event), ("no public address", "bold red"), (f"  {in_one_line(fault)}", ""), bad=True)
    else:
        hint = "  paste it into Developer Studio as the API URL; anybody may call it"
        yield _address("public", event.data["address"], hint)
