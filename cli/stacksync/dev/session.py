"""A connector that is being developed: where it answers, and what happens to it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.dev.calls.log import CallLog, RunCalls
from stacksync.dev.events import Event, Events
from stacksync.dev.failures import Failures
from stacksync.dev.keyboard import Keyboard
from stacksync.dev.lost_runs import LostRuns
from stacksync.masking import mask

if TYPE_CHECKING:
    from stacksync.dev.environment.interpreter import Interpreter

STARTING: Mapping[str, Any] = {"state": "starting", "seconds": None, "reason": "", "errors": [], "modules": {}}


@dataclass
class DevSession:
    """What the terminal and the Studio are given.

    Args:
        connector: The connector on disk.
        address: Where it answers, `http://127.0.0.1:2003`; the same for the whole run.
        events: What happens, from the first event on.
        calls: What runs call.
        public_address: Where a tunnel makes it known, while there is one.
        lost_runs: Why runs got no answer.
        replace_process: Ends the process that works on a run, for a reason; None where that is not ours, as in Docker.
        failures: By which errors runs failed.
        restart: Loads the connector again, though nothing was saved.
        interpreter: What it runs with; None where a container has it.
    """

    connector: Connector
    address: str
    events: Events = field(default_factory=Events)
    public_address: str | None = None
    lost_runs: LostRuns = field(default_factory=LostRuns)
    replace_process: Callable[[str, str], object] | None = None
    failures: Failures = field(default_factory=Failures)
    restart: Callable[[], object] = lambda: None
    interpreter: "Interpreter | None" = None
    _state: Mapping[str, Any] = field(default_factory=lambda: STARTING)
    _secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        self.calls = CallLog(self._publish_calls)
        self.keyboard = Keyboard(self.events)

    @property
    def state(self) -> Mapping[str, Any]:
        """Return the data of the newest `state` event."""
        return self._state

    @property
    def errors(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what keeps modules from being served as they are on disk, by `<module>/<version>`."""
        return {error["module"]: error for error in self._state["errors"] if error["module"]}

    def publish_state(self, state: str, **data: Any) -> Event:
        """Tell everyone how the connector is, and remember it for pages that are opened later."""
        self._state = {**STARTING, "state": state, **data}
        return self.events.publish("state", **self._state)

    def keep_secret(self, secrets: Iterable[str]) -> None:
        """Mask these texts in what the connector writes from now on."""
        self._secrets |= frozenset(secrets)

    def masked(self, text: str) -> str:
        """Return a text without what is secret."""
        return mask(text, self._secrets)

    def publish_log(self, line: str, run: str | None = None, stream: str = "stdout") -> Event:
        """Tell everyone what the connector wrote."""
        return self.events.publish("log", run=run, stream=stream, line=self.masked(line))

    def _publish_calls(self, calls: RunCalls) -> None:
        """Tell everyone that there is news of the calls of a run; what it is they ask for."""
        run = {"run": calls.run, "module": calls.module_path, "endpoint": calls.endpoint}
        self.events.publish("calls", **run, count=calls.count, unseen=calls.has_other_ways)
