"""Which rules are switched on: by options, by pyproject.toml, and by comments beside what they find."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from stacksync.errors import StacksyncError, UsageError
from stacksync.inspection.findings import Finding
from stacksync.inspection.project_settings import FILE, read_table, table_name
from stacksync.rules import GROUPS, RULES

TABLE = table_name("check")

_COMMENT = re.compile(r"#\s*stacksync:\s*(ignore|ignore-file)\[([\w,\s]+)\]")


@dataclass(frozen=True)
class Selection:
    """What to look for: codes, or the beginnings of codes, such as `PY` and `SCH0`.

    Args:
        select: Nothing but these; everything when empty.
        ignore: Not these.
        per_file: Not these in files whose name fits a pattern.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, code: str) -> bool:
        """Say whether a rule is switched on."""
        return (not self.select or code.startswith(self.select)) and not code.startswith(self.ignore or ("-",))

    def fixes(self, finding: Finding) -> bool:
        """Say whether `--fix` makes a finding's edits: those that alter how workflows run, only for named rules."""
        return bool(finding.edits) and (not finding.alters or finding.code in self.select)

    def keeps(self, finding: Finding) -> bool:
        """Say whether a finding is reported: its file or its line may say otherwise."""
        ignored = (codes for pattern, codes in self.per_file.items() if fnmatchcase(finding.file, pattern))
        return not any(finding.code.startswith(codes) for codes in ignored) and not _is_commented(finding)


def _is_commented(finding: Finding) -> bool:
    text = finding.place.file.text
    if "stacksync:" not in text or finding.file.endswith(".json"):
        return False

    lines = [("ignore", finding.place.file.line(finding.place.line)), ("ignore-file", text)]
    found = (match for kind, part in lines for match in _COMMENT.finditer(part) if match[1] == kind)
    return any(finding.code.startswith(tuple(re.findall(r"\w+", match[2]))) for match in found)


def read_selection(root: Path, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Selection:
    """Return what the options ask for, less what the connector's pyproject.toml ignores.

    Raises:
        UsageError: An option names a rule that does not exist.
        StacksyncError: pyproject.toml does.
    """
    settings = read_table(root, "check", ("ignore", "per-file-ignores"))
    chosen, less = _codes(select, "--select"), _codes(ignore, "--ignore")
    always = _from_file(settings.get("ignore", []), "ignore")
    patterns = settings.get("per-file-ignores", {})
    if not isinstance(patterns, dict):
        raise StacksyncError(f"{FILE}: {TABLE}.per-file-ignores must be a table.", '"src/modules/x/*" = ["PY009"]')

    per_file = {pattern: _from_file(codes, f"per-file-ignores.{pattern}") for pattern, codes in patterns.items()}
    return Selection(chosen, (*less, *always), per_file)


def _from_file(codes: Any, key: str) -> tuple[str, ...]:
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise StacksyncError(f"{FILE}: {TABLE}.{key} must be a list of codes.", f'{key} = ["PY009"]')
    try:
        return _codes(codes, f"{FILE}: {TABLE}.{key}")
    except UsageError as error:
        raise StacksyncError(str(error), error.tip) from None


def _codes(given: Iterable[str], origin: str) -> tuple[str, ...]:
    codes = [code.strip().upper() for each in given for code in each.split(",") if code.strip()]
    for code in codes:
        if not any(rule.code.startswith(code) for rule in RULES):
            raise unknown_code(code, origin)
    return tuple(codes)


def unknown_code(code: str, origin: str) -> UsageError:
    """Say that there is no such rule, and which one is most like it."""
    near = get_close_matches(code, [*(rule.code for rule in RULES), *GROUPS], 1)
    tip = f"did you mean {near[0]}?" if near else f"codes begin with {', '.join(GROUPS)}"
    return UsageError(f"{origin}: there is no rule {code}.", tip)
