"""At the end: what to type next."""

import os
import shlex
from pathlib import Path


def run(project: Path, port: int) -> list[str]:
    """Return the commands that test and serve the new connector."""
    cd = f"cd {shlex.quote(os.path.relpath(project))}"
    if not (project / "requirements-dev.txt").exists():  # somebody else's template, laid out in its own way
        return [cd]

    return [cd, "stacksync test", f"stacksync dev      # http://127.0.0.1:{port}"]
