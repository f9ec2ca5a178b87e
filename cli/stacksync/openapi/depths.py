"""What lies deeper in a description than a reading goes, as a digest: that it changed is told, if not how."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from stacksync.openapi.description import Description, Node

# What is for people, where it is a text: a member may have such a name too.
_TEXTS = ("description", "title", "summary", "$comment")
_EXAMPLES = ("example", "examples", "externalDocs", "xml")


@dataclass(frozen=True)
class _Own:
    """What a schema says itself, and the schemas that it refers to."""

    said: str
    references: tuple[Node, ...]


@dataclass
class Depths:
    """The digests of a description's schemas, each schema read once."""

    description: Description
    # By identity, and kept with the schema, so that no other one gets its id.
    _known: dict[int, tuple[Any, _Own]] = field(default_factory=dict)

    def of(self, nodes: Iterable[tuple[str, Node]]) -> str:
        """Return what tells schemas, with all that they refer to, from others; texts and examples do not."""
        given = [self._own(Node({"properties": {name: node.value}}, node.resolver)) for name, node in nodes]
        found: dict[int, str] = {}
        waiting = [*given]
        while waiting:
            for each in waiting.pop().references:
                target = self.description.follow(each)
                if id(target.value) not in found:
                    own = self._own(target)
                    found[id(target.value)] = own.said
                    waiting.append(own)
        return _digest([*(each.said for each in given), *sorted(found.values())])

    def _own(self, node: Node) -> _Own:
        known = self._known.get(id(node.value))
        if known is None:
            references: list[Node] = []
            said = _digest(_plain(node.value, node, references))
            known = self._known[id(node.value)] = (node.value, _Own(said, tuple(references)))
        return known[1]


def _plain(value: Any, node: Node, references: list[Node], *, is_named: bool = False) -> Any:
    """Return a schema without texts and examples; what it refers to is put into a list, and is none of its own."""
    if isinstance(value, list):
        return [_plain(each, node, references) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str) and not is_named:
        references.append(Node({"$ref": value["$ref"]}, node.resolver))

    made = {}
    for name, each in value.items():
        is_text = (name in _TEXTS and isinstance(each, str)) or name in _EXAMPLES or str(name).startswith("x-")
        if is_named or not is_text:
            made[str(name)] = _plain(each, node, references, is_named=name == "properties" and not is_named)
    return made


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
