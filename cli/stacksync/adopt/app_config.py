"""app_config.yaml by key: what the user wrote stays, comments and all, and what the runtime needs is added."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from stacksync.adopt.existing import Existing
from stacksync.runtime import DIRECTORY_KEYS

_SCHEMA = re.compile(r"# yaml-language-server: .*\n")
_SECTION = "app_settings"


@dataclass(frozen=True)
class MergedConfig:
    """An app_config.yaml of both.

    Args:
        text: It.
        changed: The line of the user that names another folder than the modules are in; empty where it was right.
    """

    text: str
    changed: str = ""


def merged_config(theirs: str, ours: str, existing: Existing) -> MergedConfig:
    """Return the user's file with the sections and keys of the template that it lacks.

    Args:
        theirs: The user's, a mapping of sections.
        ours: The template's, with this connector's answers.
        existing: The connector.
    """
    text, changed = _with_directory(theirs, existing)
    for name, keys in _sections(ours):
        section = existing.settings.get(name)
        if name not in existing.settings:
            text = f"{text.rstrip()}\n\n{name}:\n" + "".join(keys.values())
        elif section is None or isinstance(section, dict):
            known = set(section or ())
            known |= set(DIRECTORY_KEYS) if known & set(DIRECTORY_KEYS) else set()
            text = _with_lines(text, name, [line for key, line in keys.items() if key not in known])
    schema = _SCHEMA.match(ours)
    if schema and "yaml-language-server" not in text:
        text = schema[0] + text
    return MergedConfig(text, changed)


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the sections of the template's file, each with the line of every key in it."""
    lines = text.splitlines(keepends=True)
    for name, section in _pairs(yaml.compose(text, Loader=yaml.SafeLoader)):
        yield name.value, {key.value: lines[key.start_mark.line] for key, _ in _pairs(section)}


def _with_lines(text: str, name: str, lines: list[str]) -> str:
    """Put lines at the beginning of a section, indented as it is."""
    section = next((pair for pair in _pairs(yaml.compose(text, Loader=yaml.SafeLoader)) if pair[0].value == name), None)
    if section is None or not lines:
        return text

    keys, value = _pairs(section[1]), section[1]
    present = text.splitlines(keepends=True)
    if isinstance(value, yaml.MappingNode) and value.flow_style:  # in braces, where a line is a pair and a comma
        start = value.start_mark.index + 1
        pairs = ", ".join(re.sub(r"\s+#.*", "", line).strip() for line in lines)
        return f"{text[:start]}{pairs}{', ' if keys else ''}{text[start:]}"

    first = keys[0][0].start_mark if keys else None
    indent = " " * (first.column if first else 2)
    added = [f"{indent}{line.lstrip()}" for line in lines]
    at = first.line if first else section[0].start_mark.line + 1
    if at and not present[at - 1].endswith("\n"):
        present[at - 1] += "\n"
    return "".join([*present[:at], *added, *present[at:]])


def _with_directory(text: str, existing: Existing) -> tuple[str, str]:
    """Name the folder that the modules are in, where the file names one without any."""
    app = existing.section(_SECTION)
    key = next((key for key in DIRECTORY_KEYS if key in app), None)
    if key is None or existing.named_dir == existing.modules_dir:
        return text, ""

    sections = {name.value: value for name, value in _pairs(yaml.compose(text, Loader=yaml.SafeLoader))}
    value = next(value for name, value in _pairs(sections[_SECTION]) if name.value == key)
    start, end = value.start_mark.index, value.end_mark.index
    return f"{text[:start]}{json.dumps(existing.modules_dir)}{text[end:]}", text.splitlines()[value.start_mark.line]


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []
