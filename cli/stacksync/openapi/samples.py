"""Values that fit a schema, for the examples and tests of modules: those of the description where it has some."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.inspection.secret_values import is_secret, looks_secret
from stacksync.openapi.operations import Operation
from stacksync.openapi.pattern_texts import matches, text_for, texts_for
from stacksync.openapi.reader.call import MISSING
from stacksync.openapi.shapes import Shape, Shapes

DEEPEST, DEEPEST_NEEDED = 3, 8
# An example of a description that is longer shows nobody anything.
LONGEST = 20_000
LONGEST_TEXT, MOST_ITEMS = 300, 20
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
PLAIN: dict[str, int | float] = {"integer": 1, "number": 1.5}


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

    # The id of a field has an underscore where a name has a dot or bracket.
    return isinstance(value, str) and (looks_secret(value) or is_secret(re.sub(r"\W", "_", name), value))


@dataclass(frozen=True)
class Samples:
    """Makes values of the shapes of a description.

    Args:
        shapes: Those of the description.
        whole: Also with what an object need not have.
        is_answer: With what only the API writes, which nobody sends.
    """

    shapes: Shapes
    whole: bool = False
    is_answer: bool = False

    def of(self, shape: Shape, depth: int = 0, name: str = "") -> Any:
        """Return a value of a shape.

        Args:
            shape: What is wanted.
            depth: How many objects it lies in.
            name: What it is called where it lies.
        """
        for told in _told(shape):
            if _fits(told, shape) and not holds_secret(told, name):
                return told
        if shape.values:
            return shape.values[0]
        if shape.branches and depth <= DEEPEST:
            plain = next((each for each in shape.branches if each.kind == "scalar"), shape.branches[0])
            return self.of(plain, depth, name)
        if shape.kind == "union" and shape.variants:
            first = shape.variants[0]
            return {**self.of(first.shape, depth), **first.fixed}

        made: Callable[[Shape, int], Any] | None
        made = {"scalar": _scalar, "list": self._items, "object": self._members}.get(shape.kind)
        return made(shape, depth) if made else "text" if shape.kind == "any" else ""

    def _items(self, shape: Shape, depth: int) -> list[Any]:
        least = int(min(_number(shape.keywords.get("minItems"), 0), MOST_ITEMS))
        is_wanted = depth < 2 or (self.whole and depth < DEEPEST)
        if shape.items is None or depth >= DEEPEST_NEEDED or not (least or is_wanted):
            return []

        items = self.shapes.of(shape.items)
        first = self.of(items, depth + 1)
        return _different(items, first, least) if shape.says("uniqueItems") else [first] * max(least, 1)

    def _members(self, shape: Shape, depth: int) -> dict[str, Any]:
        if depth >= DEEPEST_NEEDED:
            return {}

        needed = {*shape.required, *shape.keywords.get("x-needed", ())}
        count = _number(shape.keywords.get("minProperties"), 0)
        made: dict[str, Any] = {name: "text" for name in needed if name not in shape.properties}
        empty: dict[str, Any] = {}  # says nothing, and is left out where anything else is said
        # What is needed first: of the rest as many as the object has to have.
        for name, node in sorted(shape.properties.items(), key=lambda each: each[0] not in needed):
            held = self.shapes.of(node)
            is_wanted = name in needed or (self.whole and depth < DEEPEST) or len(made) < count
            if held.kind == "file" or not is_wanted or (held.says("readOnly") and not self.is_answer):
                continue
            is_null = held.nullable and self.whole and depth > 0
            value = None if is_null else self.of(held, depth + 1, name)
            (made if name in needed or value not in ({}, []) else empty)[name] = value
        made = made or empty
        return {name: made[name] for name in [*shape.properties, *made] if name in made}


def _told(shape: Shape) -> Iterator[Any]:
    """Yield what the description has as an example of a scalar, or of what is free."""
    if shape.kind not in ("scalar", "any"):
        return

    listed = shape.keywords.get("examples")
    given = [
        shape.keywords.get("example"),
        *(listed if isinstance(listed, list) else ()),
        shape.keywords.get("default"),
    ]
    yield from (each for each in given if each is not None and not isinstance(each, (dict, list)))


def _fits(told: Any, shape: Shape) -> bool:
    """Say whether an example is one: many descriptions have some that their own schema refuses."""
    if shape.kind == "any":
        return not shape.branches
    if shape.values:
        return any(each == told and type(each) is type(told) for each in shape.values)

    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    allowed = [each for each in shape.types if isinstance(told, kinds[each])]  # type: ignore[arg-type]
    if not allowed or told == "" or (isinstance(told, bool) and "boolean" not in shape.types):
        return False
    return _is_within(told, shape.keywords) if not isinstance(told, bool) else True


def _is_within(told: str | int | float, limits: Mapping[str, Any]) -> bool:
    """Say whether a text or number is within its limits."""
    size: int | float = len(told) if isinstance(told, str) else told
    low, high = ("minLength", "maxLength") if isinstance(told, str) else ("minimum", "maximum")
    if size < _number(limits.get(low), size) or size > _number(limits.get(high), size):
        return False

    pattern = limits.get("pattern")
    return not isinstance(told, str) or not isinstance(pattern, str) or matches(pattern, told)


def _number(value: Any, otherwise: int | float) -> int | float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number else otherwise


def _scalar(shape: Shape, _depth: int) -> Any:
    kind, held = shape.types[0], shape.keywords
    if kind == "string":
        return _text(shape)
    if kind == "boolean":
        return True

    low, high = _least(held, PLAIN[kind]), _number(held.get("maximum"), math.inf)
    found = min(low, high)
    return int(found) if kind == "integer" else found


def _least(held: Mapping[str, Any], usual: int | float) -> int | float:
    """Return the least number that fits, or the usual one where there is no least."""
    low = _number(held.get("minimum"), usual)
    above = held.get("exclusiveMinimum")  # a number, or beside `minimum` true, as OpenAPI 3.0 has it
    low = low + 1 if above is True else max(low, _number(above, low - 1) + 1)
    step = _number(held.get("multipleOf"), 0)
    return math.ceil(low / step) * step if step > 0 else low


def _text(shape: Shape) -> str:
    held = shape.keywords
    least = int(min(_number(held.get("minLength"), 0), LONGEST_TEXT))
    most = int(_number(held.get("maxLength"), LONGEST_TEXT)) or LONGEST_TEXT
    pattern = held.get("pattern")
    found = text_for(pattern, least, most) if isinstance(pattern, str) else None
    if found is None:
        found = FORMATS.get(shape.text("format"), "text")
        found = found if len(found) >= least else "example".ljust(least, "e")
    return found[:most]


def _different(items: Shape, first: Any, count: int) -> list[Any]:
    """Return items that are not the same, as far as they are known."""
    if count < 2:
        return [first]

    pattern = items.keywords.get("pattern")
    texts = list(texts_for(pattern)) if isinstance(pattern, str) else [f"{first}{at}" for at in range(count)]
    return list(items.values or texts)[:count] if isinstance(first, str) else [first]


def smallest_body(shapes: Shapes, operation: Operation) -> Any:
    """Return the least that an operation takes: of a body that it needs, and in which nothing is needed, all of it."""
    if not operation.body:
        return MISSING

    shape = shapes.of(operation.body.schema)
    least = Samples(shapes).of(shape)
    return whole_body(shapes, operation) if operation.body.required and least in ({}, []) else least


def whole_body(shapes: Shapes, operation: Operation) -> Any:
    """Return a body with all that an operation takes."""
    return Samples(shapes, whole=True).of(shapes.of(operation.body.schema)) if operation.body else MISSING


def parameters_of(shapes: Shapes, operation: Operation) -> Mapping[str, Any]:
    """Return values of the parameters that an operation needs, by name: those of the description where it has some."""
    found: dict[str, Any] = {}
    for each in operation.parameters:
        if not each.required:
            continue
        shape = shapes.of(each.schema)
        made = Samples(shapes).of(shape, 1, each.name)
        told = each.example if isinstance(each.example, (str, int, float)) and _fits(each.example, shape) else None
        found[each.name] = made if told is None or holds_secret(told, each.name) else told
    return found
