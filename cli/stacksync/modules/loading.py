"""Load a connector once, in its own environment, to say which of its versions can be."""

import queue
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacksync.connector import Connector
from stacksync.dev.environment.dot_env import read_environment
from stacksync.dev.environment.interpreter import VENV, Interpreter, find_interpreter
from stacksync.dev.processes.load_errors import in_one_line
from stacksync.dev.processes.revision import read_snapshot
from stacksync.dev.processes.worker import Message, Start, Worker, how_it_ended
from stacksync.errors import StacksyncError

PATIENCE = 120.0  # seconds: a connector that takes longer never gets ready on the platform either


@dataclass(frozen=True)
class LoadReport:
    """What came of it.

    Args:
        modules: The versions that were loaded, as `<module>/<version>`.
        problems: Why others were not, as FILE:LINE: FAULT.
        general: Why nothing of the connector was loaded; empty if it was.
    """

    modules: frozenset[str] = frozenset()
    problems: Mapping[str, str] = field(default_factory=dict)
    general: str = ""

    def problem_of(self, module_path: str) -> str | None:
        """Return why a version was not loaded; None if it was."""
        if module_path in self.modules:
            return None

        return self.problems.get(module_path) or self.general or "it was not loaded, and nothing says why"


def load(connector: Connector) -> LoadReport:
    """Import the connector in a process of its own interpreter, which ends then.

    Raises:
        StacksyncError: There is no environment, or its interpreter cannot be run.
    """
    interpreter = find_interpreter(connector.root)
    if interpreter is None:
        raise StacksyncError(f"There is no {VENV} to load the modules in.", "stacksync dev makes it")

    interpreter.require_recent()
    report = _ask(connector, interpreter)
    if report.kind == "exit":
        return LoadReport(general=how_it_ended(report.data["code"]))

    errors: list[Mapping[str, Any]] = report.data["errors"]
    problems = {error["module"]: in_one_line(error) for error in errors if error["module"]}
    general = next((in_one_line(error) for error in errors if not error["module"]), "")
    return LoadReport(frozenset(report.data["modules"]), problems, general)


def _ask(connector: Connector, interpreter: Interpreter) -> Message:
    environment = read_environment(connector.root)
    messages: queue.Queue[Message] = queue.Queue()
    worker = Worker(Start(interpreter.python, connector.root, environment), messages.put)
    try:
        worker.load(environment, read_snapshot(connector.root).route_files, guarded=False)
        while (message := messages.get(timeout=PATIENCE)).kind not in ("loaded", "exit"):
            continue  # it says that it is warm, and what it logs
        return message
    except queue.Empty:
        raise StacksyncError(f"The connector is not loaded after {PATIENCE:.0f} s.", "run it: stacksync dev") from None
    finally:
        worker.kill()
