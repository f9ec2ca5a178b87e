"""Where the values of a JSON text stand. Looked up only once there is something to say about one of them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from stacksync.runtime import JSON_TOKEN

Step = str | int


@dataclass
class JsonNode:
    """A value: where it begins and ends, its key's place, and the values in it by key or index."""

    start: int
    end: int
    key: tuple[int, int] | None = None
    inner: dict[Step, "JsonNode"] = field(default_factory=dict)
    repeated: list["JsonNode"] = field(default_factory=list)

    def walk(self) -> Iterator["JsonNode"]:
        """Yield the node and every node within it."""
        yield self
        for each in self.inner.values():
            yield from each.walk()


def locate(text: str) -> JsonNode:
    """Return the places of all values of a valid JSON text."""
    tokens = JSON_TOKEN.finditer(text)
    return _node(next(tokens), tokens)


def _node(token: re.Match[str], tokens: Iterator[re.Match[str]], key: tuple[int, int] | None = None) -> JsonNode:
    node = JsonNode(*token.span(1), key)
    if token[1] == "{":
        node.end = _read_members(node, tokens)
    elif token[1] == "[":
        node.end = _read_items(node, tokens)
    return node


def _read_members(node: JsonNode, tokens: Iterator[re.Match[str]]) -> int:
    for token in tokens:
        if token[1] == "}":
            return token.end(1)
        if token[1] == ",":
            continue
        next(tokens)  # the colon
        name, child = json.loads(token[1]), _node(next(tokens), tokens, token.span(1))
        if name in node.inner:
            node.repeated.append(child)
        node.inner[name] = child

    return node.end


def _read_items(node: JsonNode, tokens: Iterator[re.Match[str]]) -> int:
    for token in tokens:
        if token[1] == "]":
            return token.end(1)
        if token[1] != ",":
            node.inner[len(node.inner)] = _node(token, tokens)

    return node.end
