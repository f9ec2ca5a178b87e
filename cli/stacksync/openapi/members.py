"""What is made of a value of the API: fields of a form, and the node of the plan that reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.shapes import Shape
from stacksync.runtime.forms import code

Json = dict[str, Any]
# Objects in objects as groups, below the body; deeper ones are JSON.
MOST_GROUPS = 2


@dataclass(frozen=True)
class Member:
    """A field of a form, and the node of the plan that reads it; several fields where it is a union."""

    fields: tuple[Json, ...]
    node: Json

    @property
    def size(self) -> int:
        """How many boxes a user sees."""
        return sum(map(_size, self.fields))


@dataclass(frozen=True)
class Wanted:
    """What a member is made of.

    Args:
        name: What the API calls it.
        field: The id of its field.
        shape: What it holds.
        required: Whether the form asks for it.
        groups: How many more groups may lie in each other.
        in_rows: Whether it is a member of a record in a list.
        alone: Whether there is no "More fields" beside it for what it cannot hold.
    """

    name: str
    field: str
    shape: Shape
    required: bool = False
    groups: int = MOST_GROUPS
    in_rows: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Members:
    """The members of an object: fields, nodes of the plan, and the names of those that the form leaves out."""

    fields: list[Json]
    nodes: list[Json]
    left_out: list[str]


def more_field(id: str, names: Iterable[str] = ()) -> Json:  # noqa: A002 - the form's own word
    """Return the field for everything that has none of its own, as JSON."""
    listed = ", ".join(each[:80] for each in list(names)[:60])
    told = "A JSON object of further fields that the API takes."
    return code(id, "More fields", description=f"{told} It has {listed}."[:2000] if listed else told)


def node_of(wanted: Wanted, type: Any, **more: Any) -> Json:  # noqa: A002
    """Return the node of the plan that reads a member."""
    return with_required({"field": wanted.field, "name": wanted.name, "type": type, **more}, wanted)


def with_required(node: Json, wanted: Wanted) -> Json:
    """Return a node that says whether the form asks for its field."""
    return {**node, "required": True} if wanted.required else node


def _size(made: Json) -> int:
    inner = made.get("fields") or made.get("items", {}).get("fields") or []
    return sum(map(_size, inner)) or 1
