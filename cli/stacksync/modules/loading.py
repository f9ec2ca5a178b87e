"""Load a connector once, in its own environment, to say which of its versions can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import VENV, find_interpreter
from stacksync.dev.environment.sdk import require_sdk
from stacksync.dev.processes.loaded import loaded_connector
from stacksync.dev.processes.worker import how_it_ended
from stacksync.errors import StacksyncError


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
        StacksyncError: There is no environment, its interpreter cannot be run, or it lacks the SDK.
    """
    interpreter = find_interpreter(connector.root)
    require_sdk(connector.root, interpreter)
    if interpreter is None:
        raise StacksyncError(f"There is no {VENV} to load the modules in.", "stacksync dev makes it")

    interpreter.require_recent()
    with loaded_connector(connector, interpreter) as loaded:
        if loaded.ended is not None:
            return LoadReport(general=how_it_ended(loaded.ended))

        found = list(loaded.problems)
        general = next((problem for module, problem in found if module is None), "")
        problems = {module: problem for module, problem in found if module}
        return LoadReport(frozenset(loaded.report["modules"]), problems, general)
