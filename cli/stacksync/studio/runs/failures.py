"""By which errors a run failed, as the page shows it: nothing secret in it, the connector's own lines first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.masking import mask

Masked = Callable[[str], str]


@dataclass(frozen=True)
class Frame:
    """A line that led to an error.

    Args:
        file: Relative to the connector's folder, if it is its own.
        times: How often it follows itself, as in a recursion.
    """

    file: str
    line: int | None
    function: str
    source: str
    times: int = 1


@dataclass(frozen=True)
class RaisedError:
    """One error of a chain.

    Args:
        own: The connector's lines, innermost first.
        others: The other ones, innermost first.
        omitted: How many there are of a recursion that are not told.
    """

    type: str
    message: str
    own: tuple[Frame, ...]
    others: tuple[Frame, ...]
    omitted: int


@dataclass(frozen=True)
class ApiAnswer:
    """What an API answered; a status of None says that it did not."""

    method: str
    address: str
    status: int | None
    body: str


@dataclass(frozen=True)
class RunFailure:
    """Why a run failed.

    Args:
        errors: The error, and those that it was raised from.
        api: The API's answer that led to it.
        request_id: Under which the log has the request.
    """

    errors: tuple[RaisedError, ...]
    api: ApiAnswer | None = None
    request_id: str = ""


def read_failures(told: Iterable[Mapping[str, Any]], secrets: Iterable[str]) -> tuple[RunFailure, ...]:
    """Return what the connector's process told, with every secret masked."""
    known = frozenset(secrets)

    def masked(text: Any) -> str:
        return mask(str(text or ""), known)

    return tuple(_failure(each, masked) for each in told)


def _failure(told: Mapping[str, Any], masked: Masked) -> RunFailure:
    api = told["api"]
    answer = api and ApiAnswer(masked(api["method"]), masked(api["address"]), api["status"], masked(api["body"]))
    return RunFailure(tuple(_error(each, masked) for each in told["errors"]), answer, masked(told["request_id"]))


def _error(told: Mapping[str, Any], masked: Masked) -> RaisedError:
    frames = [*reversed(told["frames"])]
    own, others = (_frames([each for each in frames if each["own"] is is_own], masked) for is_own in (True, False))
    return RaisedError(masked(told["type"]), masked(told["message"]), own, others, told["omitted"])


def _frames(told: list[Mapping[str, Any]], masked: Masked) -> tuple[Frame, ...]:
    found: list[Frame] = []
    for each in told:
        file = each["file"].replace("\\", "/").rpartition("/site-packages/")[2]
        frame = Frame(masked(file), each["line"], masked(each["function"]), masked(each["source"]))
        last = found[-1] if found else None
        if last and (last.file, last.line) == (frame.file, frame.line):
            found[-1] = Frame(frame.file, frame.line, frame.function, frame.source, last.times + 1)
        else:
            found.append(frame)
    return tuple(found)
