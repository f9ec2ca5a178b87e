"""Findings for programs: JSON, annotations of GitHub, and SARIF."""

import json
from typing import Any
from urllib.parse import quote

from stacksync import __version__
from stacksync.inspection.findings import SEVERITIES, Finding
from stacksync.inspection.inspection import Inspection
from stacksync.reports.paths import Shown
from stacksync.rules import RULES

# The workflow commands of GitHub; SARIF's levels have our names.
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def as_json(inspection: Inspection) -> str:
    """Return everything as one JSON object."""
    counts = {f"{severity}s": inspection.count(severity) for severity in SEVERITIES}
    report = {
        "root": str(inspection.root),
        "findings": [{**finding.as_json(), "fixable": inspection.fixes(finding)} for finding in inspection.findings],
        "summary": {**counts, "fixable": inspection.fixable, "modules": inspection.modules},
    }
    return json.dumps(report, indent=2)


def as_github(inspection: Inspection) -> str:
    """Return one workflow command for each finding, which GitHub shows beside the line.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    shown = Shown(inspection.root)
    return "\n".join(_annotation(finding, shown) for finding in inspection.findings)


def _annotation(finding: Finding, shown: Shown) -> str:
    place, (end_line, end_column) = finding.place, finding.place.last
    where = {"file": shown.path(finding), "line": place.line, "col": place.column, "endLine": end_line}
    if end_line == place.line and end_column > place.column:
        where["endColumn"] = end_column - 1  # the last column, not the one after it
    pairs = ",".join(f"{key}={_property(str(value))}" for key, value in {**where, "title": finding.code}.items())
    message = f"{finding.message}. {finding.tip}" if finding.tip else finding.message
    return f"::{_COMMANDS[finding.severity]} {pairs}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(inspection: Inspection) -> str:
    """Return everything as SARIF 2.1.0, which code scanning reads.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    shown = Shown(inspection.root)
    driver = {"name": "stacksync", "version": __version__, "rules": [_rule(index) for index in range(len(RULES))]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, shown) for finding in inspection.findings],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(index: int) -> dict[str, Any]:
    rule = RULES[index]
    return {
        "id": rule.code,
        "name": type(rule).__name__,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, shown: Shown) -> dict[str, Any]:
    place, (end_line, end_column) = finding.place, finding.place.last
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    location = {"artifactLocation": {"uri": quote(shown.path(finding))}, "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": [rule.code for rule in RULES].index(finding.code),
        "level": finding.severity,
        "message": {"text": f"{finding.message}. {finding.tip}".rstrip(". ") + "."},
        "locations": [{"physicalLocation": location}],
    }
