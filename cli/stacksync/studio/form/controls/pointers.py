"""JSON Pointers (RFC 6901): the names of controls, made from the steps to a value, and ids made from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

if TYPE_CHECKING:
    from stacksync.runtime.forms import Steps


def pointer(steps: Steps) -> str:
    """Write steps as a pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def steps_of(text: str, data: Any) -> Steps:
    """Read a pointer that a button posts; the data says which steps are positions in a list."""
    found: list[str | int] = []
    for part in text.split("/")[1:]:
        is_position = isinstance(forms.value_at(data, tuple(found)), list) and part.isascii() and part.isdecimal()
        found.append(int(part) if is_position else part.replace("~1", "/").replace("~0", "~"))
    return tuple(found)


def dom_id(name: str) -> str:
    """Return the id of a control: the same on every redraw, and another for every name."""
    return "field" + re.sub(r"[^A-Za-z0-9/]", _escaped, name).replace("/", "-")


def _escaped(found: re.Match[str]) -> str:
    return "__" if found[0] == "_" else f"_{ord(found[0]):x}_"
