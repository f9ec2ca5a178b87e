"""A request as it is sent: how bodies, forms and parameters are written.

Written by hand, in the words of OpenAPI: requests knows neither brackets nor parts that are no files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Pairs = list[tuple[str, str]]
JOINTS = {"comma": ",", "space": " ", "pipe": "|", "tab": "\t"}


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


# Nothing was filled in.
MISSING: Any = _Missing()


@dataclass(frozen=True)
class Call:
    """A request: its body as data, where there is one; `encoding` says how it is sent."""

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = MISSING
    encoding: str = "json"

    @property
    def arguments(self) -> dict[str, Any]:
        """Return it as arguments of `requests.Session.request`."""
        given: dict[str, Any] = {"params": self.query, "headers": dict(self.headers)}
        if self.body is MISSING:
            return given
        if self.encoding == "json":
            return {**given, "json": self.body}
        if self.encoding in ("form", "form_brackets"):
            return {**given, "data": pairs_of(self.body, repeat=self.encoding == "form")}
        if self.encoding == "multipart":
            # Without a file name a part is a field: https://www.rfc-editor.org/rfc/rfc7578#section-4.2
            return {**given, "files": [(name, (None, text)) for name, text in _parts_of(self.body)]}

        return {**given, "data": str(self.body).encode(), "headers": {"Content-Type": self.encoding, **self.headers}}


def parameter(name: str, value: Any, style: str) -> Iterator[tuple[str, str]]:
    """Yield a parameter as the API wants it: https://spec.openapis.org/oas/v3.1.0#style-values."""
    if style == "json":
        yield name, json.dumps(value)
    elif isinstance(value, list) and style in JOINTS:
        yield name, JOINTS[style].join(map(text_of, value))
    elif isinstance(value, dict) and style != "brackets":
        yield from pairs_of(value)
    else:
        yield from _nested(name, value, True)


def pairs_of(body: Mapping[str, Any], *, repeat: bool = True) -> Pairs:
    """Return a body as the pairs of a form, what is nested in brackets: `address[city]`.

    Args:
        body: The body.
        repeat: The values of a list all have its name; else they are numbered: `tags[0]`.
    """
    return [pair for name, value in body.items() for pair in _nested(str(name), value, repeat)]


def _nested(name: str, value: Any, repeat: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for inner, each in value.items():
            yield from _nested(f"{name}[{inner}]", each, repeat)
    elif isinstance(value, list):
        is_plain = repeat and not any(isinstance(each, (dict, list)) for each in value)
        for index, each in enumerate(value):
            yield from _nested(name if is_plain else f"{name}[{index}]", each, repeat)
    else:
        yield name, "" if value is None else text_of(value)


def _parts_of(body: Mapping[str, Any]) -> Pairs:
    """Return a body as the parts of a multipart form: a list or object is one part, as JSON."""
    return [
        (name, json.dumps(each) if isinstance(each, (dict, list)) else text_of(each)) for name, each in body.items()
    ]


def text_of(value: Any) -> str:
    """Return a value as it stands in an address, a header or a form: numbers and booleans as JSON has them."""
    return value if isinstance(value, str) else json.dumps(value)
