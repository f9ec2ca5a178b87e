"""Read YAML files, and say in which line a fault is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The C loader is an optional part of PyYAML and about seven times faster.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlFileError(Exception):
    """The file is not YAML; the text is `FILE:LINE: fault`."""


def read_yaml(file: Path) -> Any:
    """Return the content of a YAML file.

    Raises:
        FileNotFoundError: There is no such file.
        YamlFileError: It cannot be read as YAML.
    """
    try:
        return _load(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFileError(f"{file}:{mark.line + 1 if mark else 1}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as error:
        raise YamlFileError(f"{file}:1: not readable as YAML: {str(error).splitlines()[0]}") from error


def _load(text: str) -> Any:
    loader = Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


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
