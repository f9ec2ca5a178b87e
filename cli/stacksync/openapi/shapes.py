"""A schema as a form needs it: `allOf` merged, null told apart; a union, a list, an object or a scalar."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from stacksync.errors import StacksyncError
from stacksync.openapi.description import Description, Node

Kind = Literal["scalar", "object", "list", "union", "any", "file"]
SCALARS = ("string", "integer", "number", "boolean")
# `allOf` in `allOf`; a deeper one is a circle, or meant as one.
MOST_MERGED = 60
# Unions in the objects of a union; a deeper one is a circle.
MOST_UNIONS = 3
# Seconds for all schemas of a description; 1,200 operations take two.
LONGEST = 60.0


@dataclass(frozen=True)
class Shape:
    """What a schema lets through.

    Args:
        kind: What it is; `any` where it is free, or where no form can hold it.
        types: The types of a scalar, and whether `any` may be a plain text.
        values: Those that a scalar can have, where they are listed.
        properties: The members of an object, as they stand.
        additional: Whether an object takes other members: False where the schema says no.
        items: What a list holds.
        variants: The names and shapes of which an object is one.
        branches: The shapes of which it is one, where that makes it free.
        keywords: Its annotations and limits.
    """

    kind: Kind
    types: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    nullable: bool = False
    properties: Mapping[str, Node] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: bool = True
    items: Node | None = None
    variants: "Sequence[Variant]" = ()
    branches: "Sequence[Shape]" = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    identity: int = 0

    def says(self, keyword: str) -> bool:
        """Say whether a keyword, such as `readOnly`, is true."""
        return self.keywords.get(keyword) is True

    def text(self, keyword: str) -> str:
        """Return the text of an annotation; "" where there is none."""
        value = self.keywords.get(keyword)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Variant:
    """One of the objects of a union; `fixed` are the members by which the API tells it from the others."""

    name: str
    shape: Shape
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Merged:
    """The keywords of a schema and of all that it is made of."""

    keywords: dict[str, Any] = field(default_factory=dict)
    types: set[str] | None = None
    values: list[Any] | None = None
    nullable: bool = False
    properties: dict[str, Node] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    additional: bool = True
    items: Node | None = None
    choices: list[list[Node]] = field(default_factory=list)
    discriminator: Node | None = None
    parts: int = 0


class Shapes:
    """The shapes of a description's schemas, each read once."""

    def __init__(self, description: Description) -> None:
        self._description = description
        # By identity, and kept with the schema, so that no other one gets its id.
        self._known: dict[int, tuple[Any, Shape]] = {}
        self._pairs: dict[tuple[int, int], tuple[Node, Node, Node]] = {}
        self._reading: set[int] = set()
        # Schemas met while they were being read: what is read until then depends on where the reading began.
        self._circles: set[int] = set()
        self._unions = 0
        self._ends = time.monotonic() + LONGEST

    def of(self, node: Node) -> Shape:
        """Return the shape of a schema.

        Raises:
            StacksyncError: The time for the whole description is up.
        """
        if time.monotonic() > self._ends:
            fault = f"The description was not mapped within {LONGEST:.0f} seconds: it is too large, or made to be."
            raise StacksyncError(fault, "--select names some of its operations")
        node = self._description.follow(node)
        known = self._known.get(id(node.value))
        if known:
            return known[1]
        if id(node.value) in self._reading:  # a union of itself
            self._circles.add(id(node.value))
            return Shape("any", identity=id(node.value))

        self._reading.add(id(node.value))
        try:
            shape = replace(self._read(node), identity=id(node.value))
        finally:
            self._reading.discard(id(node.value))
        self._circles.discard(id(node.value))
        if not self._circles:
            self._known[id(node.value)] = (node.value, shape)
        return shape

    def _read(self, node: Node) -> Shape:
        merged = _Merged()
        self._merge(node, merged, set())
        return self._shape(merged)

    def _merge(self, node: Node, into: _Merged, seen: set[int]) -> None:
        node = self._description.follow(node)
        into.parts += 1
        if not isinstance(node.value, dict) or id(node.value) in seen or into.parts > MOST_MERGED:
            return

        seen.add(id(node.value))
        held = node.mapping
        for name, value in held.items():
            if isinstance(name, str) and name not in _STRUCTURE:
                into.keywords.setdefault(name, value)
        self._merge_type(held, into)
        for name, each in node.part("properties").items():
            into.properties[name] = self._both(into.properties.get(name), each)
        into.required |= {name for name in _listed(held.get("required")) if isinstance(name, str)}
        into.additional &= held.get("additionalProperties") is not False
        if "items" in held and into.items is None:
            into.items = node.part("items")
        for each in node.part("allOf").each():
            self._merge(each, into, seen)
        into.choices += [branches for name in ("oneOf", "anyOf") if (branches := node.part(name).each())]
        if isinstance(held.get("discriminator"), dict) and into.discriminator is None:
            into.discriminator = node.part("discriminator")

    def _both(self, one: Node | None, other: Node) -> Node:
        """Return a member that two parts of an `allOf` have, as both have it."""
        if one is None or one.value == other.value or one.resolver._base_uri != other.resolver._base_uri:
            return one or other

        # Made once, so that what goes round in a circle is known again.
        key = (id(one.value), id(other.value))
        if key not in self._pairs:
            self._pairs[key] = (one, other, Node({"allOf": [one.value, other.value]}, one.resolver))
        return self._pairs[key][2]

    def _merge_type(self, held: Mapping[str, Any], into: _Merged) -> None:
        told = held.get("type")
        types = {told} if isinstance(told, str) else {each for each in _listed(told) if isinstance(each, str)}
        if types:
            into.types = types if into.types is None else (into.types & types or _meant(into.types, types))
        may_be_null = "null" in types or held.get("nullable") is True or held.get("x-nullable") is True
        # Strictly, every part of an `allOf` has to; but `nullable` beside one is how descriptions say it of the whole.
        into.nullable |= may_be_null
        values = [held["const"]] if "const" in held else _listed(held.get("enum")) if "enum" in held else None
        if values:
            kept = values if into.values is None else [each for each in into.values if each in values]
            into.values = kept or values

    def _shape(self, merged: _Merged) -> Shape:
        types = set(merged.types or ())
        nullable = merged.nullable or "null" in types or None in (merged.values or ())
        values = tuple(each for each in merged.values or () if each is not None)
        plain = Shape(
            "any",
            nullable=nullable,
            properties=merged.properties,
            required=frozenset(merged.required),
            additional=merged.additional,
            items=merged.items,
            keywords=merged.keywords,
        )
        types -= {"null"}
        if not types:
            types = _types_of(values) if values else _implied(merged)
        if merged.choices and not values:
            return self._bounded_union(merged, plain, types)

        return _plain(plain, types, values)

    def _bounded_union(self, merged: _Merged, plain: Shape, types: set[str]) -> Shape:
        if self._unions >= MOST_UNIONS:
            return replace(plain, kind="any", types=("string",))

        self._unions += 1
        try:
            return self._union(merged, plain, types)
        finally:
            self._unions -= 1

    def _union(self, merged: _Merged, plain: Shape, types: set[str]) -> Shape:
        """Return the shape of what is one of several."""
        if len(merged.choices) > 1:
            return replace(plain, kind="any", types=("string",))

        branches = [self._description.follow(each) for each in merged.choices[0]]
        given = [each for each in branches if not _is_null(each)]
        plain = replace(plain, nullable=plain.nullable or len(given) < len(branches))
        if given and all(_only_required(each) for each in given):
            needed = [name for name in _listed(given[0].mapping.get("required")) if isinstance(name, str)]
            return _plain(replace(plain, keywords={**plain.keywords, "x-needed": needed}), types, ())

        shapes = [self._branch(each, merged) for each in given]
        plain = replace(plain, nullable=plain.nullable or any(each.nullable for each in shapes))
        if len(shapes) == 1:
            return replace(shapes[0], nullable=plain.nullable, keywords={**shapes[0].keywords, **plain.keywords})
        if shapes and all(each.kind == "scalar" for each in shapes):
            return _scalar_union(plain, shapes)
        if shapes and all(each.kind == "object" and each.properties for each in shapes):
            return replace(plain, kind="union", variants=_variants(merged, given, merged.choices[0], shapes))

        texts = ("string",) if not shapes or any(_takes_text(each) for each in shapes) else ()
        return replace(plain, kind="any", types=texts, branches=tuple(shapes))

    def _branch(self, node: Node, outer: _Merged) -> Shape:
        """Return the shape of one of several, with what all of them have."""
        if not (outer.properties or outer.required or outer.types):
            return self.of(node)

        merged = _Merged()
        seen: set[int] = set()
        self._merge(node, merged, seen)
        merged.properties = {**outer.properties, **merged.properties}
        merged.required |= outer.required
        merged.additional &= outer.additional
        merged.types = merged.types or outer.types
        return self._shape(merged)


_STRUCTURE = {
    "allOf",
    "oneOf",
    "anyOf",
    "properties",
    "required",
    "items",
    "type",
    "enum",
    "const",
    "nullable",
    "x-nullable",
    "discriminator",
    "additionalProperties",
    "$ref",
}


def _meant(one: set[str], other: set[str]) -> set[str]:
    """Return which of two types that exclude each other is meant: an object has members, which nobody writes idly."""
    return other if "object" in other else one


def _plain(shape: Shape, types: set[str], values: tuple[Any, ...]) -> Shape:
    """Return the shape of what is no union."""
    scalar = tuple(each for each in SCALARS if each in types)
    if types == {"file"} or (types == {"string"} and shape.keywords.get("format") == "binary"):
        return replace(shape, kind="file")
    if types and set(scalar) == types and all(isinstance(each, (str, int, float, bool)) for each in values):
        return replace(shape, kind="scalar", types=scalar, values=values)
    if types == {"object"}:
        return replace(shape, kind="object")
    if types == {"array"} and "prefixItems" not in shape.keywords:
        return replace(shape, kind="list")

    return replace(shape, kind="any", types=("string",) if "string" in types or not types else (), values=values)


def _scalar_union(plain: Shape, shapes: Sequence[Shape]) -> Shape:
    types = tuple(each for each in SCALARS if any(each in shape.types for shape in shapes))
    listed = all(shape.values for shape in shapes)
    values = tuple(dict.fromkeys(value for shape in shapes for value in shape.values)) if listed else ()
    known = tuple(value for shape in shapes for value in shape.values)
    keywords = {**plain.keywords} if listed or not known else {**plain.keywords, "x-known": list(known)}
    return replace(plain, kind="scalar", types=types, values=values, keywords=keywords, branches=tuple(shapes))


def _variants(merged: _Merged, nodes: list[Node], raw: list[Node], shapes: list[Shape]) -> tuple[Variant, ...]:
    """Return the objects of a union by their names: the discriminator's, those of schemas, or titles."""
    references = [each.text("$ref") for each in raw if not _is_null(each)]
    told = merged.discriminator.text("propertyName") if merged.discriminator else ""
    mapping = merged.discriminator.part("mapping").mapping if merged.discriminator else {}
    found: dict[str, Variant] = {}
    for index, (node, shape) in enumerate(zip(nodes, shapes, strict=True)):
        reference = references[index] if index < len(references) else ""
        tail = reference.rpartition("/")[2].partition(".")[0]
        key = next((name for name, target in mapping.items() if target in (reference, tail) and reference), "")
        name = str(key) or tail or node.text("title") or f"option_{index + 1}"
        fixed = {told: key or tail} if told and (key or tail) else {}
        name = name if name not in found else f"{name}_{index + 1}"
        found[name] = Variant(name, shape, fixed)
    return tuple(found.values())


def _types_of(values: Sequence[Any]) -> set[str]:
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {names.get(type(each), "object") for each in values}


def _implied(merged: _Merged) -> set[str]:
    """Return the type that a schema means without saying so."""
    if merged.properties:
        return {"object"}
    if merged.items is not None:
        return {"array"}
    if any(name in merged.keywords for name in ("pattern", "maxLength", "minLength")) or "format" in merged.keywords:
        return {"string"}

    return set()


def _is_null(node: Node) -> bool:
    held = node.mapping
    return held.get("type") == "null" or held.get("enum") == [None] or ("const" in held and held["const"] is None)


def _only_required(node: Node) -> bool:
    """Say whether a part only asks for members, as in `anyOf: [{required: [email]}, {required: [phone]}]`."""
    return set(node.mapping) <= {"required", "title", "description", "not"} and bool(node.mapping)


def _takes_text(shape: Shape) -> bool:
    return (shape.kind in ("scalar", "any")) and (not shape.types or "string" in shape.types)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
