"""Dropdowns: which fields a list of the API can fill, why it is thought so, and how a form has them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.lists import IDS, Listing, Proposal, id_of, in_path, label_of
from stacksync.openapi.members import Json
from stacksync.openapi.names import plain_name
from stacksync.openapi.operations import Operation
from stacksync.runtime.forms import dropdown

STEP = "/"


@dataclass(frozen=True)
class Proposing:
    """What the proposals for one operation are made of.

    Args:
        operation: The operation.
        form: Its form.
        plan: The plan of its request.
        listings: The lists of the description, by path.
        headers: Headers that are sent with each request, and that no form has.
    """

    operation: Operation
    form: Json
    plan: Mapping[str, Any]
    listings: Mapping[str, Listing]
    headers: Collection[str] = ()

    def all(self) -> list[Proposal]:
        """Return the fields that a list can fill: of the path, of the query, and of the body."""
        found = [self._of_path(name) for name in in_path(self.operation.path)]
        queried = [each.name for each in self.operation.parameters if each.place == "query"]
        found += [self._by_name(name, name) for name in queried]
        found += [self._by_name(path, name) for path, name in members_of(self.plan)]
        return [each for each in found if each and _is_text(field_at(self.form, field_of(self.plan, each.field)))]

    def _of_path(self, name: str) -> Proposal | None:
        before = self.operation.path.partition("{" + name + "}")[0].rstrip("/")
        listing = self.listings.get(before)
        if listing is None or listing.operation.path == self.operation.path:
            return None

        # Where else an id of this path could come from nobody knows: a list that needs more than is here stays empty.
        value, needs = id_of(listing, name), [each for each in listing.needs(self.headers) if field_of(self.plan, each)]
        evidence = f"{{{name}}} stands behind {listing.operation.address}"
        return Proposal(name, listing, value, label_of(listing, value), evidence, tuple(needs)) if value else None

    def _by_name(self, path: str, name: str) -> Proposal | None:
        """Return the list that a name such as `author_id` or `default_author_id` means."""
        match = re.fullmatch(r"(.+?)_?(?:[gs]|uu)?id", name, re.IGNORECASE)
        words = plain_name(match[1]).split("_") if match else []
        for at in range(len(words)):
            for listing in self._lists_of("".join(words[at:])):
                made = self._proposal(path, name, listing, f"{path} names {listing.operation.address}")
                if made:
                    return made
        return None

    def _lists_of(self, wanted: str) -> list[Listing]:
        """Return the lists of records of a name: of several the one that lies in what the operation is about."""
        found = [
            listing
            for path, listing in self.listings.items()
            if wanted in _of_several(path.rpartition("/")[2]) and self._lies_there(path)
        ]
        return sorted(found, key=lambda each: (-len(in_path(each.operation.path)), each.operation.path))

    def _lies_there(self, path: str) -> bool:
        """Say whether an `{id}` in a list's path is that of the operation: the name alone would not tell."""
        begins = [path[: path.index("{" + name + "}")] for name in in_path(path) if name.lower() in IDS]
        return all(self.operation.path.startswith(each) for each in begins)

    def _proposal(self, field: str, name: str, listing: Listing, evidence: str) -> Proposal | None:
        """Return a proposal, if all that the list needs is among the operation's fields."""
        value, needs = id_of(listing, name), listing.needs(self.headers)
        missing = [each for each in needs if not field_of(self.plan, each) or each == field]
        filters = {each.name for each in listing.operation.parameters if each.place == "query"}
        # A filter that the list came to need leaves it empty; without an id or a header it could never be called.
        if not value or not {*missing} <= filters:
            return None

        known = tuple(each for each in needs if each not in missing)
        return Proposal(field, listing, value, label_of(listing, value), evidence, known)


def _of_several(name: str) -> tuple[str, ...]:
    """Return what records are called by the name of their list, which is a plural."""
    last = re.sub(r"[^a-z]", "", name.lower())
    return (last, last[:-1], last.removesuffix("es"), re.sub("ies$", "y", last)) if last.endswith("s") else ()


def members_of(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the paths of the texts in the body's form, and what the API calls them: the id of an object by its name."""
    body = plan.get("body") or {}
    if body.get("type") in ("object", "choice"):
        yield from _members(body, "", "")


def _members(node: Mapping[str, Any], prefix: str, owner: str) -> Iterator[tuple[str, str]]:
    prefix = f"{prefix}{node['field']}{STEP}" if "field" in node and node["type"] != "choice" else prefix
    for each in [*node.get("fields", []), *node.get("variants", {}).values()]:
        if each["type"] in ("object", "records", "choice"):
            yield from _members(each, prefix, str(each.get("name") or owner))
        elif each["type"] in ("string", "integer"):
            yield f"{prefix}{each['field']}", f"{owner}_id" if owner and each["name"] in IDS else each["name"]


def field_of(plan: Mapping[str, Any], name: str) -> str:
    """Return the path of the field for a parameter, or for a member of the body by its path; "" where there is none."""
    nodes = [each for place in ("in_path", "query", "header") for each in plan.get(place, [])]
    nodes += (plan.get("body") or {}).get("fields", [])
    found = next((each for each in nodes if name in (each.get("name"), each.get("field"))), None)
    if found is None:
        return name if any(path == name for path, _ in members_of(plan)) else ""

    return str(found["field"]) if found["type"] in ("string", "integer") else ""


def content_name(path: str) -> str:
    """Return the name of the content object, and of the function, that fills a field."""
    return f"{plain_name(path)[:50] or 'field'}_choices"


def field_at(form: Json, path: str) -> Json | None:
    """Return the field at a path of a form; None where there is none."""
    held: Json | None = form
    for step in path.split(STEP):
        fields = (held or {}).get("fields") or (held or {}).get("items", {}).get("fields") or []
        held = next((each for each in fields if each["id"] == step), None)
    return held


def _is_text(made: Json | None) -> bool:
    """Say whether a field is a plain text: one that has choices of its own is not to be filled otherwise."""
    return made is not None and made["type"] == "string" and not made.keys() & {"choices", "content", "ui_options"}


def with_dropdown(form: Json, path: str, needed: Sequence[str]) -> Json:
    """Return a form in which a field is a dropdown that a list fills.

    Args:
        form: The form.
        path: The field's path.
        needed: The fields of the form's root without which the list cannot be had.
    """
    name = content_name(path)
    form = _changed_at(form, path.split(STEP), lambda made: _dropdown(made, name, needed))
    for each in needed:
        form = _changed_at(form, [each], lambda made: _reloading(made, name))
    return form


def _changed_at(holder: Json, steps: Sequence[str], change: Callable[[Json], Json]) -> Json:
    if "fields" not in holder:
        return {**holder, "items": _changed_at(holder["items"], steps, change)}

    first, *rest = steps
    fields = [
        each if each["id"] != first else _changed_at(each, rest, change) if rest else change(each)
        for each in holder["fields"]
    ]
    return {**holder, "fields": fields}


def _dropdown(made: Json, name: str, needed: Sequence[str]) -> Json:
    more = {key: made[key] for key in ("description", "default") if key in made}
    is_required = made.get("validation", {}).get("required") is True
    return dropdown(made["id"], made["label"], content=name, depends_on=needed, required=is_required, **more)


def _reloading(made: Json, name: str) -> Json:
    names = [each["id"] for each in made.get("reload_content_objects", [])]
    listed = [{"id": each} for each in dict.fromkeys([*names, name])]
    return {**made, "on_action": {**made.get("on_action", {}), "load_content": True}, "reload_content_objects": listed}
