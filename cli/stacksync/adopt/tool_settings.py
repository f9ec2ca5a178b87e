"""pyproject.toml: the template's tables for the tools, with what was there before left out of their sight."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from stacksync.runtime import MODULES_DIR

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TABLE = re.compile(r"^\[\[?\s*([\w.\"' -]+?)\s*\]\]?\s*(?:#.*)?$", re.MULTILINE)
_TOOLS = ("pytest", "ruff", "mypy")
_WHY = "# From before `stacksync adopt`. Clean a file, then take it out here{}."
_ALSO = " and from `exclude` of mypy below"


@dataclass(frozen=True)
class Before:
    """What was there before, from the connector's root.

    Args:
        sources: The Python files, and folders of them, which end with a slash.
        modules_dir: The folder of the modules.
        findings: The errors that `stacksync check` finds: codes by file.
        has_conftest: Whether there is a conftest.py, beside which the template's cannot be.
    """

    sources: Iterable[str]
    modules_dir: str
    findings: Mapping[str, Iterable[str]]
    has_conftest: bool = False


def with_exclusions(ours: str, before: Before) -> str:
    """Return the template's settings with the files listed that were there before."""
    text = _with_modules(ours, before)
    if before.has_conftest:
        text = text.replace('addopts = ["', 'addopts = ["-p", "src.runtime.testing", "', 1)
    files = sorted(before.sources)
    ruff = [json.dumps(_as_glob(file), ensure_ascii=False) for file in files]
    mypy = [json.dumps(f"^{re.escape(file)}{'' if file.endswith('/') else '$'}", ensure_ascii=False) for file in files]
    text = _after_line(text, "[tool.ruff]", "line-length", [_WHY.format(_ALSO), *_array("extend-exclude", ruff)])
    text = _in_mypy(text, mypy)
    if before.findings:
        findings = sorted(before.findings.items())
        lines = [f"{json.dumps(_as_glob(file))} = {json.dumps(sorted(set(codes)))}" for file, codes in findings]
        text += "\n".join(["", "[tool.stacksync.check.per-file-ignores]", _WHY.format(""), *lines, ""])
    return text


def merged_settings(ours: str, theirs: str) -> tuple[str, bool]:
    """Return a pyproject.toml with the template's tables for its tools, and whether tables of the user gave way.

    A file that is no TOML gives way as a whole.
    """
    try:
        tomllib.loads(theirs)
    except tomllib.TOMLDecodeError:
        return ours, True

    kept = [part for name, part in _tables(theirs) if not _is_of_tools(name)]
    own = "".join(kept).strip("\n")
    merged = f"{own}\n\n{ours}" if own else ours
    try:
        tomllib.loads(merged)
    except tomllib.TOMLDecodeError:
        return ours, True
    return merged, own != theirs.strip("\n")


def _tables(text: str) -> list[tuple[str, str]]:
    """Return the tables by name, each with its text and what stands above its head as a comment."""
    heads = list(_TABLE.finditer(text))
    starts = [0, *(head.start() for head in heads), len(text)]
    names = ["", *(head[1] for head in heads)]
    return [(name, text[start:end]) for name, start, end in zip(names, starts, starts[1:], strict=False)]


def _is_of_tools(name: str) -> bool:
    parts = [part.strip(" \"'") for part in name.split(".")]
    return parts[:1] == ["tool"] and parts[1:2] != [] and parts[1] in _TOOLS


def _with_modules(text: str, before: Before) -> str:
    """Name the folder of the modules where the usual one is named."""
    if before.modules_dir == MODULES_DIR:
        return text

    dotted = ".".join(PurePosixPath(before.modules_dir).parts)
    return text.replace(f'"{MODULES_DIR}"', json.dumps(before.modules_dir)).replace("src.modules.*", f"{dotted}.*")


def _in_mypy(text: str, entries: list[str]) -> str:
    """Add files to mypy's `exclude`, and let it be silent about those that others import."""
    match = re.search(r"^exclude = \[(.*)\]$", text, re.MULTILINE)
    if match is None or not entries:
        return text

    lines = [
        *_array("exclude", [*(part.strip() for part in match[1].split(",")), *entries]),
        'follow_imports = "silent"',
    ]
    return text[: match.start()] + "\n".join(lines) + text[match.end() :]


def _array(key: str, entries: list[str]) -> list[str]:
    return [f"{key} = [", *(f"  {entry}," for entry in entries), "]"]


def _after_line(text: str, table: str, key: str, lines: list[str]) -> str:
    """Put lines after that of a key of a table."""
    match = re.search(rf"^{re.escape(table)}$(?:\n.+)*?\n{key} = .*$", text, re.MULTILINE)
    at = match.end() if match else len(text)
    return "\n".join([text[:at], *lines]) + text[at:]


def _as_glob(file: str) -> str:
    return re.sub(r"([*?\[\]{}])", r"[\1]", file.rstrip("/"))
