"""What an operation's plan gets from the rest of the description: pages, dropdowns from lists, where errors say why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from stacksync.openapi.dropdowns import Proposing, content_name, field_at, field_of, with_dropdown
from stacksync.openapi.lists import IDS, LABELS, Listing, Proposal, error_path, listing_of
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.openapi.members import Json
from stacksync.openapi.names import names_of
from stacksync.openapi.operations import Operation
from stacksync.openapi.overrides import Overrides
from stacksync.openapi.wording import first_paragraph, label


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
    _maps: dict[str, Mapped] = field(default_factory=dict, repr=False)

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
        counted = Counter(text.casefold() for text in told.values())
        alone = {address: text for address, text in told.items() if text and counted[text.casefold()] == 1}
        return {address: alone.get(address) or label(name)[:64].strip() for address, name in self.names.items()}

    def proposals(self, operation: Operation) -> list[Proposal]:
        """Return the fields of an operation that a list can fill."""
        made = self._map(operation)
        headers = self.mapper.version_headers
        return [] if made.refused else Proposing(operation, made.form, made.plan, self.listings, headers).all()

    def _map(self, operation: Operation) -> Mapped:
        if operation.address not in self._maps:
            self._maps[operation.address] = self.mapper.map(operation)
        return self._maps[operation.address]

    def mapped(self, operation: Operation, accepted: Sequence[Proposal] = ()) -> Mapped:
        """Return what an operation becomes, with the dropdowns that were accepted."""
        made = self._map(operation)
        if made.refused:
            return made

        plan, form = {**made.plan}, made.form
        listing = self.listings.get(operation.path) if operation.method == "GET" else None
        if listing:
            plan["pages"] = dict(listing.pages)
        error = error_path(self.mapper.description, self.mapper.shapes, operation)
        if error:
            plan["error"] = error
        choices: dict[str, Json] = {}
        for proposal in [*self._wanted(operation), *accepted]:
            path = field_of(plan, proposal.field)
            if path and content_name(path) not in map(content_name, choices):
                needed = [field_of(plan, name) for name in proposal.depends_on]
                form = with_dropdown(form, path, [each for each in needed if each])
                choices[path] = self._source_of(proposal)
        if choices:
            plan["choices"] = choices
        return replace(made, form=self.overrides.form(operation.address, form), plan=plan)

    def _wanted(self, operation: Operation) -> list[Proposal]:
        """Return the dropdowns that the user wants, of parameters and of fields of the body."""
        found, plan = [], self._map(operation).plan
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
            elif field_at(self._map(operation).form, name) and not field_of(plan, name):
                self.overrides.say(keys, f"{name!r} holds no single text or number, and cannot be a dropdown of a list")
            else:
                needs = listing.needs(self.mapper.version_headers)
                found.append(Proposal(name, listing, value, label_, "overrides", tuple(needs)))
        return found

    def _source_of(self, proposal: Proposal) -> Json:
        source = {"operation": self.names[proposal.listing.operation.address]}
        return {**source, "label": proposal.label, "value": proposal.value}
