"""Programs that stand in for docker, ngrok and cloudflared on the path: they record how they were called."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = """\
#!{python}
import json, os, signal, sys, time

said = {{"arguments": sys.argv[1:], "PORT": os.environ.get("PORT"), "DEV_USER": os.environ.get("DEV_USER")}}
with open({record!r}, "a") as file:
    file.write(json.dumps({{**said, "cwd": os.getcwd()}}) + "\\n")


def end(number, frame):
    with open({record!r}, "a") as file:
        file.write(json.dumps({{"signal": number}}) + "\\n")
    sys.exit(130)


signal.signal(signal.SIGINT, end)
{body}
"""

FOREVER = "while True: time.sleep(60)\n"


@dataclass(frozen=True)
class StandIns:
    """A folder of programs that is the path, or goes first on it."""

    folder: Path

    def add(self, name: str, body: str) -> None:
        """Write a program that does what the body says."""
        program = self.folder / name
        record = str(self.folder / f"{name}.calls")
        program.write_text(_SCRIPT.format(python=sys.executable, record=record, body=body), "utf-8")
        program.chmod(0o755)

    def calls(self, name: str) -> list[dict[str, Any]]:
        """Return what a program recorded: its calls, and the signals that ended them."""
        record = self.folder / f"{name}.calls"
        return [json.loads(line) for line in record.read_text("utf-8").splitlines()] if record.exists() else []

    @property
    def path(self) -> str:
        """The PATH on which they are found, and no other program."""
        return str(self.folder)
