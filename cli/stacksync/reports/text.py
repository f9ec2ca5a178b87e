"""Findings for people: where, what, the line with a caret, and what to do."""

import unicodedata
from collections.abc import Iterator

from stacksync.inspection.findings import SEVERITIES, Finding
from stacksync.inspection.inspection import Inspection
from stacksync.reports.paths import Shown
from stacksync.terminal import Piece

WIDEST = 100
LONGEST = 1000

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def lines(inspection: Inspection, quiet: bool = False) -> Iterator[list[Piece]]:
    """Yield the report line by line; one line for each finding and no summary when quiet."""
    shown = Shown(inspection.root)
    for finding in inspection.findings:
        yield _head(finding, shown)
        if not quiet:
            yield from _excerpt(finding)
            yield [("", "")]
    if not quiet:
        yield [(summary(inspection), "")]


def summary(inspection: Inspection) -> str:
    """Return how much was found, in one line."""
    looked = f"in {_counted(inspection.modules, 'module')}"
    if not inspection.findings:
        return f"Nothing wrong {looked}."

    counts = [_counted(inspection.count(kind), kind) for kind in SEVERITIES if inspection.count(kind)]
    return " ".join([f"{', '.join(counts)} {looked}.", *_fixes(inspection)])


def _fixes(inspection: Inspection) -> Iterator[str]:
    named = inspection.fixable_by_name
    if inspection.fixable:
        yield f"--fix fixes {inspection.fixable}."
    if named:
        yield f"--fix --select {','.join(named)} changes how existing workflows run."


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _head(finding: Finding, shown: Shown) -> list[Piece]:
    place = f"{shown.path(finding)}:{finding.place.line}:{finding.place.column}:"
    return [
        (place, "bold"),
        (" ", ""),
        (finding.severity, _STYLES[finding.severity]),
        (f" {finding.code} ", "dim"),
        (_shortened(finding.message), ""),
    ]


def _excerpt(finding: Finding) -> Iterator[list[Piece]]:
    place = finding.place
    number, line = str(place.line), _flat(place.file.line(place.line))
    gutter = " " * (len(number) + 4)
    if line.strip():
        start = place.column - 1
        end = place.last[1] - 1 if place.last[0] == place.line else start + 1
        if finding.private:
            line = line[:start] + "*" * (end - start) + line[end:]
        cut = max(0, min(start - WIDEST // 2, len(line) - WIDEST))
        caret = " " * _width(line[cut:start]) + "^" * max(1, _width(line[start : min(end, cut + WIDEST)]))
        yield [(f"    {number} | ", "dim"), (line[cut : cut + WIDEST], "")]
        yield [(f"{gutter} | ", "dim"), (caret, _STYLES[finding.severity])]
    if finding.tip:
        yield [(f"{gutter} = ", "dim"), (_shortened(finding.tip), "green")]


def _shortened(text: str) -> str:
    """Return a text without most of a name or value in it that fills screens; the file has it."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _flat(text: str) -> str:
    """Return a text in one line and of the same length, for a caret to stand under it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
