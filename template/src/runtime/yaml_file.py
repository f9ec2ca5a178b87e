"""Read YAML files, and say in which line a fault is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The C loader is an optional part of PyYAML and about seven times faster.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


MOST_NODES = 100_000  # of a file when its aliases are followed


class YamlFileError(Exception):
    """The file is not YAML; the text is `FILE:LINE: fault`."""


def read_yaml(file: Path) -> Any:
    """Return the content of a YAML file.

    Raises:
        FileNotFoundError: There is no such file.
        YamlFileError: It cannot be read as YAML.
    """
    try:
        return _load(_read(file))
    except FileNotFoundError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFileError(f"{file}:{mark.line + 1 if mark else 1}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as error:
        raise YamlFileError(f"{file}:1: not readable as YAML: {str(error).splitlines()[0]}") from error


def _read(file: Path) -> str:
    if file.exists() and not file.is_file():  # a pipe would be waited for without end
        raise OSError("no regular file")

    return file.read_text("utf-8-sig")


def _load(text: str) -> Any:
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        refuse_bomb(node)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def refuse_bomb(root: yaml.Node | None) -> None:
    """Refuse a document that is small as it is written and huge when its aliases are followed.

    Raises:
        ValueError: It is such.
    """
    sizes: dict[int, int] = {}
    waiting = [root] if root else []
    while waiting:
        node = waiting[-1]
        inner = _inner(node)
        unknown = [each for each in inner if id(each) not in sizes]
        if unknown and id(node) not in sizes:
            sizes[id(node)] = MOST_NODES  # an alias to what it stands in
            waiting += unknown
            continue

        waiting.pop()
        sizes[id(node)] = min(1 + sum(sizes[id(each)] for each in inner), MOST_NODES)
    if root and sizes[id(root)] >= MOST_NODES:
        raise ValueError("its aliases make it too large")


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]

    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def line_of(file: Path, *keys: str) -> int:
    """Return the line of the last of `keys` that is there, going down from the root."""
    node = yaml.compose(file.read_text("utf-8-sig"), Loader)
    line = 1
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = [(name, value) for name, value in pairs if name.value == key]
        if not found:
            break
        line, node = found[-1][0].start_mark.line + 1, found[-1][1]

    return line
