"""Changes to a JSON text that leave everything around them as it is."""

import json
from collections.abc import Iterable
from typing import Any

from stacksync.inspection.document import Path
from stacksync.inspection.findings import Edit
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.json_places import JsonNode


def replace(document: JsonDocument, path: Path, value: str) -> Edit:
    """Put another text in the place of a value."""
    return Edit(document.at(path), _quoted(value))


def rename(document: JsonDocument, path: Path, name: str) -> Edit:
    """Give a value another key."""
    return Edit(document.at(path, key=True), _quoted(name))


def remove(document: JsonDocument, path: Path) -> Edit:
    """Take a value out, with its key and one of the commas around it."""
    *above, last = path
    parent = _node(document, above)
    beside = list(parent.inner)
    index = beside.index(last)
    node = parent.inner[last]
    start, end = _begin(node), node.end
    if index > 0:
        start = parent.inner[beside[index - 1]].end
    elif len(beside) > 1:
        end = _begin(parent.inner[beside[1]])
    else:
        start, end = parent.start + 1, parent.end - 1
    return Edit(document.file.place(start, end), "")


def append(document: JsonDocument, path: Path, values: Iterable[str]) -> Edit:
    """Add texts to the end of a list, laid out as those before them."""
    node, text = _node(document, path), document.file.text
    items = list(node.inner.values())
    if not items:
        return Edit(document.file.place(node.start, node.end), f"[{', '.join(map(_quoted, values))}]")

    between = text[node.start + 1 : items[0].start]
    separator = "," + (between if "\n" in between else " ")
    if len(items) > 1:
        separator = text[items[-2].end : items[-1].start]
    added = "".join(f"{separator}{_quoted(value)}" for value in values)
    return Edit(document.file.place(items[-1].end, items[-1].end), added)


def put(document: JsonDocument, path: Path, keys: tuple[str, ...], value: Any) -> tuple[Edit, ...]:
    """Give the object at a path a value at some keys below it; nothing where another value stands in the way."""
    above, (key, *inner) = tuple(path), keys
    holder = document.value_at(above)
    if not isinstance(holder, dict):
        return ()
    if key in holder:
        return put(document, (*above, key), tuple(inner), value) if inner else ()

    for name in reversed(inner):
        value = {name: value}
    return (_add(document, above, key, value),)


def _add(document: JsonDocument, path: Path, key: str, value: Any) -> Edit:
    """Add a member to the end of an object, laid out as those before it."""
    node, member = _node(document, path), f"{_quoted(key)}: {_quoted(value)}"
    members = list(node.inner.values())
    if not members:
        return Edit(document.file.place(node.start, node.end), f"{{{member}}}")

    between = document.file.text[node.start + 1 : _begin(members[0])]
    separator = "," + (between if "\n" in between else " ")
    end = max(each.end for each in members)
    return Edit(document.file.place(end, end), f"{separator}{member}")


def _node(document: JsonDocument, path: Path) -> JsonNode:
    node = document.root
    for step in path:
        node = node.inner[step]
    return node


def _begin(node: JsonNode) -> int:
    return node.key[0] if node.key else node.start


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
