"""Random changes of a form schema, such as people make."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from tests.forms.strategies import CHOICES, CONTENT, IDS, UI, VALIDATION, field, fields

Schema = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

_KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "validation": VALIDATION,
    "ui_options": UI,
    "choices": CHOICES,
    "content": st.sampled_from([{"type": ["managed"], "content_objects": [{"id": "others"}]}]) | CONTENT,
    "format": st.sampled_from(["email", "uuid"]),
    "type": st.sampled_from(["string", "integer", "object", "array", "boolean"]),
    "default": st.sampled_from(["x", 5, None]),
    "label": st.sampled_from(["New", "Other"]),
    "fields": fields(0, ruled=False),
    "items": field(0, ruled=False),
}
_OPERATIONS = ("set", "drop", "limit", "choice", "remove", "add", "condition", "drop rule", "apply rule")


@st.composite
def changed(draw: Draw, schema: Schema) -> Schema:
    """Return a schema with one to three changes."""
    made = copy.deepcopy(schema)
    for _ in range(draw(st.integers(1, 3))):
        _change(made, draw(st.sampled_from(_OPERATIONS)), draw)
    if made == schema:
        _change(made, "add", draw)
    return made


def _change(schema: Schema, operation: str, draw: Draw) -> None:
    parts, rules = list(_parts(schema)), list(_rules(schema))
    lists = [schema["fields"], *(part["fields"] for part in parts if part.get("fields"))]
    if operation == "add":
        draw(st.sampled_from(lists)).append({"id": draw(st.sampled_from((*IDS, "new"))), **draw(field(0, ruled=False))})
    elif operation == "remove":
        within = draw(st.sampled_from(lists))
        del within[:1]
    elif operation in ("condition", "drop rule", "apply rule") and rules:
        _change_rule(draw(st.sampled_from(rules)), operation, draw)
    elif parts:
        _change_field(draw(st.sampled_from(parts)), operation, draw)


def _change_field(part: Schema, operation: str, draw: Draw) -> None:
    keyword = draw(st.sampled_from(sorted(_KEYWORDS)))
    if operation == "set":
        part[keyword] = draw(_KEYWORDS[keyword])
    elif operation == "drop" and keyword != "type":
        part.pop(keyword, None)
    elif operation == "limit":
        part["validation"] = {**part.get("validation", {}), **draw(VALIDATION)}
    elif operation == "choice" and part.get("choices", {}).get("values"):
        values = part["choices"]["values"]
        part["choices"] = {"values": [*values, *draw(CHOICES)["values"]] if draw(st.booleans()) else values[1:]}


def _change_rule(rule: Schema, operation: str, draw: Draw) -> None:
    asked = [each for clause in ("and", "or") for each in rule["if"].get(clause, [])]
    if operation == "condition" and asked:
        condition = draw(st.sampled_from(asked))
        condition["value"] = draw(st.sampled_from(["x", 5, True, ["x", "yes"]]))
        condition["operator"] = draw(st.sampled_from(["equal", "not_equal", "is_in", "greater_than", "is_empty"]))
    elif operation == "drop rule":
        rule["then"] = {"fields": []}
    elif rule["then"]["fields"]:
        change = draw(st.sampled_from(rule["then"]["fields"]))
        change["validation"] = draw(VALIDATION)


def _parts(schema: Schema) -> Iterator[Schema]:
    for each in (*schema.get("fields", []), *([schema["items"]] if "items" in schema else [])):
        yield each
        yield from _parts(each)


def _rules(schema: Schema) -> Iterator[Schema]:
    yield from schema.get("rules", [])
    for each in _parts(schema):
        yield from each.get("rules", [])
