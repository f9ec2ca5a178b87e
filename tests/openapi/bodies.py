"""Bodies of requests, generated from a schema as it stands in a description, and judged by it.

hypothesis-jsonschema would do the first, but its last release, of 2024, resolves references by what jsonschema has
deprecated. Nothing of the mapper is used here: it is what these bodies test.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from stacksync.openapi.description import Description, Node

DEEPEST = 5
# Texts that are something else elsewhere: lists, JSON, numbers, constants, templates, paths.
ODD = [
    "a, b",
    "[x",
    '{"a": 1}',
    '"quoted"',
    "12",
    "1.50",
    "true",
    "null",
    " padded ",
    "é, ☃",
    "a\nb",
    "../x",
    "{{ a }}",
]
TEXTS = st.one_of(st.sampled_from(["Ada", "blue", "ab-12", *ODD]), st.text(min_size=1, max_size=12))
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "ada@example.com",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "uri": "https://example.com/a?b=c,d",
    "time": "12:00:00Z",
    "byte": "QQ==",
}
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "b c"]), inner, max_size=2)
    ),
    max_leaves=4,
)


class Bodies:
    """Makes and judges the bodies of one description."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self._validators: dict[int, tuple[Node, Any]] = {}

    def of(self, node: Node, depth: int = 0) -> st.SearchStrategy[Any]:
        """Return a strategy for what a schema lets through; what it says in a way not read here is judged later."""
        node = self.description.follow(node)
        held = node.mapping
        if not held or depth > DEEPEST:
            return ANYTHING if depth <= DEEPEST else _smallest(held)
        made = self._made(node, held, depth)
        is_nullable = held.get("nullable") is True or held.get("x-nullable") is True
        return st.one_of(made, made, made, st.none()) if is_nullable else made

    def _made(self, node: Node, held: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
        if "const" in held:
            return st.just(held["const"])
        if isinstance(held.get("enum"), list) and held["enum"]:
            return st.sampled_from(held["enum"])
        if held.get("allOf"):
            return self._all(node, depth)
        for name in ("oneOf", "anyOf"):
            if held.get(name):
                return self._one(node, name, depth)
        types = held.get("type")
        if isinstance(types, list) and types:
            return st.one_of([self._typed(each, node, depth) for each in types])
        implied = "object" if "properties" in held else "array" if "items" in held else None
        return self._typed(types or implied, node, depth)

    def _all(self, node: Node, depth: int) -> st.SearchStrategy[Any]:
        own = Node({name: each for name, each in node.mapping.items() if name != "allOf"}, node.resolver)
        said = {"type", "properties", "enum", "oneOf", "anyOf", "items", "const", "additionalProperties"}
        parts = [*node.part("allOf").each(), *([own] if said & set(own.mapping) else [])]
        return st.tuples(*(self.of(each, depth + 1) for each in parts)).map(_together)

    def _one(self, node: Node, name: str, depth: int) -> st.SearchStrategy[Any]:
        own = Node({key: each for key, each in node.mapping.items() if key not in (name, "nullable")}, node.resolver)
        branches = [self.of(each, depth + 1) for each in node.part(name).each()]
        if not own.mapping.get("properties"):
            return st.one_of(branches)
        return st.tuples(self.of(own, depth + 1), st.one_of(branches)).map(_together)

    def _typed(self, type: Any, node: Node, depth: int) -> st.SearchStrategy[Any]:  # noqa: A002
        held = node.mapping
        if type == "null":
            return st.none()
        if type == "boolean":
            return st.booleans()
        if type in ("integer", "number"):
            return _numbers(held, type)
        if type == "string":
            return _texts(held)
        if type == "array":
            items = self.of(node.part("items"), depth + 1) if isinstance(held.get("items"), dict) else ANYTHING
            least, most = held.get("minItems", 0), held.get("maxItems", 3)
            unique = {"unique_by": repr} if held.get("uniqueItems") else {}
            return st.lists(items, min_size=min(least, 5), max_size=max(min(least, 5), min(most, 3)), **unique)  # type: ignore[arg-type]

        return self._object(node, depth) if type == "object" else ANYTHING

    def _object(self, node: Node, depth: int) -> st.SearchStrategy[Any]:
        held = node.mapping
        asked = held.get("required")  # true or false where it is a parameter of Swagger 2
        required = {each for each in asked if isinstance(each, str)} if isinstance(asked, list) else set()
        members = {name: self.of(each, depth + 1) for name, each in node.part("properties").items()}
        members |= dict.fromkeys(required - set(members), ANYTHING)
        optional = [name for name in members if name not in required]

        @st.composite
        def made(draw: st.DrawFn) -> Any:
            # Few of many: a body in which all of 200 optional members stand is no example of anything.
            most = min(len(optional), 6 if depth < 2 else 2)
            chosen = draw(st.lists(st.sampled_from(optional), max_size=most, unique=True)) if optional else []
            body = {name: draw(members[name]) for name in members if name in required or name in chosen}
            if held.get("additionalProperties", True) is not False and (not members or draw(st.integers(0, 9)) == 9):
                body["beyond"] = (
                    draw(TEXTS)
                    if not isinstance(held.get("additionalProperties"), dict)
                    else draw(self.of(node.part("additionalProperties"), depth + 1))
                )
            return body

        return made()

    def fits(self, node: Node, body: Any) -> bool:
        """Say whether a body is what a schema lets through, without members that only answers have."""
        try:
            return bool(self._validator(self.description.follow(node)).is_valid(body))
        except Unresolvable:  # a reference that leads nowhere lets anything through
            return True

    def _validator(self, node: Node) -> Any:
        """Return what judges by a schema, made once; with the schema, so that no other one gets its id."""
        if id(node.value) not in self._validators:
            registry = _REGISTRIES.of(self.description)
            made: Any = Draft202012Validator(_as_json_schema(node.value), registry=registry)
            made = made.evolve(_resolver=registry.resolver(node.resolver._base_uri))
            self._validators[id(node.value)] = (node, made)
        return self._validators[id(node.value)][1]


def generated(strategy: st.SearchStrategy[Any], count: int, fits: Callable[[Any], bool]) -> list[Any]:
    """Return what a strategy makes and is right, the same in every run; fewer where few of those made are."""
    made: list[Any] = []

    @seed(7)
    @settings(
        max_examples=count * 3,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(strategy)
    def collect(value: Any) -> None:
        if len(made) < count and fits(value):
            made.append(value)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # patterns of descriptions that Python reads otherwise
        collect()
    return made


class _Registries:
    """The documents of descriptions as JSON Schema: what only OpenAPI 3.0 has, said otherwise."""

    def __init__(self) -> None:
        self._known: dict[int, Any] = {}

    def of(self, description: Description) -> Any:
        if id(description) not in self._known:
            document = _as_json_schema(description.root.value)
            resource = DRAFT202012.create_resource(document)
            self._known[id(description)] = (Registry().with_resource(description.origin, resource), description)
        return self._known[id(description)][0]


_REGISTRIES = _Registries()


def _as_json_schema(value: Any) -> Any:
    """Return a document with null where others say `nullable`, and limits as JSON Schema has them."""
    if isinstance(value, list):
        return [_as_json_schema(each) for each in value]
    if not isinstance(value, dict):
        return copy.copy(value)

    # `example` may hold anything, also what looks like a schema.
    made = {name: each if name == "example" else _as_json_schema(each) for name, each in value.items()}
    for name in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(made.get(name), bool):
            made.pop(name)
    if "$id" in made and isinstance(made["$id"], str):
        made.pop("$id")
    if made.get("type") in ("file", "any"):
        made.pop("type")
    if isinstance(made.get("required"), bool):
        made.pop("required")
    members = value.get("properties")
    if isinstance(made.get("required"), list) and isinstance(members, dict):
        # What only answers have is needed in those alone.
        made["required"] = [name for name in made["required"] if not _is_read_only(members.get(name))]
    if value.get("nullable") is True or value.get("x-nullable") is True:
        rest = {name: each for name, each in made.items() if name not in ("nullable", "x-nullable")}
        return {"anyOf": [rest, {"type": "null"}]} if _is_schema(value) else made
    return made


def _is_read_only(member: Any) -> bool:
    return isinstance(member, dict) and member.get("readOnly") is True


def _is_schema(value: Mapping[str, Any]) -> bool:
    return any(name in value for name in ("type", "$ref", "allOf", "oneOf", "anyOf", "enum", "properties"))


def _numbers(held: Mapping[str, Any], type: str) -> st.SearchStrategy[Any]:  # noqa: A002
    low = held.get("minimum", -1000)
    high = max(held.get("maximum", low + 2000), low)
    if type == "integer":
        return st.integers(int(low), int(high))
    return st.floats(float(low), float(high), allow_nan=False, allow_infinity=False, width=64)


def _texts(held: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if held.get("format") in FORMATS:
        return st.just(FORMATS[held["format"]])
    if isinstance(held.get("pattern"), str):
        import re

        try:
            # Not all of what its author's language reads is read by Python.
            return st.from_regex(re.compile(held["pattern"])).filter(bool)
        except re.error:
            return st.just(str(held.get("example") or "a"))
    least, most = held.get("minLength", 1), held.get("maxLength", 1000)
    least = max(1, least)
    if most < 8 or least > 1:
        return st.text(min_size=least, max_size=max(least, min(most, least + 8)))
    return TEXTS.map(lambda text: text[:most])


def _smallest(held: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    smallest: dict[str, Any] = {"string": "a", "integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}
    types = held.get("type")
    return st.just(smallest.get(types) if isinstance(types, str) else None)


def _together(parts: tuple[Any, ...]) -> Any:
    objects = [each for each in parts if isinstance(each, dict)]
    return {name: each for part in objects for name, each in part.items()} if objects else parts[-1]
