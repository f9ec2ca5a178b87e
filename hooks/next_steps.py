"""At the end: what to type next."""

import os
from pathlib import Path

from stacksync.shell import quoted, this_command


def run(project: Path, port: int) -> list[str]:
    """Return the commands that test and serve the new connector."""
    cd = [] if project == Path.cwd() else [f"cd {quoted([os.path.relpath(project)])}"]
    if not (project / "requirements-dev.txt").exists():  # somebody else's template, laid out in its own way
        return cd

    stacksync = this_command()
    dev = f"{stacksync} dev --open  # try it in Studio; it answers at http://127.0.0.1:{port}"
    return [*cd, f"{stacksync} test", dev]
