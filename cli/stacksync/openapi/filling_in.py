"""From a request back to what a user fills in: how examples of a description become examples of a module."""

import json
from collections.abc import Mapping
from typing import Any

from stacksync.openapi.reader.call import MISSING
from stacksync.openapi.reader.plan import EMPTY, read, read_body

Json = dict[str, Any]


class NotHeldError(ValueError):
    """A field cannot hold a value."""


def form_data(plan: Mapping[str, Any], body: Any = MISSING, parameters: Mapping[str, Any] | None = None) -> Json:
    """Return the form's data, as texts, of which the plan makes this request.

    What no field of its own can hold goes into the form's "More fields".

    Args:
        plan: The plan.
        body: The body, where there is one.
        parameters: Those of path, query and headers, by name.

    Raises:
        NotHeldError: The form cannot say it; the text names the member.
    """
    data: Json = {}
    for place in ("in_path", "query", "header"):
        for node in plan.get(place, []):
            if node.get("name") in (parameters or {}):
                data |= _written(node, (parameters or {})[node["name"]])
    if body is MISSING or not plan.get("body"):
        return data

    return {**data, **_body(plan["body"], body)}


def _body(node: Mapping[str, Any], body: Any) -> Json:
    data = _tried(node, body)
    if isinstance(body, dict):
        data |= _cleared(node, body, data)
        data |= _beyond(node, body, data)
    try:
        made = read_body(node, data)
    except ValueError as error:
        raise NotHeldError(str(error)) from None
    if not same(made, body):
        raise NotHeldError(f"{_differing(made, body)} cannot be filled in")

    return data


def _cleared(node: Mapping[str, Any], body: Mapping[str, Any], data: Json) -> Json:
    clear = node.get("clear")
    if not clear:
        return {}

    names = [name for name, value in clear["members"].items() if name in body and same(body[name], value)]
    return {clear["field"]: ", ".join(names)} if names else {}


def _beyond(node: Mapping[str, Any], body: Mapping[str, Any], data: Json) -> Json:
    if "more" not in node:
        return {}

    made = read_body(node, data)
    if made is MISSING and not body:
        return {node["more"]: "{}"}
    rest = _difference(made if isinstance(made, dict) else {}, body)
    return {node["more"]: json.dumps(rest, ensure_ascii=False)} if rest else {}


def _difference(made: Mapping[str, Any], wanted: Mapping[str, Any]) -> Json:
    """Return what an object lacks, or has otherwise."""
    found: Json = {}
    for name, value in wanted.items():
        there = made.get(name, MISSING)
        if isinstance(there, dict) and isinstance(value, dict) and value and not there.keys() - value.keys():
            inner = _difference(there, value)
            found |= {name: inner} if inner else {}
        elif there is MISSING or not same(there, value):
            found[name] = value
    return found


def _tried(node: Mapping[str, Any], value: Any) -> Json:
    try:
        return _written(node, value)
    except NotHeldError:
        if "more" in node:
            return {}
        raise


def _written(node: Mapping[str, Any], value: Any) -> Json:
    """Return what a user fills in for a value."""
    kind = node["type"]
    if kind == "constant":
        return {}
    if kind == "choice":
        return _chosen(node, value)
    if kind == "object":
        inner = _members(node, value)
        return inner if "field" not in node else {node["field"]: inner} if inner else {}
    if kind in ("json", "more"):
        return {node["field"]: _json_text(node, value)}
    if value is None or value == "":
        return {}

    return {node["field"]: _text_of(node, value)}


def _text_of(node: Mapping[str, Any], value: Any) -> Any:
    if node["type"] == "list":
        return _listed(node, value)
    if node["type"] == "records":
        return _rows(node, value)
    if isinstance(value, (dict, list)):
        raise NotHeldError(f"{node['name']} is no text")

    plain = value if isinstance(value, str) else json.dumps(value)
    for text in (plain, json.dumps(value, ensure_ascii=False)):
        if _reads_as(node, text, value):
            return text
    raise NotHeldError(f"{node['name']} cannot be {plain!r}")


def _reads_as(node: Mapping[str, Any], text: Any, value: Any) -> bool:
    try:
        return same(read(node, {node["field"]: text}), value)
    except ValueError:
        return False


def _listed(node: Mapping[str, Any], value: Any) -> str:
    if not isinstance(value, list):
        raise NotHeldError(f"{node['name']} is no list")

    plain = ", ".join(each if isinstance(each, str) else json.dumps(each) for each in value)
    for text in (plain, json.dumps(value, ensure_ascii=False)):
        if _reads_as(node, text, value):
            return text
    raise NotHeldError(f"{node['name']} is no list of such values")


def _rows(node: Mapping[str, Any], value: Any) -> list[Json]:
    item = {"type": "object", "fields": node["fields"]}
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise NotHeldError(f"{node['name']} is no list of records")

    rows = []
    for each in value:
        row = _members(item, each)
        if "more" in node:
            rest = _difference(_row_of(node, row), each)
            row |= {node["more"]: json.dumps(rest, ensure_ascii=False)} if rest or not row else {}
        if not same(_row_of(node, row), each):
            raise NotHeldError(f"a record of {node['name']} has what no field holds")
        rows.append(row)
    return rows


def _row_of(node: Mapping[str, Any], row: Json) -> Any:
    item = {key: node[key] for key in ("fields", "more") if key in node}
    try:
        made = read({**item, "type": "object", "field": "row"}, {"row": row})
    except ValueError:
        return {}
    return {} if made is MISSING else made


def _members(node: Mapping[str, Any], value: Any) -> Json:
    """Return the fields of an object; what they cannot hold is left to "More fields"."""
    if not isinstance(value, dict):
        raise NotHeldError(f"{node.get('name', 'the body')} is no object")

    data: Json = {}
    for each in node["fields"]:
        if each["name"] in value and value[each["name"]] not in (None,):
            try:
                data |= _written(each, value[each["name"]])
            except NotHeldError:
                continue
    return data


def _chosen(node: Mapping[str, Any], value: Any) -> Json:
    """Return the first of a union's objects that has all of the value, else the one that has most of it."""
    if not isinstance(value, dict):
        raise NotHeldError(f"{node['name']} is no object")

    best: tuple[int, Json] = (-1, {})
    for name, variant in node["variants"].items():
        if any(each.get("required") and value.get(each["name"]) in EMPTY for each in variant["fields"]):
            continue
        data = {node["field"]: name, **_written(variant, value)}
        made = read(node, data) if _readable(node, data) else {}
        if not isinstance(made, dict) or made.keys() - value.keys() or _contradicts(made, value):
            continue
        best = max(best, (len(made), data), key=lambda each: each[0])
    if best[0] < 0:
        raise NotHeldError(f"{node['name']} is none of {', '.join(node['variants'])}")

    return best[1]


def _readable(node: Mapping[str, Any], data: Json) -> bool:
    try:
        read(node, data)
    except ValueError:
        return False
    return True


def _contradicts(made: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    return any(not isinstance(each, (dict, list)) and not same(each, value[name]) for name, each in made.items())


def _json_text(node: Mapping[str, Any], value: Any) -> str:
    plain = value if isinstance(value, str) and value else None
    for text in (plain, json.dumps(value, ensure_ascii=False)):
        if text is not None and _reads_as(node, text, value):
            return text
    raise NotHeldError(f"{node['field']} cannot hold it")


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same JSON: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(each, other[name]) for name, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))

    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _differing(made: Any, wanted: Any) -> str:
    if not isinstance(made, dict) or not isinstance(wanted, dict):
        return "the body"

    names = [*wanted, *(name for name in made if name not in wanted)]
    return next(
        (str(name) for name in names if not same(made.get(name, MISSING), wanted.get(name, MISSING))), "the body"
    )
