"""Run the rules over a connector."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from stacksync.connector import ANSWERS_FILE, Connector, find_connector
from stacksync.errors import UsageError
from stacksync.inspection.findings import Finding
from stacksync.inspection.selection import Selection
from stacksync.inspection.survey import Survey
from stacksync.rules import RULES
from stacksync.runtime import MODULES_DIR


@dataclass(frozen=True)
class Inspection:
    """What was looked at, and what was found.

    Args:
        root: The connector's folder.
        modules: How many versions of modules there are.
        selection: Which rules were switched on.
    """

    root: Path
    findings: tuple[Finding, ...]
    modules: int
    selection: Selection

    def count(self, severity: str) -> int:
        """Return how many findings there are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def fails(self, *, strict: bool = False) -> bool:
        """Say whether a check fails: on errors, when strict on warnings too, on notes never."""
        return bool(self.count("error") or (strict and self.count("warning")))

    def fixes(self, finding: Finding) -> bool:
        """Say whether `--fix`, with the same selection, makes a finding's edits."""
        return self.selection.fixes(finding)

    @property
    def fixable(self) -> int:
        """How many findings `--fix` fixes."""
        return sum(map(self.fixes, self.findings))

    @property
    def fixable_by_name(self) -> tuple[str, ...]:
        """The rules whose fixes alter how existing workflows run: `--fix` makes them for rules that are named."""
        return tuple(sorted({each.code for each in self.findings if each.edits and not self.fixes(each)}))


def inspect(path: Path, selection: Selection | None = None) -> Inspection:
    """Look for what is wrong with the connector that a path lies in.

    Args:
        path: A connector's folder, or a file or folder in it: only what is found there is reported then.

    Raises:
        UsageError: There is no such path, or it lies in no connector.
    """
    selection = selection or Selection()
    connector = locate(path)
    survey = Survey(connector)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's own remarks on the code that is parsed
        found = [finding for rule in RULES if selection.has(rule.code) for finding in rule.check(survey)]

    prefix = _below(path, connector.root)
    kept = (finding for finding in found if _is_below(finding.file, prefix) and selection.keeps(finding))
    findings = tuple(sorted(kept, key=lambda each: each.order))
    return Inspection(connector.root, findings, len(survey.versions), selection)


def locate(path: Path) -> Connector:
    """Return the connector that a path lies in; one that misses its configuration is told by its other files.

    Raises:
        UsageError: There is no such path, or it lies in no connector.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist.", "stacksync check PATH, with the folder of a connector")

    start = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would leave by links
    try:
        return find_connector(start)
    except UsageError:
        for folder in (start, *start.parents):
            if (folder / ANSWERS_FILE).is_file() or (folder / MODULES_DIR).is_dir():
                return Connector(folder)
        raise


def _below(path: Path, root: Path) -> str:
    name = Path(os.path.abspath(path)).relative_to(root).as_posix()  # noqa: PTH100 - as above
    return "" if name == "." else name


def _is_below(file: str, prefix: str) -> bool:
    return not prefix or file == prefix or file.startswith(f"{prefix}/")
