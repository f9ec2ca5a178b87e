"""JSON Pointers (RFC 6901): the names of controls, and ids made from them."""

from __future__ import annotations

import re
from typing import Any

Steps = tuple[str | int, ...]


def pointer(steps: Steps) -> str:
    """Write steps as a pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def below(parent: str, step: str | int) -> str:
    """Return the pointer to what a step from a parent leads to."""
    return parent + pointer((step,))


def steps_of(text: str, data: Any) -> Steps:
    """Read a pointer; the data says which steps are positions in a list."""
    found: list[str | int] = []
    for part in text.split("/")[1:]:
        step: str | int = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, list) and part.isascii() and part.isdecimal():
            step = int(part)
        found.append(step)
        data = at(data, step)
    return tuple(found)


def at(data: Any, step: str | int) -> Any:
    """Return what one step leads to, None when there is nothing."""
    if isinstance(step, int):
        return data[step] if isinstance(data, list) and 0 <= step < len(data) else None

    return data.get(step) if isinstance(data, dict) else None


def follow(data: Any, steps: Steps) -> Any:
    """Return what steps lead to, None when there is nothing."""
    for step in steps:
        data = at(data, step)
    return data


def dom_id(name: str) -> str:
    """Return the id of a control: the same on every redraw, and another for every pointer."""
    return "field" + re.sub(r"[^A-Za-z0-9/]", _escaped, name).replace("/", "-")


def _escaped(found: re.Match[str]) -> str:
    return "__" if found[0] == "_" else f"_{ord(found[0]):x}_"
