"""An API that is served as its description has it: each request is judged by the description alone.

Nothing of the mapper or of the reader is used here: they are what arrives. What a form, a path or a query holds are
texts, so each is read in every way that its schema lets it mean, and one of them has to fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from stacksync.openapi.description import Description, Node
from tests.openapi.bodies import Bodies

SPLITS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|", "spaceDelimited": " ", "pipeDelimited": "|"}
Pairs = list[tuple[str, str]]


class RefusedError(Exception):
    """A request is not what the description describes."""


@dataclass
class Served:
    """Serves a description on this machine.

    Attributes:
        answers: What it answers, by method and path as the description has them; {} for any other.
        faults: What is wrong with the requests that came, in their order.
        asked: Which operations were called.
    """

    description: Description
    answers: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._texts = _Texts(self.description)
        found = list(self.description.operations())
        # Where two fit, the one with fewer places that are left open is meant.
        self._operations = sorted(found, key=lambda each: (each[1].count("{"), -len(each[1])))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve on a free port of this machine while the block runs."""
        server = make_server("127.0.0.1", 0, Request.application(self.answer), threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()

    def answer(self, request: Request) -> Response:
        """Answer a request: 422 with what is wrong with it, where something is."""
        path = request.environ["RAW_URI"].partition("?")[0]
        faults = []
        for method, wanted, operation, shared in self._operations:
            match = _route(wanted).fullmatch(path) if method == request.method else None
            if not match:
                continue
            try:
                _Judged(self.description, self._texts, operation, shared).judge(request, match.groupdict(), wanted)
            except RefusedError as error:
                faults.append(f"{method} {wanted}: {error}")
                continue
            self.asked.append(f"{method} {wanted}")
            body = self.answers.get(f"{method} {wanted}", {})
            return Response(json.dumps(body), 200, content_type="application/json")

        self.faults.append((faults or [f"{request.method} {path} is not described"])[0])
        return Response(json.dumps({"message": self.faults[-1]}), 422, content_type="application/json")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as werkzeug has it
        """Say nothing: tests say what went wrong."""


def _route(path: str) -> re.Pattern[str]:
    """Return the pattern of a path; what follows a # or ? in it is no part of the address."""
    plain = re.split(r"[?#]", path)[0]
    parts = re.split(r"{([^{}]+)}", plain)
    places = (f"(?P<p{at}>[^/]*)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(places))


def _names(path: str) -> list[str]:
    return re.findall(r"{([^{}]+)}", re.split(r"[?#]", path)[0])


@dataclass
class _Judged:
    """Judges the requests of one operation."""

    description: Description
    texts: _Texts
    operation: Node
    shared: Node

    def judge(self, request: Request, places: Mapping[str, str], path: str) -> None:
        """Raise `RefusedError` where something is not as it is described."""
        found = {f"{each.text('in')} {each.text('name')}": each for each in self._parameters()}
        for at, name in enumerate(_names(path)):
            self._check_text(found.get(f"path {name}"), name, unquote(places[f"p{2 * at + 1}"]))
        self._check_query([each for each in found.values() if each.text("in") == "query"], request, path)
        for each in found.values():
            own = each.text("name").lower() in ("accept", "content-type", "authorization")
            if each.text("in") != "header" or own:
                continue
            value = request.headers.get(each.text("name"))
            if value is not None:
                self._check_text(each, each.text("name"), value)
            elif each.mapping.get("required") is True:
                raise RefusedError(f"the header {each.text('name')} is missing")
        self._check_body(request, list(found.values()))

    def _parameters(self) -> Iterator[Node]:
        for raw in [*self.shared.part("parameters").each(), *self.operation.part("parameters").each()]:
            yield self.description.follow(raw)

    def _schema(self, parameter: Node) -> Node:
        if parameter.part("schema").value is not None:
            return parameter.part("schema")
        contents = list(parameter.part("content").items())
        return contents[0][1].part("schema") if contents else parameter

    def _check_text(self, parameter: Node | None, name: str, text: str) -> None:
        if parameter is not None and not self.texts.fits(self._schema(parameter), text, ","):
            raise RefusedError(f"{name} cannot be {text!r}")

    def _check_query(self, parameters: list[Node], request: Request, path: str) -> None:
        given = parse_qsl(request.query_string.decode(), keep_blank_values=True)
        for pair in parse_qsl(path.partition("#")[0].partition("?")[2], keep_blank_values=True):
            if pair not in given:
                raise RefusedError(f"the query lacks {pair}")
            given.remove(pair)
        for each in parameters:
            given = self._check_parameter(each, given)
        if given:
            raise RefusedError(f"the query has {given[0][0]!r}, which is not described")

    def _check_parameter(self, parameter: Node, given: Pairs) -> Pairs:
        """Check one parameter of the query, and return what else there is."""
        name, schema = parameter.text("name"), self._schema(parameter)
        own = [(key, text) for key, text in given if key == name or key.startswith(f"{name}[")]
        if not own and "object" in self.texts.types(schema) and parameter.text("style") != "deepObject":
            members = self.texts.members(schema)
            own = [(f"{name}[{key}]", text) for key, text in given if key in members]
            given = [pair for pair in given if pair[0] not in members]
        if not own and parameter.mapping.get("required") is True:
            raise RefusedError(f"the query lacks {name}")
        value = tree(own).get(name)
        joint = SPLITS.get(parameter.text("collectionFormat") or parameter.text("style"), ",")
        if own and not self.texts.fits(schema, value, joint):
            raise RefusedError(f"{name} cannot be {value!r}")
        return [pair for pair in given if pair[0] != name and not pair[0].startswith(f"{name}[")]

    def _check_body(self, request: Request, parameters: list[Node]) -> None:
        kind = (request.content_type or "").partition(";")[0]
        contents, is_required = self._contents(parameters, kind)
        if not request.get_data(cache=True, parse_form_data=False):
            if is_required and contents:
                raise RefusedError("it has no body")
            return
        known = {name.partition(";")[0].strip().lower(): each for name, each in contents.items()}
        kinds = [each for each in known if each in (kind, "*/*", "application/*")]
        kinds += [each for each in known if kind == "application/json" and "json" in each]
        if not kinds:
            raise RefusedError(f"its body is {kind}, not {' or '.join(known) or 'empty'}")
        self._check_content(known[kinds[0]].part("schema"), kind, request)

    def _contents(self, parameters: list[Node], kind: str) -> tuple[dict[str, Node], bool]:
        if not self.description.is_swagger:
            body = self.description.follow(self.operation.part("requestBody"))
            return dict(body.part("content").items()), body.mapping.get("required") is True

        consumes = self.operation.mapping.get("consumes", self.description.root.mapping.get("consumes")) or []
        fields = [each for each in parameters if each.text("in") == "formData"]
        whole = {"type": "object", "properties": {each.text("name"): each.value for each in fields}}
        schemas = [each.part("schema").value for each in parameters if each.text("in") == "body"]
        schemas += [whole] if fields else []
        # Many descriptions have fields of a form, and do not say which kind of form it is.
        forms = ["multipart/form-data", "application/x-www-form-urlencoded"]
        kinds = [*consumes, *(each for each in forms if fields and not {*forms} & {*consumes})] or ["application/json"]
        made = {each: Node({"schema": schemas[0]}, self.operation.resolver) for each in kinds} if schemas else {}
        return made, any(each.mapping.get("required") is True for each in parameters if each.text("in") == "body")

    def _check_content(self, schema: Node, kind: str, request: Request) -> None:
        data = request.get_data(parse_form_data=False)
        if "json" in kind:
            body = json.loads(data)
            if not self.texts.bodies.fits(schema, body):
                raise RefusedError(f"its body does not fit: {json.dumps(body)[:300]}")
        elif kind == "application/x-www-form-urlencoded":
            body = tree(parse_qsl(data.decode(), keep_blank_values=True))
            if not self.texts.fits(schema, body, ""):
                raise RefusedError(f"its form does not fit: {json.dumps(body)[:300]}")
        elif kind == "multipart/form-data":
            if request.files:
                raise RefusedError("it has a file")
            parts = {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
            if not self.texts.fits(schema, parts, ""):
                raise RefusedError(f"its parts do not fit: {json.dumps(parts)[:300]}")


class _Texts:
    """Says what texts may mean by a schema."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self.bodies = Bodies(description)

    def fits(self, node: Node, given: Any, joint: str) -> bool:
        """Say whether a text, or a tree of texts, can be read as what a schema lets through."""
        return any(self.bodies.fits(node, each) for each in self._readings(node, given, joint))

    def types(self, node: Node) -> set[str]:
        """Return the types that a schema and its parts name."""
        held = [each.mapping.get("type") for each in self._parts(node)]
        told = {name for each in held for name in (each if isinstance(each, list) else [each]) if name}
        implied = {"object"} if self.members(node) else set()
        return told or implied

    def members(self, node: Node) -> set[str]:
        """Return the names of the members that a schema and its parts have."""
        return {name for each in self._parts(node) for name, _ in each.part("properties").items()}

    def _parts(self, node: Node, depth: int = 0) -> Iterator[Node]:
        node = self._description.follow(node)
        yield node
        if depth > 4:
            return
        for name in ("allOf", "oneOf", "anyOf"):
            for each in node.part(name).each():
                yield from self._parts(each, depth + 1)

    def _readings(self, node: Node, given: Any, joint: str) -> Iterator[Any]:
        if isinstance(given, dict):
            yield {name: self._best(self._candidates(node, name), each) for name, each in given.items()}
            if all(name.isdigit() for name in given):
                yield [self._best(self._items(node), each) for each in given.values()]
        elif isinstance(given, list):
            yield [self._best(self._items(node), each) for each in given]
        else:
            yield from self._scalars(given)
            parts = given.split(joint) if joint else []
            yield from ([self._best(self._items(node), each) for each in each] for each in (parts, [given]) if each)

    def _scalars(self, text: str) -> Iterator[Any]:
        yield text
        with suppress(ValueError):
            yield json.loads(text)
        if text == "":
            yield None

    def _candidates(self, node: Node, name: str) -> list[Node]:
        parts = list(self._parts(node))
        found = [each.part("properties", name) for each in parts]
        found += [each.part("additionalProperties") for each in parts]
        return [each for each in found if isinstance(each.value, dict)]

    def _items(self, node: Node) -> list[Node]:
        return [each.part("items") for each in self._parts(node) if isinstance(each.part("items").value, dict)]

    def _best(self, candidates: list[Node], given: Any) -> Any:
        """Return the first reading of a member that any of its schemas lets through."""
        for node in candidates:
            for each in self._readings(node, given, ""):
                if self.bodies.fits(node, each):
                    return each

        return given


def tree(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the tree that the names of a form have: `a[b]=1` is `{"a": {"b": "1"}}`, a name that recurs a list."""
    made: dict[str, Any] = {}
    for name, text in pairs:
        *outer, last = re.findall(r"^[^\[\]]+|(?<=\[)[^\[\]]*(?=\])", name) or [name]
        place = made
        for step in outer:
            place = place.setdefault(step, {})
        there = place.get(last)
        place[last] = text if there is None else [*there, text] if isinstance(there, list) else [there, text]
    return made
