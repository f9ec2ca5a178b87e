"""Reading the JSON of `src/api/<name>/`, which anybody may have edited: each fault with its line."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stacksync.openapi.documents import MOST_BYTES, MOST_NODES
from stacksync.plain_files import read_plain
from stacksync.runtime import JsonError, decode


class StoredFileError(ValueError):
    """A file cannot be read; the text says why.

    Args:
        what: What is wrong with it.
        line: Where.
    """

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.line = line


def read_json(file: Path) -> Any:
    """Return what a file stands for.

    Raises:
        StoredFileError: It cannot be read, is no JSON, or has a key twice in one object.
    """
    try:
        if os.path.getsize(file) > MOST_BYTES:  # noqa: PTH202 - beside the error that it raises
            raise StoredFileError(f"is larger than {MOST_BYTES >> 20} MB")
        text = read_plain(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StoredFileError("is no text in UTF-8") from error
    except OSError as error:
        raise StoredFileError(f"cannot be read: {error.strerror or error}") from error

    repeated: list[str] = []
    try:
        held = decode(text, lambda pairs: _once(pairs, repeated), most_parts=MOST_NODES)
    except JsonError as error:
        raise StoredFileError(f"is no JSON: {error.reason}", error.lineno) from error
    if repeated:  # of which one reader takes the first, and another the last
        twice = repeated_key(text)
        raise StoredFileError(f"has {repeated[0]!r} twice", twice.line if twice else 1)
    return held


def _once(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        repeated += [name for name in made if names.count(name) > 1]
    return made


def line_of(file: Path, *keys: str) -> int:
    """Return the line of the last of `keys` that is there, going down from the root."""
    node, line = _composed(read_plain(file).decode("utf-8-sig")), 1
    for key in keys:
        found = next((pair for pair in _pairs(node) if pair[0].value == key), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


@dataclass(frozen=True)
class Repeated:
    """A key that an object has twice, and the line of the second."""

    name: str
    line: int


def repeated_key(text: str) -> Repeated | None:
    """Return the first key that an object of a JSON or YAML text has twice; of such readers take one or the other."""
    waiting, seen = [_composed(text)], set()
    while waiting:
        node = waiting.pop(0)
        if node is None or id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        names: set[str] = set()
        for key, value in _pairs(node):
            if str(key.value) in names:
                return Repeated(str(key.value), key.start_mark.line + 1)
            names.add(str(key.value))
            waiting.append(value)
        waiting += node.value if isinstance(node, yaml.SequenceNode) else []
    return None


def _composed(text: str) -> yaml.Node | None:
    """Return a text's nodes, which know their lines: what is JSON is YAML too, but for a few escapes."""
    try:
        node: yaml.Node | None = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return None
    return node


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []
