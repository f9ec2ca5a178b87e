"""What holds for all operations of an API: headers that say its version, and how often members are used."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from stacksync.openapi.operations import Operation, Parameter
from stacksync.openapi.shapes import Shape, Shapes

# A header of this share of the operations, and of so many, is the API's and not an operation's.
SHARED, FEWEST = 0.5, 3


def usage_of(operations: Sequence[Operation]) -> dict[str, int]:
    """Count in how many examples of the description each member is used."""
    counted: Counter[str] = Counter()
    known: dict[int, set[str]] = {}  # many operations may refer to one example
    for operation in operations:
        counted.update(each.name for each in operation.parameters if each.example is not None)
        for _, example in operation.body.examples if operation.body else ():
            if id(example) not in known:
                known[id(example)] = _names_in(example, 0)
            counted.update(known[id(example)])
    return dict(counted)


def _names_in(value: Any, depth: int) -> set[str]:
    if depth > 6:
        return set()
    if isinstance(value, dict):
        return {*map(str, value), *(name for each in value.values() for name in _names_in(each, depth + 1))}

    return {name for each in value for name in _names_in(each, depth + 1)} if isinstance(value, list) else set()


def version_headers_of(operations: Sequence[Operation], shapes: Shapes, known: Collection[str]) -> dict[str, str]:
    """Return the headers that say which version of the API is meant, with the version: they are nobody's to fill in."""
    values: dict[str, list[str]] = {}
    for operation in operations:
        for each in operation.parameters:
            if each.place == "header" and "version" in each.name.lower():
                values.setdefault(each.name, []).append(_version(each, shapes.of(each.schema)))
    wanted = max(FEWEST, len(operations) * SHARED) if len(operations) >= FEWEST else 1
    found = {
        name: Counter(each for each in told if each)
        for name, told in values.items()
        if len(told) >= wanted or name in known
    }
    return {name: counted.most_common(1)[0][0] for name, counted in found.items() if counted}


def _version(parameter: Parameter, shape: Shape) -> str:
    told = shape.keywords.get("default")
    told = told if told is not None else (shape.values[0] if len(shape.values) == 1 else parameter.example)
    told = told if told is not None else shape.keywords.get("example")
    plain = told if isinstance(told, str) else json.dumps(told) if isinstance(told, (int, float)) else ""
    return plain if plain.isprintable() and len(plain) < 100 else ""
