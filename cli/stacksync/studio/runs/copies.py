"""A call as something to paste: a shell command, and a test of the connector. Secrets are masked in both."""

import json
import shlex
from pprint import pformat

from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.sending import Call


def as_curl(address: str, entry: HistoryEntry) -> str:
    """Return a call as a command for a POSIX shell."""
    module, version = entry.module_path.split("/", 1)
    url = address + Call(module, version, entry.endpoint, {}).path
    body = json.dumps(entry.request, ensure_ascii=False)
    return f"curl {shlex.quote(url)} \\\n  -H 'Content-Type: application/json' \\\n  --data {shlex.quote(body)}"


def as_pytest(entry: HistoryEntry) -> str:
    """Return a call as a test for the `tests/` folder of the module."""
    body = pformat(entry.request, width=100, sort_dicts=False).replace("\n", "\n    ")
    lines = [
        f"def test_{entry.endpoint}(module):",
        f"    body = {body}",
        "",
        f"    reply = module.send({entry.endpoint!r}, body)",
        "",
        f"    assert reply.status_code == {entry.answer.status or 200}",
    ]
    return "\n".join(lines) + "\n"
