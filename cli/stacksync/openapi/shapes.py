"""A schema as a form needs it: `allOf` merged, null told apart; a union, a list, an object or a scalar."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from stacksync.errors import StacksyncError
from stacksync.openapi.description import Description, Node
from stacksync.openapi.merging import Merged, Merging, listed

Kind = Literal["scalar", "object", "list", "union", "any", "file"]
SCALARS = ("string", "integer", "number", "boolean")
# Unions in the objects of a union; a deeper one is a circle.
MOST_UNIONS = 3
# Seconds of work for all schemas of a description, not of waiting for answers; 1,200 operations take two.
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


class Shapes:
    """The shapes of a description's schemas, each read once."""

    def __init__(self, description: Description) -> None:
        self._description = description
        # By identity, and kept with the schema, so that no other one gets its id.
        self._known: dict[int, tuple[Any, Shape]] = {}
        self._merging = Merging(description)
        self._reading: set[int] = set()
        # Schemas met while they were being read: what is read until then depends on where the reading began.
        self._circles: set[int] = set()
        self._unions = 0
        self._ends = time.process_time() + LONGEST

    def of(self, node: Node) -> Shape:
        """Return the shape of a schema.

        Raises:
            StacksyncError: The time for the whole description is up.
        """
        if time.process_time() > self._ends:
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
        merged = Merged()
        self._merging.merge(node, merged, set())
        return self._shape(merged)

    def _shape(self, merged: Merged) -> Shape:
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

    def _bounded_union(self, merged: Merged, plain: Shape, types: set[str]) -> Shape:
        if self._unions >= MOST_UNIONS:
            return replace(plain, kind="any", types=("string",))

        self._unions += 1
        try:
            return self._union(merged, plain, types)
        finally:
            self._unions -= 1

    def _union(self, merged: Merged, plain: Shape, types: set[str]) -> Shape:
        """Return the shape of what is one of several."""
        if len(merged.choices) > 1:
            return replace(plain, kind="any", types=("string",))

        branches = [self._description.follow(each) for each in merged.choices[0]]
        given = [each for each in branches if not _is_null(each)]
        plain = replace(plain, nullable=plain.nullable or len(given) < len(branches))
        if given and all(_only_required(each) for each in given):
            needed = [name for name in listed(given[0].mapping.get("required")) if isinstance(name, str)]
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

    def _branch(self, node: Node, outer: Merged) -> Shape:
        """Return the shape of one of several, with what all of them have."""
        if not (outer.properties or outer.required or outer.types):
            return self.of(node)

        merged = Merged()
        seen: set[int] = set()
        self._merging.merge(node, merged, seen)
        merged.properties = {**outer.properties, **merged.properties}
        merged.required |= outer.required
        merged.additional &= outer.additional
        merged.types = merged.types or outer.types
        return self._shape(merged)


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


def _variants(merged: Merged, nodes: list[Node], raw: list[Node], shapes: list[Shape]) -> tuple[Variant, ...]:
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


def _implied(merged: Merged) -> set[str]:
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
