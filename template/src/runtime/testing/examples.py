"""Examples: a request of a module's `examples/`, and what it must be answered with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from ..cassettes.content import FOLDER
from ..cassettes.installing import tape_in_use
from ..discovery import VersionFolder
from ..stand_in import find_stand_in, with_connection
from .clients import ROOT
from .stand_in import StandIn, serving


@dataclass(frozen=True)
class Example:
    """A request of `examples/` and what it must be answered with."""

    file: Path
    content: dict[str, Any]

    @property
    def endpoint(self) -> str:
        """Return what is asked: execute, content or schema."""
        return str(self.content.get("endpoint", "execute"))

    @property
    def status(self) -> int:
        """Return the status that the answer must have."""
        return int(self.content.get("status", 200))

    @property
    def request(self) -> Any:
        """Return the body to send."""
        return self.content["request"]

    @property
    def reply(self) -> Any:
        """Return what the answer must contain."""
        return self.content.get("reply", {})


def read_example(file: Path, values: dict[str, str]) -> Example:
    """Read an example, each `${name}` in its texts replaced by the value of that name."""
    return Example(file, _filled(json.loads(file.read_text("utf-8")), values))


def cassette_beside(file: Path) -> Path | None:
    """Return the cassette of an example; None where there is none."""
    cassette = file.parents[1] / FOLDER / file.name
    return cassette if cassette.is_file() else None


def example_for(file: Path, stand_in: StandIn | None) -> Example:
    """Read an example, its connection replaced by that of the stand-in, where there is one."""
    if stand_in is None:
        return read_example(file, {})

    example = read_example(file, {"url": stand_in.url, **stand_in.connection})
    return Example(file, {**example.content, "request": with_connection(example.request, stand_in.connection)})


@contextmanager
def ready_example(folder: VersionFolder, file: Path) -> Iterator[Example]:
    """Read an example of a version, and serve the stand-in that it needs while the block runs.

    Where a cassette is recorded or played back, the example is as it stands: the connection comes from there.
    """
    declared = find_stand_in(ROOT, folder.path)
    if declared is None or tape_in_use():
        yield example_for(file, None)
        return

    with serving(declared) as stand_in:
        yield example_for(file, stand_in)


def difference(expected: Any, got: Any, where: str = "reply") -> str | None:
    """Say where `got` does not contain `expected`: extra keys are fine, extra list items are not."""
    if isinstance(expected, dict) and isinstance(got, dict):
        missing = [f"{where}.{key} is missing" for key in expected if key not in got]
        parts = [difference(value, got.get(key), f"{where}.{key}") for key, value in expected.items()]
        return next(filter(None, missing + parts), None)
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = enumerate(zip(expected, got, strict=True))
        return next(filter(None, (difference(a, b, f"{where}[{at}]") for at, (a, b) in pairs)), None)

    same = expected == got and isinstance(expected, bool) == isinstance(got, bool)
    return None if same else f"{where} is {got!r}, not {expected!r}"


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).safe_substitute(values)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]

    return {key: _filled(item, values) for key, item in value.items()} if isinstance(value, dict) else value
