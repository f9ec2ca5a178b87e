"""What an API's description says otherwise than the one that was imported, and what it means for stored workflows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stacksync.comparison.effective import TEXTS, form_differences
from stacksync.comparison.forms import ADDED, CHANGED, REMOVED, FormDifference
from stacksync.comparison.severities import DEPRECATED, OPERATION, Rated, Severity, rate, worst
from stacksync.openapi.access import Scheme, schemes_of, servers_of
from stacksync.openapi.description import Description
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.held import Held, Json, address_of, is_gone
from stacksync.openapi.lists import Proposal
from stacksync.openapi.mapping import MAPPER, Mapped, Mapper
from stacksync.openapi.operations import Operation
from stacksync.openapi.overrides import Overrides
from stacksync.openapi.reading_differences import reading_differences
from stacksync.openapi.readings import reading_of
from stacksync.runtime.forms import read_form

# What of a stored security scheme is compared, and what a difference of it is called.
ADDRESSES = ("server", "login_address", "token_address")
_DETAILS = {"in": "credential", "name": "credential", "authorize": "login_address", "token": "token_address"}


@dataclass(frozen=True)
class Drifted:
    """A stored operation, and what differs.

    Args:
        name: What it is stored as.
        address: Its method and path.
        changes: What the API changed.
        made: What of the form is made otherwise than the stored one, though the API changed nothing of it.
        mapped: What it becomes now; None where the API does not have it any more.
        is_new_mapper: Whether it was stored by other rules than those of now.
        is_made_anew: Whether its form or its request is made otherwise, if only in its texts.
    """

    name: str
    address: str
    changes: tuple[Rated, ...] = ()
    made: tuple[Rated, ...] = ()
    mapped: Mapped | None = None
    is_new_mapper: bool = False
    is_made_anew: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the API does not have it any more."""
        return self.mapped is None

    @property
    def now(self) -> Mapped:
        """What it becomes now, of one that the API still has."""
        assert self.mapped is not None
        return self.mapped

    @property
    def severity(self) -> Severity:
        """The highest severity of what the API changed."""
        return worst(list(self.changes))


@dataclass(frozen=True)
class Drift:
    """What differs between a stored API and its description now.

    Args:
        held: The API as it is stored.
        catalogue: The operations of the description.
        api: What is the API's: server, scheme, versions.
        operations: Stored operations of which something differs, in the order of their names.
        added: Operations that were not there, by address.
        still_gone: Names of those that are marked as gone already.
    """

    held: Held
    catalogue: Catalogue
    api: tuple[Rated, ...] = ()
    operations: tuple[Drifted, ...] = ()
    added: tuple[Operation, ...] = ()
    still_gone: tuple[str, ...] = ()

    @property
    def is_something(self) -> bool:
        """Whether anything differs."""
        return bool(self.api or self.operations or self.added)

    @property
    def is_another_api(self) -> bool:
        """Whether the description has no operation at all of those that are stored."""
        known = {each.address for each in self.catalogue.operations}
        return bool(self.held.names) and not known & set(self.held.names)

    @property
    def changes(self) -> list[Rated]:
        """All that the API changed."""
        return [*self.api, *(each for one in self.operations for each in one.changes)]

    @property
    def new_hosts(self) -> list[str]:
        """The hosts that requests and credentials would go to now, and did not before."""
        moved = [each.difference for each in self.api if each.difference.aspect in ADDRESSES]
        return list(dict.fromkeys(_host(each.after) for each in moved if _host(each.before) != _host(each.after)))

    @property
    def scheme(self) -> Scheme | None:
        """The security scheme that stands for the stored one now."""
        return scheme_now(self.held.about.get("security"), schemes_of(self.catalogue.mapper.description))


def _host(address: Any) -> str:
    return urlsplit(str(address or "")).netloc.lower()


def drift(held: Held, description: Description, overrides: Overrides | None = None) -> Drift:
    """Return what differs between a stored API and its description now; both stay as they are.

    Args:
        held: The API as it is stored.
        description: Its description now.
        overrides: What the user wants otherwise.
    """
    mapper = Mapper(description, known_headers=held.about.get("headers", ()))
    catalogue = Catalogue(mapper, overrides or Overrides(), held.known_names)
    now = {each.address: each for each in catalogue.operations}
    stored = held.names
    found = [
        _of_operation(name, held.operations[name], now[address], catalogue)
        if address in now
        else _gone(name, held.operations[name])
        for address, name in sorted(stored.items(), key=lambda each: each[1])
    ]
    known = {*stored, *held.about.get("known", now)}
    return Drift(
        held,
        catalogue,
        tuple(map(rate, api_differences(held.about, catalogue.mapper))),
        tuple(each for each in found if each.changes or each.made or each.is_made_anew),
        tuple(each for address, each in now.items() if address not in known),
        tuple(name for name, each in held.operations.items() if is_gone(each) and address_of(each) not in now),
    )


def _gone(name: str, stored: Json) -> Drifted:
    address = address_of(stored)
    told = [] if is_gone(stored) else [rate(FormDifference((), REMOVED, OPERATION, before=address))]
    return Drifted(name, address, tuple(told))


def _of_operation(name: str, stored: Json, operation: Operation, catalogue: Catalogue) -> Drifted:
    mapped = catalogue.mapped(operation, confirmed(stored, operation, catalogue))
    differences = list(_changes(stored, mapped, catalogue.mapper))
    by_form = _form_differences(stored, mapped)
    if "reading" not in stored:  # imported before readings were stored: the forms say what they can
        differences, by_form = [*differences, *by_form], []
    members = _members(differences)
    fields = {**_members_of(stored["plan"]), **_members_of(mapped.plan)}
    made = [each for each in by_form if not _is_of(each, members, fields)]
    rated = tuple(map(rate, differences)), tuple(map(rate, made))
    is_made_anew = not mapped.refused and (stored["plan"], stored["form"]) != (mapped.plan, mapped.form)
    return Drifted(name, operation.address, *rated, mapped, stored.get("mapper") != MAPPER, is_made_anew)


def _changes(stored: Json, mapped: Mapped, mapper: Mapper) -> Iterator[FormDifference]:
    operation, identity = mapped.operation, stored["identity"]
    if is_gone(stored) and not mapped.refused:
        yield FormDifference((), ADDED, OPERATION, after=operation.address)
    if mapped.refused:  # it cannot be called any more, which is as good as gone
        if not is_gone(stored):
            yield FormDifference((), REMOVED, OPERATION, before=operation.address, after=mapped.refused)
        return
    was_deprecated = identity.get(DEPRECATED, False)
    if was_deprecated != operation.deprecated:
        yield FormDifference((), CHANGED, DEPRECATED, was_deprecated, operation.deprecated)
    if "reading" in stored:
        yield from reading_differences(stored["reading"], reading_of(mapper, operation))
    for key, aspect in (("pages", "pages"), ("choices", "choices_source")):
        before, after = stored["plan"].get(key), mapped.plan.get(key)
        if before != after and stored.get("mapper") == MAPPER:
            yield FormDifference((), CHANGED, aspect, before, after)


def _form_differences(stored: Json, mapped: Mapped) -> list[FormDifference]:
    """Return what differs of the form as it is written; texts and order are nobody's concern."""
    if stored["form"] == mapped.form or mapped.refused:
        return []

    found = form_differences(read_form(stored["form"]), read_form(mapped.form)).differences
    return [each for each in found if each.aspect not in (*TEXTS, "order")]


def _members(differences: Sequence[FormDifference]) -> set[str]:
    """Return what of parameters and body the API changed, named as its readings name it."""
    return {" ".join(each.path[:2]) if each.path[0] == "body" else each.path[0] for each in differences if each.path}


def _members_of(plan: Json) -> dict[str, str]:
    """Return, by the id of a form's field, the member of the reading that it holds."""
    places = {"in_path": "path", "query": "query", "header": "header"}
    found = {
        node["field"]: f"{place} {node.get('name', '')}" for key, place in places.items() for node in plan.get(key, [])
    }
    body = plan.get("body") or {}
    for node in body.get("fields", []):
        found |= dict.fromkeys(_fields_of(node), f"body {node['name']}")
    return found


def _fields_of(node: Json) -> list[str]:
    """Return the ids of the fields that hold a member; a union has one for each of what it can be, besides its own."""
    variants = node.get("variants", {}).values()
    return [each["field"] for each in (node, *variants) if each.get("field")]


def _is_of(difference: FormDifference, members: set[str], fields: Mapping[str, str]) -> bool:
    """Say whether a difference of the form comes of what the API changed: of its member, or of the body as a whole."""
    member = fields.get(difference.path[0], "body") if difference.path else "body"
    return member in members or ("body" in members and member.startswith("body"))


def confirmed(stored: Json, operation: Operation, catalogue: Catalogue) -> list[Proposal]:
    """Return the dropdowns that the stored operation has, as the description proposes them now."""
    choices = stored["plan"].get("choices", {})
    names = {
        node.get("name") for key in ("in_path", "query") for node in stored["plan"].get(key, []) if _id(node) in choices
    }
    return [each for each in catalogue.proposals(operation) if each.field in {*names, *choices}]


def _id(node: Json) -> Any:
    return node.get("field")


def api_differences(about: Json, mapper: Mapper) -> Iterator[FormDifference]:
    """Yield what differs of the API itself: where it is, how its callers prove who they are, which version it is."""
    description = mapper.description
    server, servers = str(about.get("server") or ""), servers_of(description)
    # A server that somebody else named is not the description's to change.
    is_theirs = server in about.get("servers", [server])
    if server and is_theirs and servers and server not in servers:
        yield FormDifference((), CHANGED, "server", server, servers[0])
    yield from _of_scheme(about.get("security"), schemes_of(description))
    if about.get("headers", {}) != dict(mapper.version_headers):
        yield FormDifference((), CHANGED, "api_version_headers", about.get("headers"), dict(mapper.version_headers))


def _of_scheme(stored: Any, known: Sequence[Scheme]) -> Iterator[FormDifference]:
    now, before = scheme_now(stored, known), stored if isinstance(stored, dict) else {}
    auth = now.auth if now else None
    if auth != before.get("auth"):
        yield FormDifference((), CHANGED, "auth", before.get("auth"), auth)
    details = now.details if now else {}
    for key, aspect in _DETAILS.items():
        old, new = before.get("details", {}).get(key), details.get(key)
        if old != new and (auth == before.get("auth") or aspect in ADDRESSES):
            yield FormDifference((), CHANGED, aspect, old, new)


def scheme_now(stored: Any, known: Sequence[Scheme]) -> Scheme | None:
    """Return the scheme that stands for a stored one: that of its name, of its kind, or else the first."""
    name, auth = (stored.get("name"), stored.get("auth")) if isinstance(stored, dict) else (None, None)
    same = next((each for each in known if each.name == name), None)
    return same or next((each for each in known if each.auth == auth), known[0] if known else None)
