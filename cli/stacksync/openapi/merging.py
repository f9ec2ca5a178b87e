"""The keywords of a schema and of all that it is made of: `allOf` merged, at any depth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacksync.openapi.description import Description, Node

# `allOf` in `allOf`; a deeper one is a circle, or meant as one.
MOST_MERGED = 60
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


@dataclass
class Merged:
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


class Merging:
    """Merges the schemas of a description."""

    def __init__(self, description: Description) -> None:
        self._description = description
        # By what they are made of, and kept with it, so that no other schema gets its id.
        self._pairs: dict[tuple[int, int], tuple[Node, Node, Node]] = {}

    def merge(self, node: Node, into: Merged, seen: set[int]) -> None:
        """Add what a schema says to what is known; `seen` are those that were added."""
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
        into.required |= {name for name in listed(held.get("required")) if isinstance(name, str)}
        into.additional &= held.get("additionalProperties") is not False
        if "items" in held and into.items is None:
            into.items = node.part("items")
        for each in node.part("allOf").each():
            self.merge(each, into, seen)
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

    def _merge_type(self, held: Mapping[str, Any], into: Merged) -> None:
        told = held.get("type")
        types = {told} if isinstance(told, str) else {each for each in listed(told) if isinstance(each, str)}
        if types:
            into.types = types if into.types is None else (into.types & types or _meant(into.types, types))
        may_be_null = "null" in types or held.get("nullable") is True or held.get("x-nullable") is True
        # Strictly, every part of an `allOf` has to; but `nullable` beside one is how descriptions say it of the whole.
        into.nullable |= may_be_null
        values = [held["const"]] if "const" in held else listed(held.get("enum")) if "enum" in held else None
        if values:
            kept = values if into.values is None else [each for each in into.values if each in values]
            into.values = kept or values


def _meant(one: set[str], other: set[str]) -> set[str]:
    """Return which of two types that exclude each other is meant: an object has members, which nobody writes idly."""
    return other if "object" in other else one


def listed(value: Any) -> list[Any]:
    """Return a list as it is; none for anything else."""
    return value if isinstance(value, list) else []
