"""A Python file of a connector: what it says, and where."""

import ast
import re
import sys

from stacksync.inspection.document import ParseFault
from stacksync.inspection.places import Place, TextFile
from stacksync.inspection.syntax import Function, Syntax, parse

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# How a file says that it is not UTF-8: https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations
_OTHER_ENCODING = re.compile(r"(?:.*\n)?[ \t\f]*#.*?coding[:=]")


class PythonFile:
    """A Python file.

    Args:
        file: Its text.
        syntax: What it says.
        fault: Why it cannot be parsed.
    """

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.syntax: Syntax = parse(file.text)
        self.fault: ParseFault | None = None
        if self.syntax.error:
            self.fault = ParseFault(f"does not parse: {self.syntax.error}", self._at_error())
        elif file.fault and not _OTHER_ENCODING.match(file.text):
            self.fault = ParseFault(f"cannot be read: {file.fault}", file.place())

    def at(self, node: ast.AST) -> Place:
        """Return the place of a node; of a function, its name."""
        if isinstance(node, Function):
            line = self.file.line(node.lineno)
            column = max(line.find(node.name, line.find("def ")), 0)
            start = self.file.line_starts[node.lineno - 1] + column
            return self.file.place(start, start + len(node.name))
        if not isinstance(node, (ast.expr, ast.stmt, ast.alias, ast.keyword, ast.arg)):
            return self.file.place()

        start = self._characters(node.lineno, node.col_offset)
        return self.file.place(start, self._characters(node.end_lineno or node.lineno, node.end_col_offset or 0))

    def _characters(self, line: int, column: int) -> int:
        """Turn a line and a column, which Python counts in bytes, into an offset."""
        start = self.file.line_starts[min(line, len(self.file.line_starts)) - 1]
        text = self.file.line(line)
        return start + (column if text.isascii() else len(text.encode()[:column].decode(errors="replace")))

    def _at_error(self) -> Place:
        line, column = self.syntax.place
        start = self.file.line_starts[min(line, len(self.file.line_starts)) - 1] + column - 1
        return self.file.place(start, start + 1)
