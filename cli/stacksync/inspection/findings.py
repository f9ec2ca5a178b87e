"""What `check` finds."""

from dataclasses import dataclass
from typing import Any, Literal

from stacksync.inspection.places import Place, TextFile

# An error fails a check, a warning with --strict; a note never does: it names what is allowed and seldom meant.
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Edit:
    """A change to a file: what stands in a place gives way to another text."""

    place: Place
    text: str

    @property
    def file(self) -> TextFile:
        """The file that it changes."""
        return self.place.file


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Args:
        code: The rule's.
        message: What is wrong, in one line.
        tip: What to do about it, in one line.
        edits: What `--fix` changes; empty where only a person can tell.
        alters: The attributes of a field that the edits alter; `--fix` makes such edits only for rules that are named.
        private: What stands in the place is a secret, which no report may show.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    tip: str = ""
    edits: tuple[Edit, ...] = ()
    alters: frozenset[str] = frozenset()
    private: bool = False

    @property
    def file(self) -> str:
        """The file's name from the connector's root."""
        return self.place.file.name

    @property
    def order(self) -> tuple[str, int, str, str]:
        """What findings are sorted by: where they are, then what they are."""
        return self.file, self.place.start, self.code, self.message

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `--format json` reports it."""
        end_line, end_column = self.place.last
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "line": self.place.line,
            "column": self.place.column,
            "end_line": end_line,
            "end_column": end_column,
            "message": self.message,
            "tip": self.tip,
            "fixable": bool(self.edits) and not self.alters,
            "fixable_by_name": bool(self.alters),
        }
