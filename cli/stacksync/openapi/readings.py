"""What the API itself says of an operation's input, whatever form is made of it: an update compares this.

A form changes with the mapper's rules too, and shows limits as texts only. A reading has the members of parameters and
body with type, limits and choices, and nothing of how they are shown.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.description import Node
from stacksync.openapi.mapping import Mapper
from stacksync.openapi.operations import Operation, Parameter
from stacksync.openapi.shapes import Shape
from stacksync.openapi.wording import FORMATS

Json = dict[str, Any]
# Members of members; of what lies deeper there is a digest.
DEEPEST = 4
MOST_READ = 2_000
# The words of a schema, and what a form calls them.
LIMITS: Mapping[str, str] = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "minItems": "min_items",
    "maxItems": "max_items",
    "pattern": "pattern",
    "format": "format",
    "default": "default",
}
_NUMBERS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
LONGEST = 500
# The words of a schema for what may be in a value besides its members.
_FREE = (
    *("additionalProperties", "patternProperties", "propertyNames", "prefixItems", "contains", "not"),
    *("if", "then", "else", "dependentSchemas", "dependentRequired"),
)


def reading_of(mapper: Mapper, operation: Operation) -> Json:
    """Return what the API says of an operation's input, as JSON."""
    reader = _Reader(mapper, operation.method == "PATCH")
    found: Json = {"text": _digest(operation.summary, operation.description)}
    given = {f"{each.place} {each.name}": each for each in operation.parameters if not _is_left_out(mapper, each)}
    if given:
        found["parameters"] = {name: reader.parameter(each) for name, each in given.items()}
    if operation.body:
        body = operation.body
        found |= {"encoding": body.encoding, "body": reader.value(body.schema, body.required, 0)}
    if operation.security is not None:
        found["security"] = [list(each) for each in operation.security]
    return found


def _is_left_out(mapper: Mapper, parameter: Parameter) -> bool:
    return parameter.place == "cookie" or parameter.name in mapper.version_headers


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8] if any(texts) else ""


@dataclass
class _Reader:
    """Reads the values of one operation.

    Args:
        mapper: The description's.
        partial: Whether the operation changes what is given, and asks for none of it.
    """

    mapper: Mapper
    partial: bool
    count: int = 0

    def parameter(self, parameter: Parameter) -> Json:
        found = self.value(parameter.schema, parameter.required, DEEPEST - 1)
        return found | {"text": _digest(parameter.description), "style": parameter.style}

    def value(self, node: Node, required: bool, depth: int) -> Json:
        shape = self.mapper.shapes.of(node)
        return self._of_shape(shape, required, depth) | self._beyond(node, shape)

    def _beyond(self, node: Node, shape: Shape) -> Json:
        """Return what tells apart that of a schema which has no members of its own in a reading."""
        node = self.mapper.description.follow(node)
        parts = [node, *map(self.mapper.description.follow, node.part("allOf").each())]
        free = [(name, part.part(name)) for part in parts for name in _FREE if part.mapping.get(name)]
        if shape.kind == "any":
            free = [("", node)] if node.mapping else []
        held = [(name, part) for name, part in free if isinstance(part.value, (dict, list))]
        return {"beyond": self.mapper.depths.of(held)} if held else {}

    def _of_shape(self, shape: Shape, required: bool, depth: int) -> Json:
        self.count += 1
        limits = {LIMITS[name]: _short(value) for name, value in shape.keywords.items() if _is_read(name, value)}
        found: Json = {"type": _type(shape), **limits, "text": _digest(shape.text("description"))}
        found |= {"required": True} if required and not shape.nullable else {}
        found |= {"choices": list(shape.values)} if shape.values else {}
        if shape.says("deprecated"):
            found["deprecated"] = True
        if depth >= DEEPEST or self.count > MOST_READ:
            return found | self._deeper(shape)

        return found | self._inner(shape, depth + 1)

    def _inner(self, shape: Shape, depth: int) -> Json:
        if shape.kind == "list" and shape.items is not None:
            return {"items": self.value(shape.items, False, depth)}
        if shape.kind == "union":
            return {"variants": {each.name: self._of_shape(each.shape, False, depth) for each in shape.variants}}

        members = {}
        for name, node in shape.properties.items():
            held = self.mapper.shapes.of(node)
            if not held.says("readOnly") and held.kind != "file":  # neither is sent
                # What a change asks for by its schema is asked for in new records only.
                is_needed = name in shape.required and not (self.partial and depth == 1)
                members[name] = self.value(node, is_needed, depth)
        return {"members": members} if members else {}

    def _deeper(self, shape: Shape) -> Json:
        """Return what tells apart that which lies deeper than readings go."""
        shapes = [shape, *(each.shape for each in shape.variants)]
        below = [held for each in shapes for held in each.properties.items()]
        below += [("items", each.items) for each in shapes if each.items is not None]
        return {"deeper": self.mapper.depths.of(below)} if below else {}


def _type(shape: Shape) -> str:
    if shape.kind == "scalar":
        return " or ".join(sorted(shape.types))

    return {"list": "array", "union": "one of several objects", "any": "any"}.get(shape.kind, shape.kind)


def _is_read(name: str, value: Any) -> bool:
    """Say whether a keyword limits what is sent: a format that no text has to follow, such as `int64`, does not."""
    if name not in LIMITS:
        return False
    if name in _NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "format":
        return value in FORMATS

    return name == "default" or isinstance(value, str)


def _short(value: Any) -> Any:
    """Return a limit as it is stored: of what is long, or has parts, only what tells it from others."""
    if isinstance(value, (dict, list)) or len(str(value)) > LONGEST:
        return f"sha256 {_digest(json.dumps(value, sort_keys=True, default=str))}"
    return value
