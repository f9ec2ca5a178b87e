"""Values that fit a schema, for the examples and tests of modules: those of the description where it has some."""

from collections.abc import Mapping
from typing import Any

from stacksync.inspection.secret_values import is_secret, looks_secret
from stacksync.openapi.operations import Operation
from stacksync.openapi.shapes import Shape, Shapes

DEEPEST = 3
# An example of a description that is longer shows nobody anything.
LONGEST = 20_000
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "byte": "QQ==",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
PLAIN: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}


def holds_secret(value: Any, name: str = "") -> bool:
    """Say whether an example holds what looks like a secret: some vendors publish real ones.

    Args:
        value: The example.
        name: What it is called.
    """
    if isinstance(value, dict):
        return any(holds_secret(each, str(key)) for key, each in value.items())
    if isinstance(value, list):
        return any(holds_secret(each, name) for each in value)

    return isinstance(value, str) and (looks_secret(value) or is_secret(name, value))


def sample(shapes: Shapes, shape: Shape, *, whole: bool = False, depth: int = 0, name: str = "") -> Any:
    """Return a value of a shape.

    Args:
        shapes: Those of the description.
        shape: What is wanted.
        whole: Also with what an object need not have.
        depth: How many objects it lies in.
        name: What it is called where it lies.
    """
    told = shape.keywords.get("example", shape.keywords.get("default"))
    if (
        told is not None
        and shape.kind in ("scalar", "any")
        and not isinstance(told, (dict, list))
        and _fits(told, shape)
        and not holds_secret(told, name)
    ):
        return told
    if shape.values:
        return shape.values[0]
    if shape.kind == "scalar":
        return _scalar(shape)
    if shape.kind == "list":
        return _items(shapes, shape, whole, depth)
    if shape.kind == "union" and shape.variants:
        first = shape.variants[0]
        return {**sample(shapes, first.shape, whole=whole, depth=depth), **first.fixed}
    if shape.kind == "object":
        return _members(shapes, shape, whole, depth)

    return "text" if shape.kind == "any" else ""


def _fits(told: Any, shape: Shape) -> bool:
    if shape.kind == "any":
        return True

    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    allowed = [each for each in shape.types if isinstance(told, kinds[each])]  # type: ignore[arg-type]
    return bool(allowed) and (not isinstance(told, bool) or "boolean" in shape.types) and told != ""


def _scalar(shape: Shape) -> Any:
    kind, held = shape.types[0], shape.keywords
    if kind == "string":
        text = FORMATS.get(shape.text("format"), "text")
        least, most = held.get("minLength"), held.get("maxLength")
        text = text.ljust(least, "t") if isinstance(least, int) and least < 1000 else text
        return text[:most] if isinstance(most, int) and most > 0 else text
    low, high = held.get("minimum"), held.get("maximum")
    if kind in ("integer", "number") and isinstance(low, (int, float)):
        return int(low) if kind == "integer" else low
    if kind in ("integer", "number") and isinstance(high, (int, float)) and high < 1:
        return int(high) if kind == "integer" else high

    return PLAIN[kind]


def _items(shapes: Shapes, shape: Shape, whole: bool, depth: int) -> list[Any]:
    least = shape.keywords.get("minItems")
    needed = isinstance(least, int) and least > 0
    if shape.items is None or depth >= DEEPEST or not (needed or whole or depth == 0):
        return []

    return [sample(shapes, shapes.of(shape.items), whole=whole, depth=depth + 1)]


def _members(shapes: Shapes, shape: Shape, whole: bool, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, node in shape.properties.items():
        held = shapes.of(node)
        is_needed = name in shape.required and not (held.says("readOnly") and not whole)
        if held.kind == "file" or not (is_needed or (whole and depth < DEEPEST)):
            continue
        made[name] = (
            None
            if held.nullable and whole and depth > 0
            else sample(shapes, held, whole=whole, depth=depth + 1, name=name)
        )
    return made


def parameters_of(shapes: Shapes, operation: Operation) -> Mapping[str, Any]:
    """Return values of the parameters that an operation needs, by name: those of the description where it has some."""
    found: dict[str, Any] = {}
    for each in operation.parameters:
        if not each.required:
            continue
        shape = shapes.of(each.schema)
        made = sample(shapes, shape, depth=1, name=each.name)
        told = each.example if isinstance(each.example, (str, int, float)) and _fits(each.example, shape) else None
        found[each.name] = made if told is None or holds_secret(told, each.name) else told
    return found
