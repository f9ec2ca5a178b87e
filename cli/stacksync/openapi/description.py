"""An API description: its documents, the references between them, and its operations as one version has them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from referencing import Registry, Specification
from referencing.exceptions import Unresolvable

from stacksync.errors import StacksyncError
from stacksync.openapi.places import PlaceError, Places, shown, uri_of

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MOST_OPERATIONS = 5_000
# References that lead to references; a longer way is a circle.
LONGEST_WAY = 30
ANNOTATIONS = ("description", "summary", "title", "example", "default", "deprecated", "readOnly", "nullable")
# A description has no `$id` or anchors of its own: every reference is an address and a JSON pointer.
PLAIN: Specification[Any] = Specification.OPAQUE


@dataclass(frozen=True)
class Node:
    """A part of a document, and how references in it are followed."""

    value: Any
    resolver: Any = field(repr=False, compare=False)

    def part(self, *steps: str | int) -> "Node":
        """Return what lies below; a node of None where there is nothing."""
        value = self.value
        for step in steps:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                value = None
        return Node(value, self.resolver)

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Yield the members of an object; none of anything else."""
        for name, value in self.mapping.items():
            yield str(name), Node(value, self.resolver)

    def each(self) -> "list[Node]":
        """Return the items of a list; none of anything else."""
        return [Node(value, self.resolver) for value in self.value] if isinstance(self.value, list) else []

    @property
    def mapping(self) -> Mapping[str, Any]:
        """What it holds, as an object; an empty one where it holds anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def text(self, name: str) -> str:
        """Return the text of a member; "" where it has none."""
        value = self.mapping.get(name)
        return value if isinstance(value, str) else ""


@dataclass
class Description:
    """A description that was read, of OpenAPI 3.0, 3.1 or Swagger 2.

    Attributes:
        root: The document.
        version: What it says it is, such as `3.1.0`.
        dangling: References that lead nowhere, in the order in which they were met.
    """

    root: Node
    version: str
    origin: str
    redirects: Sequence[str] = ()
    dangling: list[str] = field(default_factory=list)
    _known: dict[tuple[str, str], Node] = field(default_factory=dict, repr=False)

    @property
    def is_swagger(self) -> bool:
        """Whether it is of Swagger 2, whose words for the same things are others."""
        return self.version.startswith("2")

    def follow(self, node: Node) -> Node:
        """Return what a reference leads to, through as many as there are; a node without one as it is.

        One that leads nowhere is recorded in `dangling`, and stands for an empty object.
        """
        for _ in range(LONGEST_WAY):
            reference = node.mapping.get("$ref")
            if not isinstance(reference, str):
                return node
            node = _beside(self._target(node, reference), node)

        self._record(str(node.mapping.get("$ref")))
        return Node({}, node.resolver)

    def _target(self, node: Node, reference: str) -> Node:
        key = (node.resolver._base_uri, reference)  # the only thing that tells two resolvers apart
        if key not in self._known:
            self._known[key] = self._looked_up(node, reference)
        return self._known[key]

    def _looked_up(self, node: Node, reference: str) -> Node:
        try:
            found = node.resolver.lookup(reference)
        except (Unresolvable, PlaceError, ValueError, TypeError, KeyError) as fault:
            self._record(reference, fault)
            return Node({}, node.resolver)

        return Node(found.contents, found.resolver)

    def _record(self, reference: str, fault: Exception | None = None) -> None:
        refused: BaseException | None = fault
        while refused is not None and not isinstance(refused, PlaceError):
            refused = refused.__cause__ or refused.__context__
        told = f"{shown_reference(reference)}: {refused}" if refused else f"{shown_reference(reference)} leads nowhere."
        if told not in self.dangling:
            self.dangling.append(told)

    def operations(self) -> Iterator[tuple[str, str, Node, Node]]:
        """Yield method, path, operation and the path's own object, as they stand.

        Raises:
            StacksyncError: There are more than any API has.
        """
        count = 0
        for path, raw in self.root.part("paths").items():
            shared = self.follow(raw)
            for method in METHODS:
                if not isinstance(shared.part(method).value, dict):
                    continue
                # The specification lets no reference stand here, and large descriptions in many files have them.
                operation = self.follow(shared.part(method))
                count += 1
                if count > MOST_OPERATIONS:
                    raise StacksyncError(f"{shown(self.origin)} has more than {MOST_OPERATIONS} operations.")
                yield method.upper(), path, operation, shared


def shown_reference(reference: str) -> str:
    """Return a reference as it may be shown: one line, without what may be secret in its address."""
    place, hash_, pointer = reference.partition("#")
    place = shown(place) if "://" in place else place.partition("?")[0]
    return re.sub(r"[^\x21-\x7e]", "?", f"{place}{hash_}{pointer}")[:200]


def _beside(target: Node, reference: Node) -> Node:
    """Return what a reference leads to, with what stands beside it: its annotations, and what it does not say itself.

    OpenAPI 3.0 has anything beside a reference ignored, and 3.1 has both hold.
    """
    beside = {name: value for name, value in reference.mapping.items() if name != "$ref"}
    if not beside or not isinstance(target.value, dict):
        return target

    # What stands beside has its references in another document, perhaps; texts have none.
    texts = {
        name: value
        for name, value in beside.items()
        if not isinstance(value, (dict, list)) and (name in ANNOTATIONS or name not in target.value)
    }
    return Node({**target.value, **texts}, target.resolver) if texts else target


def read_description(given: str, allowed: Sequence[str] = ()) -> Description:
    """Read the description in a file or at a URL.

    Args:
        given: The file's path, or the URL.
        allowed: Folders and hosts that references may lead to, besides the description's own.

    Raises:
        StacksyncError: It cannot be had, or is no description.
    """
    origin = uri_of(given)
    places = Places(origin, allowed)
    document = places.read(origin)
    version = _version_of(document, origin)
    # mypy does not see the arguments of a class that attrs makes under an alias.
    made: Any = Registry
    registry = made(retrieve=lambda uri: PLAIN.create_resource(places.read(uri)))
    registry = registry.with_resource(origin, PLAIN.create_resource(document))
    return Description(Node(document, registry.resolver(origin)), version, origin, places.redirects)


def _version_of(document: Any, origin: str) -> str:
    held = document if isinstance(document, dict) else {}
    version = str(held.get("openapi") or held.get("swagger") or "")
    if not re.match(r"(2\.0|3\.[01])\b", version):
        said = f"says it is of version {version[:20]!r}" if version else "has neither `openapi` nor `swagger`"
        tip = "versions 3.0 and 3.1 of OpenAPI and 2.0 of Swagger are read"
        raise StacksyncError(f"{shown(origin)} is no API description: it {said}.", tip)
    if not isinstance(held.get("paths", {}), dict) or not held.get("paths"):
        raise StacksyncError(f"{shown(origin)} describes no operations: it has no `paths`.")

    return version
