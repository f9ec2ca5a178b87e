"""The calls of runs, as the runner tells of them: masked as soon as somebody looks, and before they are kept."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from stacksync.dev.calls.call import ApiCall, placed
from stacksync.dev.calls.hiding import Hiding, named, shown

TOGETHER = 0.1  # seconds whose news is told at once: a run may make a thousand calls in one
PATIENCE = 2.0  # seconds in which what the runner told of a run that has been answered is here


@dataclass(frozen=True)
class OtherWay:
    """What a run used besides `requests`, so that calls may not be seen.

    Args:
        kind: connection, program, kept (a connection that an earlier run left open), or fault (one of ours).
        where: The host and port, the program, or the error.
        place: The connector's line, FILE:LINE; "" where no line of it did.
    """

    kind: str
    where: str
    place: str

    @property
    def is_certain(self) -> bool:
        """Say whether this run has used it."""
        return self.kind != "kept"

    @property
    def sentence(self) -> str:
        """Return what happened in words."""
        by = f" by {self.place}" if self.place else ""
        return {
            "connection": f"A connection to {self.where} was used{by}, and not through requests.",
            "program": f"The program {self.where} was started{by}.",
            "kept": f"An earlier run left a connection to {self.where} open{f', made{by}' if by else ''}.",
            "fault": f"A call could not be followed{by}: {self.where}.",
        }[self.kind]


class RunCalls:
    """The calls of one run; more may come while it goes on.

    Args:
        run: The run.
        about: The version of a module and the endpoint that are called.
        hiding: Hides its secrets.
    """

    def __init__(self, run: str, about: tuple[str, str], hiding: Hiding) -> None:
        self.run = run
        self.module_path, self.endpoint = about
        self.is_followed = True
        self.will_be_told = False
        self._hiding = hiding
        self._told: list[Mapping[str, Any]] = []
        self._calls: dict[int, ApiCall] = {}
        self._beyond: Counter[str] = Counter()
        self._ways: list[OtherWay] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._highest = self._size = 0

    @property
    def calls(self) -> list[ApiCall]:
        """Return the calls that are kept in full, in the order in which they began."""
        with self._lock:
            self._settle()
            return [each for _, each in sorted(self._calls.items())]

    @property
    def other_ways(self) -> list[OtherWay]:
        """Return what else was used."""
        with self._lock:
            self._settle()
            return list(self._ways)

    @property
    def beyond(self) -> "dict[str, int]":
        """Return how often the calls that are not kept were answered with which status."""
        with self._lock:
            self._settle()
            return dict(self._beyond)

    @property
    def number(self) -> str:
        """Return what the run is called by people."""
        return self.run.rpartition("-")[2]

    @property
    def count(self) -> int:
        """Return how many calls there were."""
        return self._highest

    @property
    def has_other_ways(self) -> bool:
        """Say whether the run used another way, so that not all of its calls are seen."""
        return any(each.is_certain for each in self.other_ways)

    @property
    def number_bad(self) -> int:
        """Return how many calls failed, of those that are kept."""
        return sum(not each.is_good and not each.is_open for each in self.calls)

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        return self._size

    def as_json(self) -> "dict[str, Any]":
        """Return them for machines."""
        return {
            "endpoint": self.endpoint,
            "seen": self.is_followed and not self.has_other_ways,
            "calls": [each.as_json() for each in self.calls],
            "beyond": self.beyond,
            "other_ways": [{"kind": each.kind, "where": each.where, "place": each.place} for each in self.other_ways],
        }

    def get(self, number: int) -> ApiCall | None:
        """Return one call."""
        return next((each for each in self.calls if each.number == number), None)

    def take(self, data: Mapping[str, Any]) -> None:
        """Take what the runner tells; it is looked at later."""
        with self._lock:
            self._told.append(data)
            self._size += _size(data)
            self._highest = max(self._highest, data.get("number", 0))

    def end(self) -> None:
        """Note that all was told."""
        self._ended.set()

    def settle(self, *, wait: bool) -> None:
        """Mask what was told; nobody has to wait for it.

        Args:
            wait: Whether to wait for all of the run to be told.
        """
        if wait:
            self._ended.wait(PATIENCE)
        threading.Thread(target=lambda: self.calls, name="settle-calls", daemon=True).start()

    def _settle(self) -> None:
        told, self._told = self._told, []
        for data in told:
            if "way" in data:
                self._ways.append(OtherWay(data["way"], shown(self._hiding.text(data["where"])), placed(data["place"])))
            elif data["number"] in self._calls or "url" in data:
                known = self._calls.get(data["number"], ApiCall(data["number"]))
                self._calls[data["number"]] = known.told(data, self._hiding)
            else:
                self._beyond[str(data.get("status") or "failed")] += 1


class CallLog:
    """The calls of all runs that somebody still holds.

    Args:
        tell: Is called when there is news of a run.
    """

    def __init__(self, tell: Callable[[RunCalls], object]) -> None:
        self.is_followed = False  # a connector in Docker runs without our runner
        self._tell = tell
        self._runs: WeakValueDictionary[str, RunCalls] = WeakValueDictionary()

    def begin(self, run: str, about: tuple[str, str], secrets: Mapping[str, str]) -> RunCalls:
        """Begin a run.

        Args:
            run: The run.
            about: The version of a module and the endpoint that are called.
            secrets: What is hidden, with what it is called.
        """
        calls = self._runs[run] = RunCalls(run, about, Hiding(named(secrets)))
        calls.is_followed = self.is_followed
        self._tell(calls)
        return calls

    def get(self, run: str) -> RunCalls | None:
        """Return the calls of a run."""
        return self._runs.get(run)

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Take what the runner tells of a run."""
        calls = self._runs.get(data["run"])
        if calls is None:
            return

        if kind == KINDS[-1]:
            calls.end()
        else:
            calls.take(data)
        self._tell_soon(calls)

    def _tell_soon(self, calls: RunCalls) -> None:
        if calls.will_be_told:
            return

        calls.will_be_told = True
        timer = threading.Timer(TOGETHER, self._tell_now, (calls,))
        timer.daemon = True
        timer.start()

    def _tell_now(self, calls: RunCalls) -> None:
        calls.will_be_told = False
        self._tell(calls)


# What the runner tells; the last says that it was all.
KINDS = ("call", "way", "calls-end")


def _size(data: Mapping[str, Any]) -> int:
    """Return about how many bytes it takes to keep what was told."""
    return 1000 + sum(len((data.get(name) or {}).get("kept") or "") for name in ("body", "answer"))
