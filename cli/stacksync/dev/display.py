"""What the terminal shows of `stacksync dev`: lines of pieces with a style, for whoever prints them."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.dev.events import Event
from stacksync.dev.session import DevSession
from stacksync.dev.tracebacks import Told, Tracebacks
from stacksync.modules.states import OK
from stacksync.terminal import Piece, in_one_line

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# The runtime logs each request too, and so does the server of Stacksync's SDK: one line of it is enough.
_REQUEST_LINES = re.compile(r"\d\d:\d\d:\d\d INFO    [A-Z]+ \S.* \d{3} [\d.]+ ms  request_id=|\S+ - - \[.*\] \"")
# The time that the runtime and gunicorn begin their lines with: each line here has one.
_TIMES = re.compile(r"\d\d:\d\d:\d\d (?=[A-Z]+ )|\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] ")
# A page may send as many origins as it likes: each frame of it can have its own.
MOST_STRANGERS = 10
# So many modules are named when they are ready; of more only those that are not.
MOST_NAMED = 10
LONGEST_NAME = 32
_STATUS_STYLES = {2: "green", 3: "cyan", 4: "yellow", 5: "bold red"}
KEYS = {
    "o": "open Studio in the browser",
    "r": "restart the connector",
    "t": "run its tests",
    "q": "quit",
    "h": "show the keys and the addresses",
}


@dataclass(frozen=True)
class Line:
    """One line to show.

    Args:
        pieces: What it is made of.
        is_error: It is of interest even to those who want to see errors only.
        is_ours: It may be broken between words where the terminal is narrow; what the connector wrote may not.
        end: What follows it; nothing after a prompt.
    """

    pieces: tuple[Piece, ...]
    is_error: bool = False
    is_ours: bool = True
    end: str = "\n"

    @property
    def indent(self) -> int:
        """How far its second row is indented: below what follows the time, or the name."""
        return 10 if self.pieces and re.fullmatch(r"[\d:]{8}  ", self.pieces[0][0]) else 4

    @property
    def text(self) -> str:
        """What it says, without style."""
        return "".join(text for text, _ in self.pieces).rstrip()


class Display:
    """Turns what happens into lines. It remembers what it showed, so that only news is shown.

    Args:
        session: The connector that runs.
        studio: The address of Studio, if it is served.
        rows: How many lines the terminal shows: the addresses are shown again when they are out of view.
    """

    def __init__(self, session: DevSession, studio: str | None = None, rows: int = 24) -> None:
        self._session, self._studio, self._rows = session, studio, rows
        self._modules: dict[str, str] = {}
        self._reason = ""
        self._strangers: set[str] = set()
        self._tracebacks = Tracebacks(session.connector.root)
        self._prompt: Line | None = None
        self._prompt_shown = 0.0
        self._since_addresses = 0

    def heading(self, served_by: str) -> Iterator[Line]:
        """Yield what is known at the start: what runs, and where."""
        connector = self._session.connector
        name = in_one_line(str(connector.app_settings.get("app_name") or connector.app_type))
        ending = "h and Enter shows the keys" if self._session.keyboard.is_open else "Ctrl-C ends it"
        yield _line((name, "bold"), (f"  with {served_by}; {ending}", "dim"))
        yield from self._addresses()

    def lines(self, event: Event) -> Iterator[Line]:
        """Yield what an event is worth to be shown; the prompt of a handler that waits is shown again below it."""
        open_prompt = self._prompt
        shown = list(self._lines(event))
        if open_prompt and shown and event.kind != "answered":
            yield _asked()  # ends the line of the prompt
        yield from self._counted(shown)
        if open_prompt and shown and self._prompt:
            yield self._show_prompt(self._prompt)

    def _counted(self, lines: list[Line]) -> Iterator[Line]:
        for line in lines:
            self._since_addresses += 1
            yield line

    def _lines(self, event: Event) -> Iterator[Line]:
        show: dict[str, Callable[[Event], Iterator[Line]]] = {
            "state": self._state,
            "request": _request,
            "stranger": self._stranger,
            "log": self._log,
            "schema": _schema,
            "tunnel": _tunnel,
            "asks": self._asks,
            "answered": self._answered,
            "key": self._key,
            "tests": _tests,
        }
        if event.kind in show:
            yield from show[event.kind](event)

    def _addresses(self) -> Iterator[Line]:
        self._since_addresses = 0
        yield _address("connector", self._session.address)
        if self._studio:
            yield _address("Studio", self._studio)
        if self._session.public_address:
            yield _address("public", self._session.public_address)

    def _state(self, event: Event) -> Iterator[Line]:
        yield from (_of_connector(event, told) for told in self._tracebacks.rest())
        state = event.data["state"]
        if state == "reloading":
            self._reason = event.data["reason"]
        if state == "ready":
            yield self._ready(event)
        if state == "failed":
            yield _line(_clock(event), (in_one_line(event.data["reason"]) or "it does not start", "bold red"), bad=True)
        if state in ("ready", "failed"):
            yield from self._outcome(event)

    def _outcome(self, event: Event) -> Iterator[Line]:
        news = [self._error(error) for error in event.data["errors"]]
        news += self._news(event)
        yield from news
        if self._since_addresses + len(news) + 2 > self._rows:
            yield from self._addresses()

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
        news = {name: now.get(name, "removed") for name in sorted({*now, *self._modules})}
        news = {name: state for name, state in news.items() if state != self._modules.get(name)}
        self._modules = now
        well = [name for name, state in news.items() if state == OK]
        if len(well) > MOST_NAMED:
            yield _line((f"  {len(well)} modules ", ""), (OK, "green"))
            news = {name: state for name, state in news.items() if state != OK}
        width = min(LONGEST_NAME, max(map(len, news), default=0))
        for name, state in news.items():
            yield _line((f"  {in_one_line(name):<{width}}  ", ""), (state, "green" if state == OK else "yellow"))

    def _error(self, error: Mapping[str, Any]) -> Line:
        message = (in_one_line(error["message"]), "")
        if not error["file"]:
            return _line(("error ", "bold red"), message, bad=True)

        place = f"{error['file']}:{error['line']}" if error["line"] else error["file"]
        return _line(("error ", "bold red"), self._place(place, error["file"], "bold "), (": ", ""), message, bad=True)

    def _place(self, text: str, file: str, style: str = "") -> Piece:
        return in_one_line(text), f"{style}link {(self._session.connector.root / file).as_uri()}"

    def _log(self, event: Event) -> Iterator[Line]:
        line = _COLOURS.sub("", event.data["line"])
        if _REQUEST_LINES.match(line):
            return

        plain = _TIMES.sub("", line, count=1) if _TIMES.match(line) else line
        for told in self._tracebacks.take(event.data.get("run"), event.data["stream"], plain):
            yield self._with_link(event, told) if told.file else _of_connector(event, told)

    def _with_link(self, event: Event, told: Told) -> Line:
        place, _, rest = told.text.partition(" ")
        pieces = (_clock(event), ("|   ", "dim"), self._place(place, told.file), (f" {in_one_line(rest)}", "dim"))
        return Line(pieces, is_ours=False)

    # --- what is typed -------------------------------------------------------------------------------

    def _asks(self, event: Event) -> Iterator[Line]:
        prompt = (in_one_line(event.data["prompt"]), "bold")
        self._prompt = Line((_clock(event), ("| ", "dim"), prompt), is_error=True, is_ours=False, end="")
        yield self._show_prompt(self._prompt)

    def _show_prompt(self, prompt: Line) -> Line:
        self._prompt_shown = time.time()
        return prompt

    def _answered(self, event: Event) -> Iterator[Line]:
        """Yield the end of the prompt's line, unless the terminal wrote it when somebody pressed Enter behind it."""
        self._prompt = None
        if not event.data["typed"] or event.time < self._prompt_shown:
            yield Line((), is_error=True)

    def _key(self, event: Event) -> Iterator[Line]:
        key = event.data["key"].lower()
        if key == "h":
            yield from self._addresses()
            yield from (_asked((f"  {letter} ", "bold"), (meaning, "dim")) for letter, meaning in KEYS.items())
        elif key not in KEYS:
            yield _asked(("  h and Enter shows the keys", "dim"))


def _line(*pieces: Piece, bad: bool = False) -> Line:
    return Line(pieces, bad)


def _asked(*pieces: Piece) -> Line:
    """Return a line that was asked for, and is shown however quiet the command is to be."""
    return Line(pieces, is_error=True)


def _clock(event: Event) -> Piece:
    return time.strftime("%H:%M:%S  ", time.localtime(event.time)), "dim"


def _address(name: str, address: str, hint: str = "") -> Line:
    return _line((f"  {name:<11}", ""), (address, f"cyan link {address}"), (hint, "dim"))


def _modules(event: Event) -> dict[str, str]:
    kept = {error["module"] for error in event.data["errors"] if error["kept"]}
    states: Mapping[str, str] = event.data["modules"]
    aside = dict.fromkeys(kept, ", the last good version is served")
    return {name: state + aside.get(name, "") for name, state in states.items()}


def _request(event: Event) -> Iterator[Line]:
    status = event.data["status"]
    yield _line(
        _clock(event),
        (f"{in_one_line(event.data['method']):<5}{in_one_line(event.data['path'])}", ""),
        (f"  {status}", _STATUS_STYLES.get(status // 100, "")),
        (f"  {event.data['ms']:.0f} ms", "dim"),
    )


def _of_connector(event: Event, told: Told) -> Line:
    is_error = event.data.get("stream") == "stderr"
    style = "dim" if told.is_aside else "red" if is_error else ""
    return Line((_clock(event), ("| ", "dim"), (in_one_line(told.text), style)), is_ours=False)


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


def _tests(event: Event) -> Iterator[Line]:
    code = event.data["code"]
    if code is None:
        yield Line((("  ", ""), (in_one_line(_COLOURS.sub("", event.data["line"])), "")), is_error=True, is_ours=False)
    elif code == 0:
        yield _asked(_clock(event), ("the tests pass", "bold green"))
    else:
        fault = in_one_line(event.data["line"]) or f"pytest ended with exit code {code}"
        yield _asked(_clock(event), ("the tests fail", "bold red"), (f"  {fault}", "dim"))
