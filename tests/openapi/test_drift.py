"""What an API's description says otherwise than the stored one: each change as we classify it by hand."""

import copy
import json
import random
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.access import scheme_for, server_for, servers_of
from stacksync.openapi.description import Description, read_description
from stacksync.openapi.drift import Drift, drift
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.form_merging import merged_form
from stacksync.openapi.held import Held
from stacksync.openapi.importing import stored_of
from stacksync.openapi.mapping import Mapper
from stacksync.openapi.places import Places, uri_of
from tests.openapi.conftest import HERE, LIBRARY
from tests.openapi.test_form_merging import edited

HISTORY = HERE.parents[2] / "shared" / "openapi" / "history"
PAIRS = [
    (older, newer)
    for name in ("museum", "figma", "netlify")
    for revisions in [sorted(HISTORY.glob(f"{name}-*.yaml"))]
    for older, newer in pairwise(revisions)
]


def stored(description: Description) -> Held:
    """Return a description as an import of all its operations stores it."""
    catalogue = Catalogue(Mapper(description))
    scheme = scheme_for(description, None)
    about = {
        "server": server_for(description, None),
        "servers": servers_of(description),
        "security": {"auth": scheme.auth, "details": dict(scheme.details), "name": scheme.name} if scheme else None,
        "headers": dict(catalogue.mapper.version_headers),
        "known": [each.address for each in catalogue.operations],
    }
    mapped = [catalogue.mapped(each, catalogue.proposals(each)) for each in catalogue.operations]
    kept = {catalogue.names[each.operation.address]: each for each in mapped if not each.refused}
    return Held("api", about, {name: stored_of(catalogue.mapper, each) for name, each in kept.items()})


def told(found: Drift) -> list[str]:
    """Return what the API changed, in a line each."""
    lines = [f"{each.severity} {each.rule} {each.difference.aspect}" for each in found.api]
    lines += [f"fine added {each.address}" for each in found.added]
    for one in found.operations:
        assert not one.made, one
        for each in one.changes:
            path = "/".join(each.difference.path)
            lines.append(f"{each.severity} {each.rule} {one.name} {path} {each.difference.aspect}".replace("  ", " "))
    return lines


@pytest.fixture(scope="module")
def held(library: Description) -> Held:
    return stored(library)


NEW_BOOK = "components schemas NewBook allOf 1 properties"
LIST = "paths /books get parameters"
FORM = "paths /members/{member_id}/loans post requestBody content"
PATCH = "paths /books/{bookId} patch requestBody content application/merge-patch+json schema"
GONE = object()


CHANGES: list[tuple[str, str, Any, list[str]]] = [
    ("a server elsewhere", "servers 0 url", "https://api.library.test/v2", ["breaking DIF013 server"]),
    ("a server beside", "servers 0 url", "https://api.library.example/v3", ["breaking DIF013 server"]),
    ("another header", "components securitySchemes key name", "X-Key", ["breaking DIF013 credential"]),
    ("another place", "components securitySchemes key in", "query", ["breaking DIF013 credential"]),
    (
        "another scheme",
        "components securitySchemes key",
        {"type": "http", "scheme": "basic"},
        ["breaking DIF013 auth"],
    ),
    (
        "another version",
        "components parameters Version schema default",
        "2026-07-31",
        ["look DIF025 api_version_headers"],
    ),
    ("an operation gone", "paths /shelves/order", GONE, ["breaking DIF014 order_shelves operation"]),
    (
        "an operation deprecated",
        "paths /shelves/order put deprecated",
        True,
        ["look DIF024 order_shelves deprecated"],
    ),
    ("an operation new", "paths /shelves", {"get": {"responses": {}}}, ["fine added GET /shelves"]),
    ("a parameter gone", f"{LIST} 0", GONE, ["breaking DIF003 list_books query author_id field"]),
    (
        "a parameter new",
        f"{LIST} 0",
        [{"name": "year", "in": "query", "schema": {"type": "integer"}}],
        ["fine DIF031 list_books query year field", "breaking DIF003 list_books query author_id field"],
    ),
    ("a parameter required", f"{LIST} 0 required", True, ["breaking DIF005 list_books query author_id required"]),
    ("a parameter's type", f"{LIST} 0 schema type", "string", ["breaking DIF006 list_books query author_id type"]),
    ("a list written otherwise", f"{LIST} 2 explode", True, ["breaking DIF013 list_books query codes style"]),
    ("a limit tighter", f"{LIST} 4 schema maximum", 50, ["breaking DIF009 list_books query limit maximum"]),
    ("a limit wider", f"{LIST} 4 schema maximum", 200, ["fine DIF032 list_books query limit maximum"]),
    ("a default", f"{LIST} 4 schema default", 10, ["look DIF020 list_books query limit default"]),
    (
        "a member gone",
        f"{NEW_BOOK} opens",
        GONE,
        ["breaking DIF003 create_book body/opens field", "breaking DIF003 replace_book body/opens field"],
    ),
    (
        "a member read only",
        f"{NEW_BOOK} opens readOnly",
        True,
        ["breaking DIF003 create_book body/opens field", "breaking DIF003 replace_book body/opens field"],
    ),
    (
        "a member new",
        f"{NEW_BOOK} weight",
        {"type": "number"},
        ["fine DIF031 create_book body/weight field", "fine DIF031 replace_book body/weight field"],
    ),
    (
        "a member required",
        "components schemas Titled required",
        ["title", "subtitle"],
        ["breaking DIF005 create_book body/subtitle required", "breaking DIF005 replace_book body/subtitle required"],
    ),
    (
        "a member not required",
        "components schemas Titled required",
        [],
        ["fine DIF032 create_book body/title required", "fine DIF032 replace_book body/title required"],
    ),
    (
        "a member's length",
        "components schemas Titled properties title maxLength",
        100,
        ["breaking DIF009 create_book body/title max_length", "breaking DIF009 replace_book body/title max_length"],
    ),
    (
        "a text",
        f"{NEW_BOOK} pages description",
        "Pages.",
        ["fine DIF030 create_book body/pages description", "fine DIF030 replace_book body/pages description"],
    ),
    (
        "a member deeper",
        "components schemas Address required",
        ["city", "country"],
        [
            "breaking DIF005 create_book body/publisher/address/country required",
            "breaking DIF005 replace_book body/publisher/address/country required",
        ],
    ),
    (
        "a choice gone",
        "components schemas Genre enum",
        ["novel", "poem"],
        [
            "breaking DIF007 create_book body/genres/items choices",
            "breaking DIF007 list_books query genre/items choices",
            "breaking DIF007 replace_book body/genres/items choices",
        ],
    ),
    (
        "a choice new",
        "components schemas Genre enum",
        ["novel", "poem", "sea, stories", "play"],
        [
            "fine DIF032 create_book body/genres/items choices",
            "fine DIF032 list_books query genre/items choices",
            "fine DIF032 replace_book body/genres/items choices",
        ],
    ),
    (
        "a union narrower",
        f"{NEW_BOOK} rating",
        {"type": "string"},
        ["breaking DIF006 create_book body/rating type", "breaking DIF006 replace_book body/rating type"],
    ),
    (
        "a union wider",
        f"{NEW_BOOK} published",
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "integer"}]},
        ["fine DIF032 create_book body/published types", "fine DIF032 replace_book body/published types"],
    ),
    (
        "what stands beside members",
        f"{NEW_BOOK} publisher additionalProperties",
        {"type": "integer"},
        ["look DIF026 create_book body/publisher beyond", "look DIF026 replace_book body/publisher beyond"],
    ),
    ("required in a change", f"{PATCH} required", ["title", "note"], []),
    ("another encoding", FORM, "application/json", ["breaking DIF013 lend_a_book encoding"]),
    (
        "a scheme of its own",
        "paths /members/{member_id}/loans post security",
        GONE,
        ["breaking DIF013 lend_a_book security"],
    ),
    ("a text of the whole", "paths /books get summary", "Books", ["fine DIF030 list_books description"]),
    ("what comes back", "components schemas Loan properties due", {"type": "string"}, []),
]


@cache
def library_document() -> Any:
    """Return the library's description as data, which is copied and never changed."""
    origin = uri_of(str(LIBRARY))
    return Places(origin, ()).read(origin)


def changed(document: Any, place: str, value: Any) -> Any:
    """Return a description in which one place says something else."""
    made = copy.deepcopy(document)
    *outer, last = [int(step) if step.isdigit() else step for step in place.split(" ")]
    at = made
    for step in outer:
        at = at[step]
    if value is GONE:
        del at[last]
    elif isinstance(value, list) and isinstance(last, int):
        at[last : last + 1] = value
    elif value == "application/json":
        at[last] = {value: next(iter(at[last].values()))}
    else:
        at[last] = value
    return made


@pytest.mark.parametrize("place, value, expected", [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_each_change_means_what_it_means(
    held: Held, tmp_path: Path, place: str, value: Any, expected: list[str]
) -> None:
    document = library_document()
    file = tmp_path / "library.json"
    file.write_text(json.dumps(changed(document, place, value)))

    found = drift(held, read_description(str(file)))

    assert told(found) == expected
    assert found.is_something is bool(expected)


def test_the_same_description_has_no_drift(held: Held, library: Description) -> None:
    found = drift(held, library)

    assert (told(found), found.is_something, found.new_hosts) == ([], False, [])


def reaching(tmp_path: Path, inner: Any) -> Description:
    """Return a description of which a body holds something six levels deep, by a reference, and in a circle."""
    for _ in range(6):
        inner = {"type": "object", "properties": {"a": inner, "me": {"$ref": "#/components/schemas/Tree"}}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}}
    held = {"openapi": "3.1.0", "paths": {"/a": {"post": {"operationId": "a", "requestBody": body}}}}
    (tmp_path / "api.json").write_text(json.dumps({**held, "components": {"schemas": {"Tree": inner}}}))
    return read_description(str(tmp_path / "api.json"))


@pytest.mark.parametrize(
    "then, now, is_told",
    [
        ({"type": "string"}, {"type": "integer"}, True),
        ({"type": "string", "maxLength": 5}, {"type": "string", "maxLength": 4}, True),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, True),
        ({"type": "string"}, {"type": "string", "description": "New.", "title": "T", "example": "x"}, False),
        ({"type": "object", "properties": {"title": {"type": "string"}}}, {"type": "object", "properties": {}}, True),
    ],
)
def test_what_lies_deeper_than_readings_go_is_noticed(tmp_path: Path, then: Any, now: Any, is_told: bool) -> None:
    found = drift(stored(reaching(tmp_path, then)), reaching(tmp_path, now))

    deeper = [line for line in told(found) if line.startswith("look DIF026")]
    assert told(found) == deeper
    assert bool(deeper) is is_told
    assert all(line.endswith(" deeper") for line in deeper)


@pytest.mark.parametrize("name, value", [("pattern", "a" * 600), ("default", ["a"])])
def test_what_is_too_long_to_be_stored_is_compared(tmp_path: Path, name: str, value: Any) -> None:
    def described(given: Any) -> Description:
        listed = {"name": "p", "in": "query", "schema": {"type": "string", name: given}}
        held = {"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "a", "parameters": [listed]}}}}
        (tmp_path / "api.json").write_text(json.dumps(held))
        return read_description(str(tmp_path / "api.json"))

    assert not drift(stored(described(value)), described(value)).is_something
    (line,) = told(drift(stored(described(value)), described(value * 2)))
    assert line.endswith(f" a query p {name}".replace("  ", " "))


@pytest.mark.parametrize(
    "key, address, aspect, hosts",
    [
        ("tokenUrl", "https://login.example/token/2", "token_address", []),
        ("tokenUrl", "https://evil.example/token", "token_address", ["evil.example"]),
        ("authorizationUrl", "https://evil.example/login", "login_address", ["evil.example"]),
    ],
)
def test_where_credentials_go_is_the_apis_to_say_and_breaking(
    tmp_path: Path, key: str, address: str, aspect: str, hosts: list[str]
) -> None:
    def described(**flow: str) -> Description:
        places = {"tokenUrl": "https://login.example/token", "authorizationUrl": "https://login.example/login"}
        scheme = {"type": "oauth2", "flows": {"authorizationCode": {**places, "scopes": {}, **flow}}}
        held = {"openapi": "3.0.0", "paths": {"/a": {"get": {}}}, "components": {"securitySchemes": {"o": scheme}}}
        (tmp_path / "api.json").write_text(json.dumps(held))
        return read_description(str(tmp_path / "api.json"))

    found = drift(stored(described()), described(**{key: address}))

    assert (told(found), found.new_hosts) == ([f"breaking DIF013 {aspect}"], hosts)


@cache
def described(file: Path) -> Description:
    """Return a description of a history; each is compared with the one before it and the one behind."""
    return read_description(str(file))


@cache
def held_of(file: Path) -> Held:
    return stored(described(file))


@pytest.mark.parametrize("older, newer", PAIRS, ids=lambda file: file.stem)
def test_histories_of_real_apis(older: Path, newer: Path) -> None:
    now, held = described(newer), held_of(older)
    source = random.Random(f"{older.stem} {newer.stem}")

    assert not drift(held, described(older)).is_something
    found = drift(held, now)
    counts = Counter(each.severity for each in found.changes)
    addresses = {each.address for each in found.catalogue.operations}
    assert {each.address for each in found.operations if each.is_gone} == set(held.names) - addresses
    assert {each.address for each in found.added} == addresses - set(held.about["known"])
    assert sum(counts.values()) == len(found.changes)
    for each in found.operations:
        base = held.operations[each.name]["form"]
        user = edited(source, base)
        if each.mapped is not None and not each.mapped.refused:
            merged_form(base, user, each.mapped.form)  # raises when it loses an edit
