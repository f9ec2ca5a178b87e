"""The connector's tests, run beside it when somebody asks for them on the terminal."""

import shutil
import subprocess
from threading import Thread

from stacksync.dev.environment.activation import activated
from stacksync.dev.environment.installation import provide_pytest
from stacksync.dev.processes.child import child, interrupt
from stacksync.dev.session import DevSession
from stacksync.errors import StacksyncError
from stacksync.runtime import STAND_IN_SWITCH

_PATIENCE = 5.0  # seconds


class OwnTests:
    """Runs them as `stacksync test` does, one run at a time; each line is a `tests` event, and so is the end.

    Args:
        session: The connector that is developed.
    """

    def __init__(self, session: DevSession) -> None:
        self._session = session
        self._thread: Thread | None = None
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin to run them, unless they run."""
        if self._thread and self._thread.is_alive():
            self._tell("the tests are running")
            return

        self._thread = Thread(target=self._run, name="tests", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End them, if they run."""
        if self._process and self._thread:
            interrupt(self._process)
            self._thread.join(2 * _PATIENCE)

    def _run(self) -> None:
        try:
            interpreter = provide_pytest(self._session.connector.root, self._tell)
        except StacksyncError as error:
            self._tell(str(error), 1)
            return

        self._tell("pytest")
        # A line is shown behind an indentation of two.
        variables = {**activated(interpreter), "COLUMNS": str(shutil.get_terminal_size().columns - 2)}
        variables.pop(STAND_IN_SWITCH, None)  # of `dev --stand-in`: tests start their own
        command = [str(interpreter.python), "-m", "pytest", "--color=no"]
        with child(command, self._session.connector.root, variables, _PATIENCE) as process:
            self._process = process
            assert process.stdout
            with process.stdout as lines:
                for line in lines:
                    self._tell(line.rstrip("\n"))
            code = process.wait()
        self._process = None
        self._tell("", code)

    def _tell(self, line: str, code: int | None = None) -> None:
        self._session.events.publish("tests", line=self._session.masked(line), code=code)
