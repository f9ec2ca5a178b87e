"""Severities that a connector sets, in the file where it also says what `check` leaves out."""

from difflib import get_close_matches
from pathlib import Path

from stacksync.comparison.severities import RULES, SEVERITIES, Severity
from stacksync.errors import StacksyncError
from stacksync.inspection.project_settings import FILE, read_table, table_name

_KEY = "severity"
_EXAMPLE = 'severity = {DIF020 = "fine"}'


def read_severities(root: Path) -> dict[str, Severity]:
    """Return the severities that pyproject.toml sets, by the codes of the rules.

    Raises:
        StacksyncError: It sets something else.
    """
    found = read_table(root, "diff", (_KEY,)).get(_KEY, {})
    place = f"{FILE}: {table_name('diff')}.{_KEY}"
    if not isinstance(found, dict):
        raise StacksyncError(f"{place} must be a table.", _EXAMPLE)

    codes = {rule.code for rule in RULES}
    for code, severity in found.items():
        if code not in codes:
            near = get_close_matches(code.upper(), sorted(codes), 1)
            raise StacksyncError(f"{place}: there is no rule {code}.", f"did you mean {near[0]}?" if near else _EXAMPLE)
        if severity not in SEVERITIES:
            raise StacksyncError(f"{place}.{code} must be {', '.join(SEVERITIES[:2])} or {SEVERITIES[2]}.", _EXAMPLE)
    return dict(found)
