"""What stands in a cassette, for whoever is asked before it is written, and how a value in it is replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .content import CassetteError, Json, with_texts
from .texts import Texts


def hosts_of(content: Json) -> list[str]:
    """Return the hosts that were called; of a file, one that the connection names is a placeholder."""
    return content.get("hosts") or sorted(
        {re.split(r"(?<!/)[/?#](?!/)", call["request"]["url"])[0] for call in content["calls"]}
    )


def calls_of(content: Json) -> list[str]:
    """Return the calls, each in a line."""
    return [
        f"{call['request']['method']} {call['request']['url']} {call['response'].get('status') or 'no answer'}"
        for call in content["calls"]
    ]


def fields_of(content: Json) -> dict[str, list[Any]]:
    """Return the different values of each field of queries and bodies, by path: `response.results[].email`."""
    found: dict[str, list[Any]] = {}
    for call in content["calls"]:
        for path, value in _fields(call):
            values = found.setdefault(path, [])
            if value not in values:
                values.append(value)
    return dict(sorted(found.items()))


def replaced(content: Json, path: str, instead: str) -> Json:
    """Return a cassette in which the values of a field are replaced, wherever they stand.

    Args:
        path: A field, as `fields_of` names it.
        instead: What to write; `{n}` in it becomes a number, so that different values stay different.

    Raises:
        CassetteError: There is no such field.
    """
    values = fields_of(content).get(path)
    if not values:
        raise CassetteError(f"The cassette has no field {path}.")

    new = {str(value): instead.replace("{n}", str(number)) for number, value in enumerate(values, 1)}
    texts = Texts(escapes=False)
    for value, text in new.items():
        texts.put(value, text)
    # Short values are everywhere: they are replaced at their place alone.
    short = {value: text for value, text in new.items() if texts.get(value) is None}
    return {**content, "calls": [_replaced(call, texts, path, short) for call in content["calls"]]}


def _fields(call: Json) -> Iterator[tuple[str, Any]]:
    yield from ((f"query.{name}", value) for name, value in parse_qsl(urlsplit(call["request"]["url"]).query))
    for side in ("request", "response"):
        yield from _leaves(side, call[side].get("json"))
        if "text" in call[side]:
            yield f"{side}.text", call[side]["text"]


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(f"{path}[]", inner)
    elif value not in (None, "") and not isinstance(value, bool):
        yield path, value


def _replaced(call: Json, texts: Texts, path: str, short: Mapping[str, str]) -> Json:
    made = with_texts(call, texts)
    for side, held in made.items():
        if "json" in held:
            held["json"] = _at(side, held["json"], path, short)
    return made


def _at(here: str, value: Any, path: str, short: Mapping[str, str]) -> Any:
    """Return JSON with the values at one path replaced."""
    if isinstance(value, Mapping):
        return {key: _at(f"{here}.{key}", inner, path, short) for key, inner in value.items()}
    if isinstance(value, list):
        return [_at(f"{here}[]", inner, path, short) for inner in value]

    return short.get(str(value), value) if here == path else value
