"""Renew the template's requirements.lock: `python cli/lock.py`, with uv (https://docs.astral.sh/uv/) on the path."""

import subprocess
from pathlib import Path

from stacksync.requirements.file import LOCK_COMMAND

TEMPLATE = Path(__file__).parents[1] / "template"


def main() -> None:
    """Write the newest versions that requirements.txt allows, and the hashes of their files."""
    lock = TEMPLATE / "requirements.lock"
    lock.unlink(missing_ok=True)  # uv keeps the versions of the lock it finds
    subprocess.run(LOCK_COMMAND.split(), cwd=TEMPLATE, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
