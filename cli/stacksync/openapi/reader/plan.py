"""From what a form holds to a request, by a plan that was stored when the API's description was imported.

A form holds texts, because templates are filled in as texts. Each node of a plan says under which field of the form a
value stands, what the API calls it, and what type it has there. What is left empty is not sent.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from .call import MISSING, Call, parameter, text_of

Node = Mapping[str, Any]


EMPTY: tuple[Any, ...] = (None, "", [], {})


def call_of(plan: Mapping[str, Any], data: Mapping[str, Any]) -> Call:
    """Return the request that a form's data stands for.

    Raises:
        ValueError: A field cannot hold its value, or one that is needed is empty.
    """
    return Call(
        method=plan["method"],
        path=_path(plan, data),
        query=[*map(tuple, plan.get("constant_query", [])), *_query(plan.get("query", []), data)],
        headers={**plan.get("constant_headers", {}), **_headers(plan.get("header", []), data)},
        body=read_body(plan["body"], data) if plan.get("body") else MISSING,
        encoding=plan.get("encoding", "json"),
    )


def _path(plan: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    path = str(plan["path"])
    for node in plan.get("in_path", []):
        value = read(node, data)
        text = ",".join(map(text_of, value)) if isinstance(value, list) else "" if value is MISSING else text_of(value)
        if text.strip() in ("", ".", ".."):
            raise ValueError(f"{node['field']} is missing." if not text.strip() else f"{text!r} is no {node['field']}.")
        path = path.replace("{" + node["name"] + "}", quote(text, safe="," if isinstance(value, list) else ""))
    return path


def _query(nodes: Sequence[Node], data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        value = read(node, data)
        if value is not MISSING:
            yield from parameter(str(node.get("name", "")), value, node.get("style", "repeat"))


def _headers(nodes: Sequence[Node], data: Mapping[str, Any]) -> dict[str, str]:
    values = {node["name"]: read(node, data) for node in nodes}
    joined = {name: ",".join(map(text_of, each)) if isinstance(each, list) else each for name, each in values.items()}
    return {name: _header(name, text_of(value)) for name, value in joined.items() if value is not MISSING}


def _header(name: str, text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{name} must be one line of text.")

    return text


def read_body(node: Node, data: Mapping[str, Any]) -> Any:
    """Return the body that a form's data stands for; MISSING where nothing of it is filled in."""
    if node["type"] not in ("object", "choice"):
        return read(node, data)

    more = _object_of(node["more"], data) if "more" in node else MISSING
    cleared = _cleared(node["clear"], data) if "clear" in node else {}
    body = read(node, data)
    if body is MISSING and more is MISSING and not cleared and not node.get("required"):
        return MISSING

    # What is constant, or sent even when it is empty, goes with the rest.
    body = read({**node, "required": True}, data)
    made = _combined({} if body is MISSING else body, {} if more is MISSING else more)
    return {**made, **cleared}


def _object_of(name: str, data: Mapping[str, Any]) -> Any:
    held = _json(name, data.get(name))
    if held is not MISSING and not isinstance(held, dict):
        raise ValueError(f"{name} must be an object, as JSON.")

    return held


def _cleared(clear: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that are to be emptied: with null, or with an empty text where the API takes no null."""
    known = clear["members"]
    names = _several(data.get(clear["field"]))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} cannot be cleared. These can: {', '.join(known)}.")

    return {name: known[name] for name in names}


def _combined(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with what another one has besides, or has otherwise, at any depth."""
    made = dict(body)
    for name, value in more.items():
        there = made.get(name)
        made[name] = _combined(there, value) if isinstance(there, dict) and isinstance(value, dict) and value else value
    return made


def read(node: Node, data: Mapping[str, Any]) -> Any:
    """Return the value of a node; MISSING where it was left empty, unless the API wants to be told so."""
    value = _filled_in(node, data)
    return node["empty"] if value is MISSING and "empty" in node else value


def _filled_in(node: Node, data: Mapping[str, Any]) -> Any:
    reader = _READERS.get(node["type"]) if isinstance(node["type"], str) else None
    return (reader or _scalar)(node, data)


def _constant(node: Node, data: Mapping[str, Any]) -> Any:
    return node["value"]


def _object(node: Node, data: Mapping[str, Any]) -> Any:
    """Return an object; MISSING where nothing of it is filled in: what is constant does not say that it is wanted."""
    held = _unpacked(data.get(node["field"])) if "field" in node else data
    held = {} if held in EMPTY else held
    if not isinstance(held, Mapping):
        raise ValueError(f"{node['field']} must be an object.")

    more = _object_of(node["more"], held) if "more" in node and "field" in node else MISSING
    if more is MISSING and not node.get("required") and not any(_is_filled(each, held) for each in node["fields"]):
        return MISSING

    values = [(each, _filled_in(each, held)) for each in node["fields"]]
    made = {each["name"]: each.get("empty", MISSING) if value is MISSING else value for each, value in values}
    kept = {name: value for name, value in made.items() if value is not MISSING}
    return kept if more is MISSING else _combined(kept, more)


def _is_filled(node: Node, data: Mapping[str, Any]) -> bool:
    """Say whether a user filled in anything of a node: of an object that is needed in another one, too."""
    return node["type"] != "constant" and _filled_in({**node, "required": False}, data) is not MISSING


def _records(node: Node, data: Mapping[str, Any]) -> Any:
    rows = _unpacked(data.get(node["field"]))
    if rows in EMPTY and not (rows == [] and node.get("required")):
        return MISSING
    if not isinstance(rows, list):
        raise ValueError(f"{node['field']} must be a list of records.")
    item = {"type": "object", "fields": node["fields"], **({"more": node["more"]} if "more" in node else {})}
    made = [_row(item, node["field"], row) for row in rows]
    kept = [each for each in made if each is not MISSING]
    return kept if kept or node.get("required") else MISSING


def _row(item: Node, name: str, row: Any) -> Any:
    if not isinstance(row, Mapping):
        raise ValueError(f"{name} must be a list of records, not of {row!r}.")

    return _object({**item, "field": "row"}, {"row": row})


def _list(node: Node, data: Mapping[str, Any]) -> Any:
    given = data.get(node["field"])
    values = _several(given)
    # The JSON text of an empty list says that there is none; a text of commas, nothing.
    if not values and not (isinstance(given, str) and isinstance(_unpacked(given), list)):
        return MISSING

    return [_converted(node["items"], node["field"], each) if isinstance(each, str) else each for each in values]


def _several(value: Any) -> list[Any]:
    """Return the values of a text with commas between them; those of a JSON array may have commas in them."""
    held = _unpacked(value)
    if isinstance(held, list):
        return held

    return [part.strip() for part in str("" if held is None else held).split(",") if part.strip()]


def _choice(node: Node, data: Mapping[str, Any]) -> Any:
    chosen = data.get(node["field"])
    if chosen in EMPTY:
        return MISSING
    if chosen not in node["variants"]:
        raise ValueError(f"{node['field']} must be one of {', '.join(node['variants'])}.")

    return _object({**node["variants"][chosen], "required": True}, data)


def _any(node: Node, data: Mapping[str, Any]) -> Any:
    return _json(node["field"], data.get(node["field"]), text=bool(node.get("text")), only=node.get("only"))


def _json(name: str, value: Any, *, text: bool = False, only: str | None = None) -> Any:
    if value in EMPTY:
        return MISSING
    if not isinstance(value, str):
        return value
    try:
        held = json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        if text:
            return value
        raise ValueError(f"{name} must be JSON.") from None
    if only and not isinstance(held, {"object": dict, "array": list}[only]):
        raise ValueError(f"{name} must be {'an object' if only == 'object' else 'a list'}, as JSON.")

    return held


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _scalar(node: Node, data: Mapping[str, Any]) -> Any:
    value = data.get(node["field"])
    if value is None or value == "":
        return MISSING

    return _converted(node["type"], node["field"], value) if isinstance(value, str) else value


def _converted(types: Any, name: str, text: str) -> Any:
    """Return a text as a value of a type, or of one of several."""
    if types == "string":
        return text
    if types == "any":
        return _json(name, text, text=True)

    wanted = [types] if isinstance(types, str) else list(types)
    for found in _possible(text):
        if _is(found, wanted):
            return found
    if "string" in wanted:
        return text
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
    raise ValueError(f"{name} must be {' or '.join(words[each] for each in wanted if each in words)}, not {text!r}.")


def _possible(text: str) -> Iterator[Any]:
    """Yield what a text may stand for besides itself; a text in quotes is one that must not be read otherwise."""
    bare = text.strip()
    with suppress(ValueError, RecursionError):
        yield json.loads(bare, parse_constant=_refuse)
    if bare.lower() in ("true", "false"):
        yield bare.lower() == "true"
    try:
        number = float(bare) if bare.isascii() and "_" not in bare and bare[:1] in "+-.0123456789" else math.nan
    except ValueError:
        return
    if math.isfinite(number):
        yield int(bare) if bare.lstrip("+-").isdigit() else number


def _is(value: Any, wanted: Sequence[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in wanted
    if isinstance(value, int):
        return "integer" in wanted or "number" in wanted
    if isinstance(value, float):
        return "number" in wanted and math.isfinite(value)

    return isinstance(value, str) and "string" in wanted


def _unpacked(value: Any) -> Any:
    """Return a list or object that arrived as JSON text; anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value


_READERS: dict[str, Callable[[Node, Mapping[str, Any]], Any]] = {
    "constant": _constant,
    "object": _object,
    "records": _records,
    "list": _list,
    "choice": _choice,
    "json": _any,
    "more": _any,
}
