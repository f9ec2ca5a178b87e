"""A JSON file: its content, and the place of every value in it."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from stacksync.inspection.document import Document, ParseFault, Path
from stacksync.inspection.json_places import JsonNode, locate
from stacksync.inspection.places import Place, TextFile
from stacksync.runtime import JsonError, decode


class JsonDocument(Document):
    """A JSON file."""

    def __init__(self, file: TextFile) -> None:
        super().__init__(file)
        self._repeats = False
        if self.fault is None:
            self._read()

    def at(self, path: Path = (), *, key: bool = False) -> Place:
        """Return the place of a value, or of its key."""
        if self.fault:
            return self.fault.place

        node = self.root
        for step in path:
            if step not in node.inner:
                key = False
                break
            node = node.inner[step]
        return self.file.place(*(node.key if key and node.key else (node.start, node.end)))

    def repeated_keys(self) -> Iterator[Place]:
        """Yield the places of keys that their object has already."""
        nodes = self.root.walk() if self._repeats and not self.fault else ()
        return (self.file.place(*each.key) for node in nodes for each in node.repeated if each.key)

    @cached_property
    def root(self) -> JsonNode:
        """The outermost value, with the places of all the others."""
        return locate(self.file.text)

    def _read(self) -> None:
        try:
            self.value = decode(self.file.text, self._object)
        except JsonError as error:
            self.fault = self._fault(error)

    def _fault(self, error: JsonError) -> ParseFault:
        if error.kind == "limit":
            return ParseFault(
                f"is {error.reason}" if error.reason[0] == "n" else f"holds {error.reason}", self.file.place()
            )
        if error.kind == "number":
            reason = error.reason.replace("is not JSON", "is not a JSON number")
            return ParseFault(f"is not JSON: {reason}", self.file.place(*error.span))

        text, (start, end) = self.file.text, error.span
        # Python 3.13 points to the comma, older ones to the bracket after it.
        comma = start if text.startswith(",", start) else len(text[:start].rstrip()) - 1
        if re.match(r",[ \t\r\n]*[\]}]", text[max(comma, 0) :]):
            return ParseFault(
                "is not JSON: a comma stands before the closing bracket", self.file.place(comma, comma + 1)
            )

        return ParseFault(f"is not JSON: {error.reason[:1].lower()}{error.reason[1:]}", self.file.place(start, end))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self._repeats = self._repeats or len(found) < len(pairs)
        return found
