"""A JSON file: its content, and the place of every value in it."""

import json
import math
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NoReturn

from stacksync.inspection.document import Document, ParseFault, Path
from stacksync.inspection.json_places import JsonNode, find_constant, locate
from stacksync.inspection.places import Place, TextFile

MAX_DEPTH = 200  # the runtime's limit for what it reads from the wire


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
        text = self.file.text
        try:
            self.value = json.loads(text, object_pairs_hook=self._object, parse_constant=_refuse, parse_float=_finite)
        except json.JSONDecodeError as error:
            self.fault = self._syntax_fault(error)
        except RecursionError:
            self.fault = ParseFault(f"is nested deeper than {MAX_DEPTH} levels", self.file.place())
        except ValueError as error:
            self.fault = ParseFault(f"is not JSON: {error}", self.file.place(*find_constant(text)))
        if not self.fault and _depth(self.value) > MAX_DEPTH:
            self.fault = ParseFault(f"is nested deeper than {MAX_DEPTH} levels", self.file.place())

    def _syntax_fault(self, error: json.JSONDecodeError) -> ParseFault:
        text = self.file.text
        # Python 3.13 points to the comma, older ones to the bracket after it.
        comma = error.pos if text.startswith(",", error.pos) else len(text[: error.pos].rstrip()) - 1
        if re.match(r",[ \t\r\n]*[\]}]", text[max(comma, 0) :]):
            return ParseFault(
                "is not JSON: a comma stands before the closing bracket", self.file.place(comma, comma + 1)
            )

        message = error.msg[:1].lower() + error.msg[1:]
        return ParseFault(f"is not JSON: {message}", self.file.place(error.pos, error.pos + 1))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self._repeats = self._repeats or len(found) < len(pairs)
        return found


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        nested = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))]
        level = [child for children in nested for child in children]
    return depth


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is out of range")

    return number
