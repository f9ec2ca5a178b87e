"""The Python that runs a connector: of its .venv, of the environment that is active, or of a .venv that is made."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.utils import canonicalize_name

from stacksync.errors import StacksyncError
from stacksync.requirements import installed as requirements
from stacksync.requirements.file import FILE
from stacksync.requirements.installed import Environment
from stacksync.shell import quoted

VENV = ".venv"
OLDEST = (3, 10)

_PYTHON = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
# Names come as the packages spell them; a broken one has none. `importlib.metadata` knows the same, but to load it and
# to parse every header takes three times as long: https://packaging.python.org/en/latest/specifications/core-metadata/
_QUESTION = r"""
import json, os, platform, re, sys
found = {}
for folder in sys.path:
    for entry in os.listdir(folder) if os.path.isdir(folder) and os.access(folder, os.R_OK) else ():
        if not entry.endswith((".dist-info", ".egg-info")):
            continue
        info = os.path.join(folder, entry)
        files = [info, os.path.join(info, "METADATA"), os.path.join(info, "PKG-INFO")]
        for file in files:
            if not (os.path.isfile(file) and os.access(file, os.R_OK)):
                continue
            with open(file, encoding="utf-8", errors="replace") as text:
                head = text.read().partition("\n\n")[0]
            said = dict(re.findall(r"(?m)^(Name|Version):[ \t]*(\S+)", head))
            if "Name" in said:
                found.setdefault(said["Name"], said.get("Version", "0"))
print(json.dumps({"version": platform.python_version(), "installed": found}))
"""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter of a virtual environment.

    Args:
        home: The environment's folder.
        shown: How the folder is named in messages.
    """

    home: Path
    shown: str

    @property
    def python(self) -> Path:
        """The program. It is not resolved: by its place Python knows the environment."""
        return self.home / _PYTHON

    @cached_property
    def environment(self) -> Environment:
        """What the interpreter says of itself.

        Raises:
            StacksyncError: It does not run.
        """
        command = [str(self.python), "-I", "-c", _QUESTION]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
            facts = json.loads(answer)
            installed = {str(canonicalize_name(name)): version for name, version in facts["installed"].items()}
            return Environment(facts["version"], installed)
        except OSError as error:
            reason = error.strerror
        except (subprocess.CalledProcessError, ValueError, TypeError, KeyError, AttributeError):
            reason = "it does not answer as Python does"
        raise StacksyncError(f"The Python of {self.shown} does not run: {reason}.", self._anew())

    @property
    def version(self) -> str:
        """The Python version, `3.11.4`."""
        return self.environment.version

    @property
    def programs(self) -> Path:
        """The folder of its programs."""
        return self.python.parent

    @property
    def has_pip(self) -> bool:
        """Whether pip is in it; environments that uv makes have none."""
        return "pip" in self.environment.installed

    def lacks(self, lacking: list[str], file: str = FILE, root: Path | None = None) -> str:
        """Return what is missing, and what to type to install it."""
        return f"{self.shown} lacks {', '.join(lacking)}: {self.install_command(file, root)}"

    def install_command(self, file: str = FILE, root: Path | None = None) -> str:
        """Return what to type, in the current folder, to install what is missing.

        Args:
            file: The requirements file, from the connector's root.
            root: The connector's root; by default the current folder.
        """
        way = "" if root is None else os.path.relpath(root)
        python = quoted([os.path.normpath(Path(way, self.shown, _PYTHON))])  # an absolute path stays what it is
        listed = quoted([os.path.normpath(Path(way, file))])
        if not self.has_pip:
            return f"uv pip install --python {python} -r {listed}"
        return f"{python} -m pip install -r {listed}"

    def require_recent(self) -> None:
        """Refuse a Python that connectors do not run on.

        Raises:
            StacksyncError: It is older.
        """
        if tuple(map(int, self.version.split(".")[:2])) >= OLDEST:
            return

        oldest = ".".join(map(str, OLDEST))
        raise StacksyncError(
            f"{self.shown} has Python {self.version}: connectors need {oldest} or newer.", self._anew()
        )

    def _anew(self) -> str:
        if self.shown == VENV:
            return f"delete {VENV}: stacksync dev then makes it with Python {sys.version.split()[0]}"
        return f"deactivate that environment: stacksync dev then makes {VENV}"


def find_interpreter(root: Path, file: str = FILE) -> Interpreter | None:
    """Return what a connector runs with; None where an environment has to be made first.

    An active environment counts as one for this connector unless it is only the one that stacksync itself is in.

    Args:
        root: The connector's root.
        file: The requirements file that stacksync's own environment has to satisfy to count.
    """
    own = Interpreter(root / VENV, VENV)
    if os.path.lexists(own.home):
        return own

    active = os.environ.get("VIRTUAL_ENV", "")
    found = Interpreter(Path(active), active)
    if not active or not found.python.exists():
        return None
    if Path(active).resolve() == Path(sys.prefix).resolve() and requirements.missing(root, found.environment, file):
        return None
    return found
