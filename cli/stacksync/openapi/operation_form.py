"""The form and the plan of one operation: its parameters, and its body as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from stacksync.openapi.fields import MOST_FIELDS, Fields
from stacksync.openapi.members import Json, Member, Wanted, more_field
from stacksync.openapi.operations import Body, Operation, Parameter
from stacksync.openapi.shapes import Shape
from stacksync.openapi.wording import identifier, label
from stacksync.runtime.forms import form, text

MORE, CLEAR, BODY = "more_fields", "fields_to_clear", "body"


@dataclass(frozen=True)
class Made:
    """A form in the format of schema.json, the plan of its request, what is lost, and why it cannot be called."""

    form: Json
    plan: Json
    losses: tuple[str, ...]
    refused: str


class OperationForm:
    """The form and the plan of one operation, while they are made."""

    def __init__(self, fields: Fields, operation: Operation, version_headers: Mapping[str, str]) -> None:
        self._fields, self._operation, self._versions = fields, operation, version_headers
        self._made: list[Json] = []
        self._taken: set[str] = set()
        # A query in a path is sent; what follows a # only tells operations of one path apart, as Box has it.
        path, _, query = operation.path.partition("#")[0].partition("?")
        self._plan: Json = {"method": operation.method, "path": path}
        if query:
            self._plan["constant_query"] = [list(each) for each in parse_qsl(query, keep_blank_values=True)]
        self._refused = operation.refused

    def made(self) -> Made:
        """Return what the operation becomes."""
        for place in ("path", "query", "header"):
            self._add_parameters(place)
        self._name_cookies()
        if self._operation.body:
            self._add_body(self._operation.body)
        if self._operation.security is not None:
            self._plan["security"] = [list(each) for each in self._operation.security]
        if self._operation.servers:
            self._fields.losses.append(f"It has a server of its own: {self._operation.servers[0][:120]}")
        losses = tuple(dict.fromkeys(self._fields.losses))
        return Made(form(*_ordered(self._made)), self._plan, losses, self._refused)

    def _add_parameters(self, place: str) -> None:
        given = [each for each in self._operation.parameters if each.place == place]
        given = [each for each in given if each.required or not each.deprecated]
        if place == "header":
            versions = {each.name: self._versions[each.name] for each in given if each.name in self._versions}
            self._plan |= {"constant_headers": versions} if versions else {}
            given = [each for each in given if each.name not in versions]
        shown, rest = _most_used(given, self._fields.used)
        members = [self._parameter(each) for each in shown]
        nodes = [each.node for each in members]
        if rest:
            id = self._free("more_parameters")  # noqa: A001 - the form's own word
            self._made.append(more_field(id, [each.name for each in rest]) | {"label": "More parameters"})
            nodes.append({"field": id, "type": "more", "only": "object"})
        if nodes:
            self._plan["in_path" if place == "path" else place] = nodes

    def _parameter(self, parameter: Parameter) -> Member:
        shape = self._fields.shapes.of(parameter.schema)
        described = parameter.description or shape.text("description")
        shape = replace(shape, keywords={**shape.keywords, "description": described})
        if shape.kind == "file":
            shape = replace(shape, kind="scalar", types=("string",))
        wanted = Wanted(parameter.name, self._free(identifier(parameter.name)), shape, parameter.required, 1)
        # A filter that is not ticked asks for nothing.
        optional = replace_updates(self._fields, True)
        member = optional.member(wanted)
        self._made += member.fields
        self._taken |= {each["id"] for each in member.fields}
        if parameter.style != "repeat":
            member.node["style"] = parameter.style
        return member

    def _name_cookies(self) -> None:
        for each in self._operation.parameters:
            if each.place == "cookie":
                self._fields.losses.append(f"The cookie {label(each.name)} is not sent.")

    def _add_body(self, body: Body) -> None:
        shape = self._fields.shapes.of(body.schema)
        self._plan["encoding"] = body.encoding
        if shape.kind == "object" and shape.properties:
            self._plan["body"] = self._object(shape, body)
        elif shape.kind == "union" and shape.variants:
            self._plan["body"] = self._union(shape, body)
        elif body.encoding in ("form", "form_brackets", "multipart"):
            self._plan["body"] = self._free_object(body)
        else:
            self._plan["body"] = self._whole(shape, body)

    def _object(self, shape: Shape, body: Body) -> Json:
        inner = self._fields.members(shape, groups=2, most=MOST_FIELDS, taken=self._taken)
        self._refuse_files(shape)
        node: Json = {"type": "object", "fields": inner.nodes}
        fields = list(inner.fields)
        self._taken |= {each["id"] for each in fields}
        clear = _clearable(shape, self._fields) if self._fields.updates and body.encoding == "json" else {}
        if clear:
            id = self._free(CLEAR)  # noqa: A001 - the form's own word
            node["clear"] = {"field": id, "members": clear}
            told = f"Names of fields to empty, with commas between them: {', '.join(clear)}."
            fields.append(text(id, "Fields to clear", description=told[:2000]))
        id = self._free(MORE)  # noqa: A001
        node["more"] = id
        fields.append(more_field(id, inner.left_out))
        self._made += fields
        return {**node, "required": True} if body.required else node

    def _refuse_files(self, shape: Shape) -> None:
        files = [name for name, node in shape.properties.items() if self._fields.shapes.of(node).kind == "file"]
        for name in files:
            if name in shape.required or len(files) == len(shape.properties):
                self._refused = f"it needs a file, {label(name)}, and files are not sent yet"

    def _union(self, shape: Shape, body: Body) -> Json:
        wanted = Wanted(BODY, self._free(BODY), shape, body.required, 3)
        member = self._fields.apart(wanted, self._taken - {wanted.field})
        self._made += member.fields
        self._taken |= {each["id"] for each in member.fields}
        if member.node["type"] != "choice":
            return {**member.node, "required": True} if body.required else member.node

        more = self._free(MORE)
        self._made.append(more_field(more))
        return {**member.node, "more": more}

    def _free_object(self, body: Body) -> Json:
        more = self._free(MORE)
        self._made.append(more_field(more))
        return {"type": "object", "fields": [], "more": more, **({"required": True} if body.required else {})}

    def _whole(self, shape: Shape, body: Body) -> Json:
        """Return the node of a body that is no object with members of its own: a list, a text, or anything."""
        if shape.kind == "file":
            self._refused = "its body is a file, and files are not sent yet"
        if body.encoding == "text/plain":
            shape = replace(shape, kind="scalar", types=("string",), values=())
        wanted = Wanted(BODY, self._free(BODY), shape, body.required and not shape.nullable, 2, alone=True)
        member = self._fields.member(wanted)
        self._made += member.fields
        return member.node

    def _free(self, wanted: str) -> str:
        found, number = wanted, 2
        while found in self._taken:
            found, number = f"{wanted}_{number}", number + 1
        self._taken.add(found)
        return found


def replace_updates(fields: Fields, updates: bool) -> Fields:
    """Return the maker of fields of the same operation, for parameters, which are filters."""
    return Fields(fields.shapes, updates, False, fields.used, fields.losses)


def _ordered(fields: Iterable[Json]) -> list[Json]:
    """Return the fields of a form, those first that have to be filled in, and the JSON of further ones last."""
    listed = list(fields)
    last = [each for each in listed if each["label"] in ("More fields", "More parameters", "Fields to clear")]
    rest = [each for each in listed if each not in last]
    needed = [each for each in rest if _is_needed(each)]
    return [*needed, *(each for each in rest if each not in needed), *last]


def _is_needed(field: Json) -> bool:
    return field.get("validation", {}).get("required") is True


def _most_used(given: list[Parameter], used: Mapping[str, int]) -> tuple[list[Parameter], list[Parameter]]:
    if len(given) <= 20 or given[0].place != "query":
        return given, []

    needed = [each for each in given if each.required]
    rest = sorted((each for each in given if not each.required), key=lambda each: -used.get(each.name, 0))
    chosen = {each.name for each in rest[:12]}
    shown = [*needed, *(each for each in given if each.name in chosen and not each.required)]
    return shown, [each for each in given if each not in shown]


def _clearable(shape: Shape, fields: Fields) -> dict[str, Any]:
    """Return the members that can be emptied in an update: null where the API takes it, else an empty text."""
    found: dict[str, Any] = {}
    for name, node in shape.properties.items():
        held = fields.shapes.of(node)
        if held.says("readOnly") or "," in name or name.strip() != name:
            continue
        if held.nullable:
            found[name] = None
        elif (
            held.kind == "scalar" and held.types == ("string",) and not held.values and _may_be_empty(held, name, shape)
        ):
            found[name] = ""
    return found


def _may_be_empty(held: Shape, name: str, shape: Shape) -> bool:
    limits = held.keywords
    return (
        not limits.get("minLength")
        and "pattern" not in limits
        and "format" not in limits
        and name not in shape.required
    )
