"""The operations of a description, told alike for OpenAPI 3 and Swagger 2: parameters, bodies, examples, security."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stacksync.openapi.description import Description, Node

# What a client sends by itself: https://spec.openapis.org/oas/v3.1.0#parameter-object (`name`).
OWN_HEADERS = {"accept", "content-type", "authorization"}
_COLLECTIONS = {"csv": "comma", "ssv": "space", "tsv": "tab", "pipes": "pipe", "multi": "repeat"}
_STYLES = {"form": "comma", "simple": "comma", "spaceDelimited": "space", "pipeDelimited": "pipe"}


@dataclass(frozen=True)
class Parameter:
    """A parameter: where it goes, and how a list or an object is written there."""

    name: str
    place: str
    schema: Node
    required: bool = False
    style: str = "repeat"
    description: str = ""
    example: Any = None
    deprecated: bool = False


@dataclass(frozen=True)
class Body:
    """A request body in the media type that is sent; `examples` are those that the description gives for it."""

    media_type: str
    encoding: str
    schema: Node
    required: bool = False
    examples: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True)
class Operation:
    """An operation as it stands in a description."""

    method: str
    path: str
    id: str = ""
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    refused: str = ""
    security: tuple[tuple[str, ...], ...] | None = None
    responses: Node = field(default_factory=lambda: Node(None, None))
    servers: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Return its method and path, which tell it from every other."""
        return f"{self.method} {self.path}"


def read_operations(description: Description) -> list[Operation]:
    """Return the operations of a description, in its order."""
    return [_read(description, *each) for each in description.operations()]


def _read(description: Description, method: str, path: str, node: Node, shared: Node) -> Operation:
    given = _parameters(description, node, shared)
    places = ("path", "query", "header", "cookie")
    parameters = [each for each in (_parameter(description, one) for one in given) if each.place in places]
    parameters = [each for each in parameters if not _is_own(each)]
    known = {each.name for each in parameters if each.place == "path"}
    # Some descriptions leave out what stands in the path.
    missing = [name for name in dict.fromkeys(re.findall(r"{([^{}]+)}", path)) if name not in known]
    parameters += [Parameter(name, "path", Node({"type": "string"}, node.resolver), True, "comma") for name in missing]
    body, refused = _body_of_swagger(description, node, given) if description.is_swagger else _body(description, node)
    held = node.mapping.get("security", description.root.mapping.get("security"))
    return Operation(
        method=method,
        path=path,
        id=node.text("operationId"),
        summary=node.text("summary") or shared.text("summary"),
        description=node.text("description"),
        tags=tuple(each for each in node.mapping.get("tags") or () if isinstance(each, str)),
        deprecated=node.mapping.get("deprecated") is True,
        parameters=tuple(replace(each, required=True) if each.place == "path" else each for each in parameters),
        body=body,
        refused=refused,
        security=_security(held),
        responses=node.part("responses"),
        servers=tuple(each.text("url") for each in (node.part("servers").each() or shared.part("servers").each())),
    )


def _security(held: Any) -> tuple[tuple[str, ...], ...] | None:
    """Return the schemes of which one is needed, each a set of names; () where none is, None where nothing is said."""
    if not isinstance(held, list):
        return None

    return tuple(tuple(map(str, each)) for each in held if isinstance(each, dict))


def _parameters(description: Description, node: Node, shared: Node) -> list[Node]:
    """Return the parameters of an operation; one of its path's stands for it where it has none of that name."""
    found: dict[tuple[Any, Any], Node] = {}
    for raw in [*shared.part("parameters").each(), *node.part("parameters").each()]:
        each = description.follow(raw)
        if isinstance(each.value, dict) and each.text("name"):
            found[each.text("name"), each.text("in")] = each
    return list(found.values())


def _is_own(parameter: Parameter) -> bool:
    return parameter.place == "header" and parameter.name.lower() in OWN_HEADERS


def _parameter(description: Description, node: Node) -> Parameter:
    place, schema = node.text("in"), node.part("schema")
    style = _style(node, place)
    contents = list(node.part("content").items())
    if contents:
        schema, style = contents[0][1].part("schema"), "json"
    if description.is_swagger:
        schema = node  # a parameter of Swagger 2 is its own schema
        style = _COLLECTIONS.get(node.text("collectionFormat") or "csv", "comma")
    return Parameter(
        name=node.text("name"),
        place=place,
        schema=Node({}, node.resolver) if schema.value is None else schema,
        required=node.mapping.get("required") is True,
        style=style,
        description=node.text("description"),
        example=_example(description, node),
        deprecated=node.mapping.get("deprecated") is True,
    )


def _style(node: Node, place: str) -> str:
    told = node.text("style") or ("form" if place in ("query", "cookie") else "simple")
    explode = node.mapping.get("explode", told == "form")
    if told == "deepObject":
        return "brackets"

    return "repeat" if explode is True and place == "query" else _STYLES.get(told, "comma")


def _example(description: Description, node: Node) -> Any:
    if "example" in node.mapping:
        return node.mapping["example"]
    given = [description.follow(each) for _, each in node.part("examples").items()]
    return given[0].mapping.get("value") if given else None


def _body(description: Description, node: Node) -> tuple[Body | None, str]:
    """Return the body in the media type that is sent, or why none can be."""
    held = description.follow(node.part("requestBody"))
    contents = dict(held.part("content").items())
    if not contents:
        return None, ""

    names = sorted(contents, key=_preference)
    name, required = names[0], held.mapping.get("required") is True
    encoding = _encoding(name, contents[name])
    if not encoding:
        return None, f"its body is {_plain(name)}, which is not sent yet"

    examples = tuple(_examples(description, contents[name]))
    schema = contents[name].part("schema")
    schema = Node({}, held.resolver) if schema.value is None else schema
    return Body(_plain(name), encoding, schema, required, examples), ""


def _plain(media_type: str) -> str:
    return re.sub(r"[^\w/+.*-]", "", media_type.partition(";")[0].strip().lower())[:80]


def _preference(media_type: str) -> int:
    name = _plain(media_type)
    order = ("json", "form", "multipart", "text/plain")
    kind = _encoding(media_type, Node({}, None)) or "none"
    return (0 if name == "application/json" else 1) + 2 * (
        order.index(kind.partition("_")[0]) if kind.partition("_")[0] in order else len(order)
    )


def _encoding(media_type: str, content: Node) -> str:
    name = _plain(media_type)
    if name in ("application/json", "*/*", "application/*", "text/json") or name.endswith("+json"):
        return "json"
    if name == "application/x-www-form-urlencoded":
        styles = [each.text("style") for _, each in content.part("encoding").items()]
        return "form_brackets" if "deepObject" in styles else "form"
    if name == "multipart/form-data":
        return "multipart"

    return "text/plain" if name == "text/plain" else ""


def _examples(description: Description, content: Node) -> Iterator[tuple[str, Any]]:
    if "example" in content.mapping:
        yield "example", content.mapping["example"]
    for name, each in content.part("examples").items():
        held = description.follow(each).mapping
        if "value" in held:
            yield name, held["value"]
    schema = description.follow(content.part("schema"))
    if "example" in schema.mapping:
        yield "schema", schema.mapping["example"]
    if isinstance(schema.mapping.get("examples"), list):
        yield from ((f"schema_{index}", each) for index, each in enumerate(schema.mapping["examples"], 1))


def _body_of_swagger(description: Description, node: Node, parameters: list[Node]) -> tuple[Body | None, str]:
    """Return the body of an operation of Swagger 2: a parameter `in: body`, or those `in: formData` together."""
    consumes = node.mapping.get("consumes", description.root.mapping.get("consumes")) or ["application/json"]
    names = sorted((str(each) for each in consumes if isinstance(each, str)), key=_preference)
    for each in parameters:
        if each.text("in") == "body":
            encoding = _encoding(names[0], Node({}, None)) if names else "json"
            if not encoding:
                return None, f"its body is {_plain(names[0])}, which is not sent yet"
            schema = each.part("schema")
            required = each.mapping.get("required") is True
            examples = tuple(_examples(description, Node({"schema": schema.value}, each.resolver)))
            return Body(_plain(names[0]), encoding, schema, required, examples), ""

    fields = [each for each in parameters if each.text("in") == "formData"]
    if not fields:
        return None, ""

    # Only such a form can hold a file.
    is_multipart = "multipart/form-data" in map(_plain, names) or any(each.text("type") == "file" for each in fields)
    needed = [each.text("name") for each in fields if each.mapping.get("required") is True]
    whole = {"type": "object", "properties": {each.text("name"): each.value for each in fields}, "required": needed}
    media_type = "multipart/form-data" if is_multipart else "application/x-www-form-urlencoded"
    return Body(media_type, "multipart" if is_multipart else "form", Node(whole, node.resolver), bool(needed)), ""
