"""What an operation's plan gets from the rest of the description: pages, dropdowns from lists, where errors say why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stacksync.openapi.fields import Json, first_paragraph, label
from stacksync.openapi.lists import IDS, LABELS, Listing, Proposal, error_path, in_path, listing_of, proposals
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.openapi.names import names_of, plain_name
from stacksync.openapi.operations import Operation
from stacksync.openapi.overrides import Overrides
from stacksync.runtime.forms import dropdown


@dataclass
class Catalogue:
    """The operations of a description with their names, its lists, and what fills which dropdown.

    Attributes:
        overrides: What the user wants otherwise.
        known: The addresses of operations that have a name already, by their names.
        used: The addresses of operations that another one needs to fill a dropdown.
    """

    mapper: Mapper
    overrides: Overrides = field(default_factory=Overrides)
    known: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(init=False)
    titles: Mapping[str, str] = field(init=False)
    listings: Mapping[str, Listing] = field(init=False)

    def __post_init__(self) -> None:
        self.names = names_of(self.mapper.operations, self.known)
        self.titles = self._titles()
        self.overrides.look_for(self.names)
        found = (listing_of(self.mapper.description, self.mapper.shapes, each) for each in self.mapper.operations)
        self.listings = {each.operation.path: each for each in found if each}

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations, in the description's order."""
        return self.mapper.operations

    def _titles(self) -> dict[str, str]:
        """Return what users see: the summary where no other operation has it too, else what the name says."""
        told = {each.address: first_paragraph(each.summary).rstrip(".")[:64].strip() for each in self.operations}
        counted = Counter(told.values())
        alone = {address: text for address, text in told.items() if text and counted[text] == 1}
        return {address: alone.get(address) or label(name)[:64].strip() for address, name in self.names.items()}

    def proposals(self, operation: Operation) -> list[Proposal]:
        """Return the fields of an operation that a list can fill."""
        return proposals(operation, self.listings)

    def mapped(self, operation: Operation, accepted: Sequence[Proposal] = ()) -> Mapped:
        """Return what an operation becomes, with the dropdowns that were accepted."""
        made = self.mapper.map(operation)
        if made.refused:
            return made

        plan, form = {**made.plan}, made.form
        listing = self.listings.get(operation.path) if operation.method == "GET" else None
        if listing:
            plan["pages"] = dict(listing.pages)
        error = error_path(self.mapper.description, self.mapper.shapes, operation)
        if error:
            plan["error"] = error
        choices = {}
        for proposal in [*self._wanted(operation), *accepted]:
            id = _field_of(plan, proposal.field)  # noqa: A001 - the form's own word
            if id and id not in choices:
                form = _with_dropdown(
                    form, id, [each for name in proposal.depends_on if (each := _field_of(plan, name))]
                )
                choices[id] = self._source_of(proposal)
        if choices:
            plan["choices"] = choices
        return replace(made, form=self.overrides.form(operation.address, form), plan=plan)

    def _wanted(self, operation: Operation) -> list[Proposal]:
        """Return the dropdowns that the user wants, of fields of the path and of the query."""
        found = []
        for name, each in self.overrides.dropdowns(operation.address).items():
            listing = self.listings.get(each.source.removeprefix("GET ").strip())
            keys = (operation.address, "fields", name)
            known = set(listing.members) if listing else set()
            value = each.value or next((one for one in IDS if one in known), "")
            label_ = each.label or next((one for one in LABELS if one in known), value)
            if listing is None:
                self.overrides.say(keys, f"{each.source} lists no records")
            elif not {value, label_} <= known:
                self.overrides.say(keys, f"{each.source} lists no {value or 'id'} and {label_ or 'name'}")
            else:
                found.append(
                    Proposal(name, listing, value, label_, "overrides", tuple(in_path(listing.operation.path)))
                )
        return found

    def _source_of(self, proposal: Proposal) -> Json:
        source = {"operation": self.names[proposal.listing.operation.address]}
        return {**source, "label": proposal.label, "value": proposal.value}


def content_name(field_id: str) -> str:
    """Return the name of the content object, and of the function, that fills a field."""
    return f"{plain_name(field_id)[:50] or 'field'}_choices"


def _field_of(plan: Mapping[str, Any], name: str) -> str:
    nodes = [*plan.get("in_path", []), *plan.get("query", [])]
    wanted = next((each for each in nodes if each.get("name") == name and isinstance(each["type"], str)), None)
    return str(wanted["field"]) if wanted and wanted["type"] in ("string", "integer") else ""


def _with_dropdown(form: Json, id: str, needed: Sequence[str]) -> Json:  # noqa: A002
    """Return a form in which a field is a dropdown that a list fills."""
    fields = [_dropdown(each, needed) if each["id"] == id else each for each in form["fields"]]
    fields = [_reloading(each, content_name(id)) if each["id"] in needed else each for each in fields]
    return {**form, "fields": fields}


def _dropdown(made: Json, needed: Sequence[str]) -> Json:
    more = {key: made[key] for key in ("description",) if key in made}
    is_required = made.get("validation", {}).get("required") is True
    name = content_name(made["id"])
    return dropdown(made["id"], made["label"], content=name, depends_on=needed, required=is_required, **more)


def _reloading(made: Json, name: str) -> Json:
    names = [each["id"] for each in made.get("reload_content_objects", [])]
    listed = [{"id": each} for each in dict.fromkeys([*names, name])]
    return {**made, "on_action": {**made.get("on_action", {}), "load_content": True}, "reload_content_objects": listed}
