"""The fields of a form that hold the values of schemas, each with the node of the plan that reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stacksync.openapi.members import Json, Member, Members, Wanted, more_field, node_of, with_required
from stacksync.openapi.shapes import Shape, Shapes, Variant
from stacksync.openapi.wording import choice_text, default_of, first_paragraph, free_id, hints_of, label
from stacksync.runtime.forms import boolean, code, comma_separated, dropdown, group, records, text

# Fields that a form shows; of more, those that are required and the dozen that are used most.
MOST_FIELDS = 30
MOST_IN_GROUP = 16
DOZEN = 12
MOST_VARIANTS = 8
MOST_CHOICES = 200
# That are looked at for one form, shown or not; the largest public one has 600.
MOST_MEMBERS = 4_000


@dataclass
class Fields:
    """Makes the fields of one operation; `losses` names what the form cannot say as the API means it.

    Args:
        shapes: Those of the description.
        updates: Whether the operation changes a record, so that a box that is not ticked must say nothing.
        partial: Whether it changes what is filled in, and nothing has to be.
        used: How often members are used in the description's examples, by name.
    """

    shapes: Shapes
    updates: bool = False
    partial: bool = False
    used: Mapping[str, int] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    _path: list[int] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    _count: int = 0

    def member(self, wanted: Wanted) -> Member:
        """Return the field or fields for a value."""
        shape = wanted.shape
        self._names.append(wanted.name)
        self._path.append(shape.identity)
        self._count += 1
        try:
            is_circle = shape.identity and shape.identity in self._path[:-1]
            is_too_much = self._count > MOST_MEMBERS and shape.kind != "scalar"
            return self._json(wanted) if is_circle or is_too_much else self._made(wanted)
        finally:
            self._path.pop()
            self._names.pop()

    def _made(self, wanted: Wanted) -> Member:
        shape = wanted.shape
        if shape.kind == "scalar":
            return self._scalar(wanted)
        if shape.kind == "list":
            return self._list(wanted)
        if shape.kind == "object" and shape.properties and wanted.groups > 0:
            return self._group(wanted)
        if shape.kind == "union" and wanted.groups > 0 and not wanted.in_rows and _is_small(shape):
            return self._union(wanted)

        return self._json(wanted)

    def _scalar(self, wanted: Wanted) -> Member:
        shape = wanted.shape
        node: Json = node_of(wanted, shape.types[0] if len(shape.types) == 1 else list(shape.types))
        more = self._told(wanted, *hints_of(shape))
        if shape.values and len(shape.values) <= MOST_CHOICES:
            choices = [(choice_text(value, shape), str(choice_text(value, shape))) for value in shape.values]
            if len(choices) == 1 and wanted.required:
                more["default"] = choices[0][0]
            return Member((dropdown(wanted.field, label(wanted.name), choices=choices, **more),), node)
        if shape.types == ("boolean",):
            return Member((self._boolean(wanted, more),), node)

        return Member((text(wanted.field, label(wanted.name), **more),), node)

    def _boolean(self, wanted: Wanted, more: Json) -> Json:
        if self.updates or (wanted.shape.nullable and not wanted.required):
            choices = [("", ""), ("true", "Yes"), ("false", "No")]
            return dropdown(wanted.field, label(wanted.name), choices=choices, **more)
        # A box that is not ticked says false, which would not be what the API does by itself.
        if wanted.shape.keywords.get("default") is True:
            more["default"] = True
        return boolean(wanted.field, label(wanted.name), **more)

    def _list(self, wanted: Wanted) -> Member:
        items = self.shapes.of(wanted.shape.items) if wanted.shape.items else Shape("any")
        if items.kind == "scalar":
            known = list(items.values) or items.keywords.get("x-known") or []
            offered = f"Any of {', '.join(map(str, known[:40]))}." if known else ""
            hints = [each for each in hints_of(items) if not items.values]
            more = self._told(wanted, "Separate several with commas, or give a JSON array.", offered, *hints)
            node = node_of(wanted, "list", items=items.types[0] if len(items.types) == 1 else list(items.types))
            return Member((comma_separated(wanted.field, label(wanted.name), **more),), node)
        if items.kind != "object" or not items.properties or wanted.in_rows or wanted.groups < 1:
            return self._json(wanted)

        return self._records(wanted, items)

    def _records(self, wanted: Wanted, items: Shape) -> Member:
        if items.identity and items.identity in self._path:
            return self._json(wanted)

        inner = self.members(items, groups=wanted.groups - 1, in_rows=True, most=MOST_IN_GROUP)
        if not inner.fields:
            return self._json(wanted)
        least = wanted.shape.keywords.get("minItems")
        is_needed = wanted.required and isinstance(least, int) and least > 0
        has_more = bool(inner.left_out) or wanted.alone or is_needed
        fields = [*inner.fields, *([more_field("more_fields", inner.left_out)] if has_more else [])]
        node = node_of(wanted, "records", fields=inner.nodes, **({"more": "more_fields"} if has_more else {}))
        # A form that asked for a record could not say that there is none, which this API takes.
        may_be_empty = (wanted.required or wanted.alone) and not least
        more = self._told(wanted, "Left empty, an empty list is sent." if may_be_empty else "")
        more.pop("required", None)
        if may_be_empty:
            node["empty"] = []
        made = records(wanted.field, label(wanted.name), *fields, min_items=1 if is_needed else 0, **more)
        return Member((made,), node)

    def _group(self, wanted: Wanted) -> Member:
        inner = self.members(wanted.shape, groups=wanted.groups - 1, in_rows=wanted.in_rows, most=MOST_IN_GROUP)
        if not inner.fields:
            return self._json(wanted)

        # A group has no mark of its own: what is needed in it has.
        more = self._told(wanted)
        more.pop("required", None)
        node = node_of(wanted, "object", fields=inner.nodes)
        return Member((group(wanted.field, label(wanted.name), *inner.fields, **more),), node)

    def _union(self, wanted: Wanted) -> Member:
        """Return a dropdown of what it can be, and a group for each, which shows once that is chosen."""
        kind, taken = f"{wanted.field}_kind", {f"{wanted.field}_kind", wanted.field}
        ids = [free_id(f"{wanted.field[:30]}_{each.name}", taken) for each in wanted.shape.variants]
        made = [self._variant(each, id, wanted) for each, id in zip(wanted.shape.variants, ids, strict=True)]  # noqa: A001
        if any(each is None for each in made):
            return self._json(wanted)

        variants = dict(zip([each.name for each in wanted.shape.variants], filter(None, made), strict=True))
        choices = [(name, label(name)) for name in variants]
        picked = dropdown(kind, label(wanted.name), choices=choices, **self._told(wanted))
        shown = [_shown_when(each.fields[0], kind, name) for name, each in variants.items() if each.fields]
        node: Json = {"field": kind, "name": wanted.name, "type": "choice"}
        node["variants"] = {name: each.node for name, each in variants.items()}
        return Member((picked, *shown), with_required(node, wanted))

    def _variant(self, variant: Variant, id: str, wanted: Wanted) -> Member | None:  # noqa: A002 - the form's own word
        shape = variant.shape
        inner = self.members(shape, groups=wanted.groups - 1, most=MOST_IN_GROUP, fixed=variant.fixed)
        node: Json = {"type": "object", "fields": inner.nodes}
        if not inner.fields:
            return Member((), node) if inner.nodes else None

        return Member((group(id, label(variant.name), *inner.fields),), {**node, "field": id})

    def _json(self, wanted: Wanted) -> Member:
        """Return a field for JSON: what is too deep, goes round in a circle, or is free."""
        shape = wanted.shape
        only = {"object": "object", "union": "object", "list": "array"}.get(shape.kind)
        node = node_of(wanted, "json", **({"only": only} if only else {}))
        if shape.kind == "any" and (not shape.types or "string" in shape.types):
            node["text"] = True
        names = [each[:80] for each in list(shape.properties)[:20]]
        kind = {"object": "A JSON object", "union": "A JSON object", "list": "A JSON array"}.get(shape.kind, "JSON")
        hint = f"{kind} with {', '.join(names)}." if names else f"{kind}, or a text." if "text" in node else f"{kind}."
        return Member((code(wanted.field, label(wanted.name), **self._told(wanted, hint)),), node)

    def members(
        self,
        shape: Shape,
        *,
        groups: int,
        most: int,
        in_rows: bool = False,
        fixed: Mapping[str, Any] | None = None,
        taken: Iterable[str] = (),
    ) -> Members:
        """Return the members of an object: what is required first, and of many only those that are used most.

        Args:
            shape: The object.
            groups: How many groups may lie in each other below it.
            most: How many fields there may be.
            in_rows: Whether it is a record in a list.
            fixed: Members whose value is known.
            taken: Ids that fields beside it have.
        """
        self._path.append(shape.identity)
        try:
            made, left_out = self._every(
                shape, Wanted("", "", shape, groups=groups, in_rows=in_rows), fixed or {}, {*taken}
            )
        finally:
            self._path.pop()
        chosen = self._chosen(made, most)
        left_out += [name for _, name, _ in made if name not in {each for _, each, _ in chosen}]
        constants = [{"name": name, "type": "constant", "value": value} for name, value in (fixed or {}).items()]
        return Members(
            [each for _, _, member in chosen for each in member.fields],
            [*constants, *(member.node for _, _, member in chosen)],
            left_out,
        )

    def _every(
        self, shape: Shape, place: Wanted, fixed: Mapping[str, Any], ids: set[str]
    ) -> tuple[list[tuple[bool, str, Member]], list[str]]:
        """Return a member for each that can be sent, and the names of those that are out of use."""
        made: list[tuple[bool, str, Member]] = []
        left_out: list[str] = []
        for name, node in shape.properties.items():
            if name in fixed:
                continue
            held, required = self.shapes.of(node), name in shape.required
            if held.says("readOnly") or (held.says("deprecated") and not required):
                left_out += [] if held.says("readOnly") else [name]
                continue
            if held.kind == "file":
                self.losses.append(f"{self._place(name)} is a file, and files are not sent yet.")
                continue
            # The records of a list are whole, also where the list is part of a change.
            is_needed = required and (place.in_rows or not self.partial)
            asked = is_needed and not held.nullable
            wanted = Wanted(name, free_id(name, ids), held, asked, place.groups, place.in_rows)
            member = self.apart(wanted, ids)
            if is_needed and held.nullable:
                member.node["empty"] = None
            made.append((wanted.required, name, member))
        return made, left_out

    def apart(self, wanted: Wanted, taken: set[str]) -> Member:
        """Return a member none of whose fields has the id of another: a union has several."""
        member = self.member(wanted)
        ids = {each["id"] for each in member.fields} - {wanted.field}
        if ids & taken:
            return self._json(wanted)

        taken |= ids
        return member

    def _chosen(self, made: list[tuple[bool, str, Member]], most: int) -> list[tuple[bool, str, Member]]:
        """Return the members that the form shows, those first that it asks for."""
        ordered = sorted(made, key=lambda each: not each[0])
        if sum(member.size for _, _, member in made) <= most:
            return ordered

        rest = [each for each in ordered if not each[0]]
        rest.sort(key=lambda each: (-self.used.get(each[1], 0), each[2].size > DOZEN))
        room, kept = DOZEN, set()
        for _, name, member in rest:
            if member.size <= room:
                kept.add(name)
                room -= member.size
        return [each for each in ordered if each[0] or each[1] in kept or _needs(each[2].node)]

    def _told(self, wanted: Wanted, *hints: str) -> Json:
        parts = [first_paragraph(wanted.shape.text("description")), *hints, default_of(wanted.shape)]
        told = " ".join(part for part in parts if part)
        more: Json = {"description": told} if told else {}
        return {**more, "required": True} if wanted.required else more

    def _place(self, name: str) -> str:
        return ".".join([*self._names, name])


def _needs(node: Json) -> bool:
    """Say whether the API wants to be told that it is empty, so that it has to be in the plan."""
    return "empty" in node


def _shown_when(made: Json, kind: str, name: str) -> Json:
    hidden = {"id": made["id"], "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}
    rule = {"if": {"and": [{"id": kind, "operator": "not_equal", "value": name}]}, "then": {"fields": [hidden]}}
    return {**made, "rules": [rule]}


def _is_small(shape: Shape) -> bool:
    return 0 < len(shape.variants) <= MOST_VARIANTS
