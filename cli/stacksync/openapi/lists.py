"""Lists: what in an answer is one, how its pages follow each other, and what of its records a dropdown shows."""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.description import Description, Node
from stacksync.openapi.operations import Operation
from stacksync.openapi.shapes import Shape, Shapes

CURSORS = ("cursor", "after", "page_token", "pageToken", "starting_after", "next_token", "nextToken", "marker", "next")
NEXT = ("next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken", "cursor", "after")
NEXT_LINKS = ("next", "next_url", "nextUrl", "next_page_uri")
SIZES = ("limit", "per_page", "perPage", "page_size", "pageSize", "PageSize", "count", "size", "$top")
# How many records `paginate` asks for at once.
USUAL = 100
LABELS = ("name", "title", "label", "display_name", "displayName", "email", "subject", "login", "code")
IDS = ("id", "uuid", "gid", "sid", "key", "slug", "guid")
# What errors call what a user should read, the best first.
REASONS = ("message", "detail", "error_description", "description", "reason", "title", "error")


@dataclass(frozen=True)
class Listing:
    """An operation that lists records: how its pages follow each other, and what its records have."""

    operation: Operation
    pages: Mapping[str, Any]
    members: Mapping[str, Shape]

    def needs(self, known_headers: Collection[str] = ()) -> list[str]:
        """Return the names of the parameters without which it cannot be called, but for those of its pages.

        Args:
            known_headers: Headers that are the API's, and sent with each request.
        """
        own = {self.pages.get("parameter"), self.pages.get("size_parameter"), *known_headers}
        asked = [each.name for each in self.operation.parameters if each.required and each.place != "cookie"]
        return [name for name in asked if name not in own]


@dataclass(frozen=True)
class Proposal:
    """A field that a list can fill: why it is thought so, and what of each record is sent and shown.

    `field` is the name of a parameter, or the path of a field of the body: its ids with `/` between them.
    """

    field: str
    listing: Listing
    value: str
    label: str
    evidence: str
    depends_on: tuple[str, ...] = ()


def answer_of(description: Description, operation: Operation) -> Node:
    """Return the schema of what an operation answers when it is done; a node of None where it does not say."""
    # What is answered "by default" is an error, where something else says what is answered when it is done.
    done = [status for status, _ in operation.responses.items() if status.startswith("2")]
    for status in ("200", "201", "2XX", "2xx", "202", *([] if done else ["default"])):
        held = description.follow(operation.responses.part(status))
        if not held.mapping:
            continue
        if held.part("schema").value is not None:  # Swagger 2
            return held.part("schema")
        for name, content in held.part("content").items():
            if "json" in name or name == "*/*":
                return content.part("schema")

    return Node(None, operation.responses.resolver)


def listing_of(description: Description, shapes: Shapes, operation: Operation) -> Listing | None:
    """Return how an operation lists records; None where it lists none."""
    schema = answer_of(description, operation)
    if operation.method != "GET" or schema.value is None:
        return None

    shape = shapes.of(schema)
    found = _items_in(shape, shapes)
    if found is None:
        return None

    path, items = found
    members = {name: shapes.of(node) for name, node in shapes.of(items).properties.items()}
    return Listing(operation, _pages(operation, shape, shapes, path), members)


def _items_in(shape: Shape, shapes: Shapes, depth: int = 0) -> tuple[str, Node] | None:
    """Return where the records are: in the whole answer, or in the only list of objects in it."""
    if shape.kind == "list" and shape.items is not None:
        return ("", shape.items) if shapes.of(shape.items).properties else None
    if shape.kind != "object" or depth > 1:
        return None

    lists = [(name, _items_in(shapes.of(node), shapes, 2)) for name, node in shape.properties.items()]
    found = [(name, each[1]) for name, each in lists if each]
    preferred = [each for each in found if each[0] in ("data", "items", "results", "records", "entries", "values")]
    chosen = preferred or found
    if len(chosen) == 1 or preferred:
        return chosen[0]
    if not chosen and depth == 0 and "data" in shape.properties:
        inner = _items_in(shapes.of(shape.properties["data"]), shapes, 1)
        return (f"data.{inner[0]}".rstrip("."), inner[1]) if inner else None

    return None


def _pages(operation: Operation, shape: Shape, shapes: Shapes, items: str) -> dict[str, Any]:
    """Return how pages follow each other, in the words of `paginate`."""
    names = {each.name for each in operation.parameters if each.place == "query"}
    size = next((name for name in SIZES if name in names), "")
    cursor = next((name for name in CURSORS if name in names), "")
    told = next(_paths_to(shape, shapes, NEXT), "")
    link = next(_paths_to(shape, shapes, NEXT_LINKS), "")
    if cursor and told:
        return {"kind": "cursor", "items": items, "cursor": told, "parameter": cursor}
    if cursor and cursor in ("starting_after", "after") and "id" in names | {"id"}:
        return {"kind": "cursor", "items": items, "cursor": f"{items}.-1.id".lstrip("."), "parameter": cursor}
    sized: dict[str, Any] = {"size_parameter": size, **_sizes(operation, shapes, size)}
    if "page" in names and size:
        first = {"start": 0} if _limit(operation, shapes, "page", "default") == 0 else {}
        return {"kind": "number", "items": items, "parameter": "page", **sized, **first}
    if "offset" in names and size:
        return {"kind": "offset", "items": items, "parameter": "offset", **sized}

    return {"kind": "link", "items": items, **({"link": link} if link else {})}


def _sizes(operation: Operation, shapes: Shapes, name: str) -> dict[str, int]:
    """Return how many a page may hold, where that is less than is usually asked for."""
    most = _limit(operation, shapes, name, "maximum")
    return {"size": most} if most and 0 < most < USUAL else {}


def _limit(operation: Operation, shapes: Shapes, name: str, keyword: str) -> int | None:
    found = next((each for each in operation.parameters if each.place == "query" and each.name == name), None)
    told = shapes.of(found.schema).keywords.get(keyword) if found else None
    return int(told) if isinstance(told, (int, float)) and math.isfinite(told) else None


def _paths_to(shape: Shape, shapes: Shapes, names: Sequence[str], depth: int = 0) -> Iterator[str]:
    for name in names:
        node = shape.properties.get(name)
        if node is not None and "string" in shapes.of(node).types:
            yield name
    if depth < 2:
        for name, node in shape.properties.items():
            held = shapes.of(node)
            if held.kind == "object":
                yield from (f"{name}.{inner}" for inner in _paths_to(held, shapes, names, depth + 1))


def error_path(description: Description, shapes: Shapes, operation: Operation) -> str:
    """Return where the API's errors say what is wrong, such as `problem.detail`; "" where they do not."""
    for status, response in operation.responses.items():
        if not re.match(r"[45]|default", status):
            continue
        held = description.follow(response)
        schemas = [content.part("schema") for name, content in held.part("content").items() if "json" in name]
        for schema in [held.part("schema"), *schemas]:
            if schema.value is not None and (path := next(_paths_to(shapes.of(schema), shapes, REASONS), "")):
                return path

    return ""


def id_of(listing: Listing, name: str) -> str:
    """Return the member of a list's records whose value a field of that name takes; "" where there is none."""
    scalars = {each for each, shape in listing.members.items() if shape.kind == "scalar"}
    wanted = [name, *IDS, *(each for each in scalars if each.lower() == name.lower())]
    return next((each for each in wanted if each in scalars), "")


def label_of(listing: Listing, value: str) -> str:
    """Return the member that users know a record by, else its id."""
    return next((each for each in LABELS if each in listing.members), value)


def in_path(path: str) -> list[str]:
    """Return the names of what a path leaves open."""
    return re.findall(r"{([^{}]+)}", path)
