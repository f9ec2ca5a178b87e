"""`stacksync doctor`: is this machine ready?"""

import json
from typing import TYPE_CHECKING

import typer

from stacksync.shared_options import AsJson, Quiet
from stacksync.terminal import in_one_line, say

if TYPE_CHECKING:
    from stacksync.connector import Connector
    from stacksync.readiness import Check

EXAMPLE = "Example: stacksync doctor"


def doctor(
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Tell whether this machine is ready, and what to do if not.

    Exits with 1 if something is missing that `new` or `dev` needs: Python, git, the ports. The rest are notes. Other
    programs named stacksync are listed, never started.
    """
    from stacksync.readiness import examine

    checks = examine(_connector())
    errors = [check for check in checks if check.state == "error"]
    if as_json:
        say(json.dumps({"ready": not errors, "checks": [vars(check) for check in checks]}, indent=2))
    else:
        for check in checks:
            if check in errors or not quiet:
                say(_as_text(check), err=check in errors and quiet)
    if errors:
        raise typer.Exit(1)


def _connector() -> "Connector | None":
    from stacksync.connector import find_connector
    from stacksync.errors import UsageError

    try:
        return find_connector()
    except UsageError:  # nothing in this command needs one
        return None


def _as_text(check: "Check") -> str:
    return in_one_line(f"{check.state:5}  {check.found}{f': {check.todo}' if check.todo else ''}")
