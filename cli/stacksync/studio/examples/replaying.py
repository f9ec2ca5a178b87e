"""Every example of a module, sent as the connector's tests send it: what it expects against what was answered."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.cassettes import files as cassettes
from stacksync.cassettes.taping import Process, Sender, in_words
from stacksync.comparison.values import ADDED, Difference, value_differences
from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import find_interpreter
from stacksync.dev.processes.loaded import LoadedConnector, NoAnswerError, Reply
from stacksync.dev.session import DevSession
from stacksync.errors import StacksyncError
from stacksync.masking import mask, mask_in
from stacksync.plain_files import read_plain_text
from stacksync.runtime import decode
from stacksync.studio.examples.files import FOLDER, names_of, unescaped
from stacksync.studio.runs.differences import Compared, first
from stacksync.studio.runs.showing import pretty

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

RUN = "examples"  # what marks the lines of these runs
PATIENCE = 60.0  # seconds for each: on the platform a call must be answered sooner


@dataclass(frozen=True)
class Replayed:
    """One example, and what came of it.

    Args:
        fault: How the answer differs from what is expected, as the test says it; None where it does not, or where it
            was not sent yet.
        expected: The status that it expects.
        status: The status of the answer; None where there is none.
        compared: The values that differ.
        reply: The answer, secrets masked.
    """

    name: str
    fault: str | None = None
    expected: int = 200
    status: int | None = None
    compared: Compared | None = None
    reply: str = ""

    @property
    def outcome(self) -> str:
        """Return passed, failed or not run."""
        if self.fault is not None:
            return "failed"

        return "not run" if self.status is None else "passed"


def replay_all(session: DevSession, folder: "VersionFolder", secrets: Iterable[str]) -> list[Replayed]:
    """Send every example of a version as its tests do: in a process that loads the connector for it.

    An example with a cassette has a process of its own, which plays it back.

    Args:
        secrets: What may stand nowhere in what is shown.

    Raises:
        StacksyncError: There is no interpreter for the connector, or it does not load.
    """
    known, taped = frozenset(secrets), set(cassettes.names_of(folder))
    names = names_of(folder)
    found = dict(_in_one_process(session.connector, folder, [each for each in names if each not in taped], known))
    sender = Sender(session, folder)
    return [found[name] if name in found else _judged_by(folder, name, known, sender.play) for name in names]


def _in_one_process(
    connector: Connector, folder: "VersionFolder", names: list[str], secrets: frozenset[str]
) -> Iterator[tuple[str, Replayed]]:
    if not names:
        return

    with Process(connector, find_interpreter(connector.root), folder).loaded(lambda _: None) as loaded:
        for replayed in _replayed_in_turn(loaded, folder, names, secrets):
            yield replayed.name, replayed


def _replayed_in_turn(
    loaded: LoadedConnector, folder: "VersionFolder", names: list[str], secrets: frozenset[str]
) -> Iterator[Replayed]:
    """Yield each example; those behind one that the process did not survive are not run."""

    def play(name: str) -> Reply:
        return loaded.example(folder, str(folder.path / FOLDER / f"{name}.json"), RUN, PATIENCE)

    name, left = "", iter(names)
    try:
        for name in left:
            yield _judged_by(folder, name, secrets, play)
    except NoAnswerError as error:
        yield Replayed(name, fault=mask(str(error), secrets))
    yield from map(Replayed, left)


def _judged_by(folder: "VersionFolder", name: str, secrets: frozenset[str], play: Callable[[str], Reply]) -> Replayed:
    file = folder.path / FOLDER / f"{name}.json"
    try:
        content = decode(read_plain_text(file))
        reply = play(name)
    except NoAnswerError:
        raise
    except (OSError, ValueError) as error:
        return Replayed(name, fault=f"{FOLDER}/{file.name} cannot be read: {error}")
    except StacksyncError as error:  # of this example alone, such as a stand-in that does not start
        return Replayed(name, fault=mask(str(error), secrets))

    return _judged(name, content, reply, secrets)


def _judged(name: str, content: Any, reply: Reply, secrets: frozenset[str]) -> Replayed:
    text = reply.body.decode("utf-8", "replace")
    differs = in_words(reply)
    fault = mask("\n".join(differs), secrets) if differs else None
    expected, answered = mask_in(unescaped(content.get("reply", {})), secrets), mask_in(_json(text), secrets)
    found = first("Expected against answered", _wanted(value_differences(expected, answered)))
    shown = found if fault is not None else None
    return Replayed(name, fault, int(content.get("status", 200)), reply.status, shown, pretty(mask(text, secrets)))


def _wanted(found: Iterator[Difference]) -> Iterator[Difference]:
    """Yield what breaks an example: that an answer has further keys does not."""
    return (each for each in found if not (each.kind == ADDED and isinstance(each.steps[-1], str)))


def _json(text: str) -> Any:
    try:
        return decode(text)
    except ValueError:
        return text
