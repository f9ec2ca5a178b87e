"""Changes to a JSON text that leave everything around them as it is."""

import json
from collections.abc import Iterable

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


def _node(document: JsonDocument, path: Path) -> JsonNode:
    node = document.root
    for step in path:
        node = node.inner[step]
    return node


def _begin(node: JsonNode) -> int:
    return node.key[0] if node.key else node.start


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
