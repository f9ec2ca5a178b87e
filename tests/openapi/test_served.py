"""Requests of imported modules reach an API that is served as its description has it, and are what it describes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from src.runtime.http import ApiError, Retries, Session, session
from stacksync.openapi.actions import Action
from stacksync.openapi.description import read_description
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.filling_in import NotHeldError, form_data
from stacksync.openapi.mapping import Mapper
from stacksync.openapi.operations import Operation
from stacksync.openapi.reader.call import MISSING
from stacksync.openapi.record_modules import RecordModule
from stacksync.openapi.resources import Resource, resources_of
from stacksync.runtime.forms import FormValidator
from tests.openapi.bodies import Bodies, generated
from tests.openapi.conftest import IS_SWEPT, LIBRARY, REAL, SOME, Reader
from tests.openapi.serving import Served

ONCE = Retries(attempts=1)
# Requests for each operation.
MANY, FEW = 5, 1
BODY = "the body"
# Of Discord an enum without a value, which nothing fits; of Lob two parameters that are both written `date_modified=`.
WRONG = ["PATCH /guilds/{guild_id}/requests/{request_id}", "GET /billing_groups"]


class Sent:
    """Sends what modules send to a description that is served."""

    def __init__(self, reader: Reader, file: Path) -> None:
        self.served = Served(read_description(str(file)))
        self.catalogue = Catalogue(Mapper(self.served.description))
        self.name = f"served_{file.stem.replace('-', '_')}"
        self._reader = reader
        reader.store(self.catalogue, self.name)

    @property
    def api(self) -> Session:
        return session(self.served.url, retries=ONCE)

    def actions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield operation and example of every module for one operation."""
        for operation in self.catalogue.operations:
            mapped = self.catalogue.mapped(operation, self.catalogue.proposals(operation))
            if not mapped.refused:
                files = Action(self.name, "x", "X", mapped).files(self.catalogue.mapper)
                yield from ((operation.address, each) for each in _examples(files))

    def send(self, address: str, data: Mapping[str, Any]) -> str:
        """Send the request of an operation; what is wrong with it stands in the API's faults."""
        with suppress(ApiError):
            self._reader.operation(self.name, self.catalogue.names[address]).send(self.api, data)
        return address

    def fill_in(self, operation: Operation, parameters: Mapping[str, Any], body: Any) -> bool:
        """Send a request by way of the form, and say whether the form can say it."""
        mapped = self.catalogue.mapped(operation, self.catalogue.proposals(operation))
        try:
            data = form_data(mapped.plan, body, parameters)
        except NotHeldError:
            return False
        if FormValidator(mapped.form).validate(data).errors:
            return False
        self.send(operation.address, data)
        return True

    def run(self, resource: Resource, does: str) -> int:
        """Run the module for records with the example of one object, and return how many there are."""
        operation = resource.operations[does]
        mapped = self.catalogue.mapped(operation, self.catalogue.proposals(operation))
        files = RecordModule(self.name, does).files(resource, self.catalogue, mapped)
        self.served.answers[operation.address] = json.loads(files["tests/requests.json"])["answer"]["body"]
        examples = list(_examples(files))
        for data in examples:
            self._reader.records(self.name, does).run(self.api, data)
        return len(examples)


def _examples(files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield from (json.loads(each)["request"]["data"] for name, each in files.items() if name.startswith("examples/"))


@pytest.fixture(scope="module", params=[LIBRARY, *(REAL if IS_SWEPT else SOME)], ids=lambda file: file.stem)
def sent(request: pytest.FixtureRequest, reader: Reader) -> Sent:
    return Sent(reader, request.param)


def judged(sent: Sent) -> list[str]:
    """Return what is wrong with the requests that came, but for those that the description itself gets wrong."""
    known = {operation.address for operation in sent.catalogue.operations if not _has_right_examples(sent, operation)}
    return [each for each in sent.served.faults if each.partition(":")[0] not in {*known, *WRONG}]


def _has_right_examples(sent: Sent, operation: Operation) -> bool:
    body, bodies = operation.body, Bodies(sent.served.description)
    return body is None or all(bodies.fits(body.schema, example) for _, example in body.examples)


def test_examples_of_modules_reach_the_api(sent: Sent) -> None:
    with sent.served.running():
        asked = [sent.send(address, data) for address, data in sent.actions()]
        ran = [sent.run(each, does) for each in resources_of(sent.catalogue) for does in each.operations]

    assert judged(sent) == []
    callable_ = [each for each in sent.catalogue.operations if not sent.catalogue.mapped(each).refused]
    assert len(callable_) - len({*asked}) <= max(1, len(callable_) // 100)
    assert ran.count(0) <= len(ran) // 100


def test_generated_requests_reach_the_api(sent: Sent) -> None:
    tried = held = 0
    count = MANY if IS_SWEPT or sent.name == "served_library" else FEW

    with sent.served.running():
        for operation, parameters, body in requests_of(sent, count):
            tried += 1
            held += sent.fill_in(operation, parameters, body)

    assert judged(sent) == []
    assert tried > len(sent.catalogue.operations) / 2
    # Of HubSpot's few operations one is a union that none of its variants fits, and that the form asks for.
    assert tried - held <= max(3, tried // 100)


def requests_of(sent: Sent, count: int) -> Iterator[tuple[Operation, dict[str, Any], Any]]:
    """Yield parameters and bodies of operations, all of which fit their schemas; the same ones in every run."""
    bodies = Bodies(sent.served.description)
    for operation in sent.catalogue.operations:
        if sent.catalogue.mapped(operation).refused:
            continue
        given = {each.name: each for each in operation.parameters if each.place != "cookie" and not each.deprecated}
        parts = {name: bodies.of(each.schema) for name, each in given.items()}
        schemas = {name: each.schema for name, each in given.items()}
        if operation.body:
            parts[BODY], schemas[BODY] = bodies.of(operation.body.schema), operation.body.schema
        needed = {name for name, each in given.items() if each.required} | ({BODY} & set(parts))
        optional = {name: each for name, each in parts.items() if name not in needed}
        strategy = st.fixed_dictionaries({name: parts[name] for name in needed}, optional=optional)

        def fits(made: Mapping[str, Any], operation: Operation = operation, schemas: Any = schemas) -> bool:
            fitting = all(bodies.fits(schemas[name], each) for name, each in made.items())
            return fitting and _can_be_sent(operation, made)

        for made in generated(strategy, count, fits):
            yield operation, {name: each for name, each in made.items() if name != BODY}, made.get(BODY, MISSING)


def _can_be_sent(operation: Operation, made: Mapping[str, Any]) -> bool:
    """Say whether HTTP can say it: a header is one line of Latin letters, and a form has no way to say "nothing"."""
    texts = [(each.place, str(made[each.name])) for each in operation.parameters if each.name in made]
    if any(place == "path" and text.strip() in ("", ".", "..") for place, text in texts):
        return False
    if any(
        place == "header" and not (text.isprintable() and text.isascii() and text == text.strip())
        for place, text in texts
    ):
        return False

    is_json = operation.body is not None and operation.body.encoding == "json"
    return not any(_has_nothing(each) for name, each in made.items() if name != BODY or not is_json)


def _has_nothing(value: Any) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ["text"]
    return not inner or any(isinstance(each, (dict, list)) and _has_nothing(each) for each in inner)
