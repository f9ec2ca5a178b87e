"""What an update of an imported API writes: the store, what follows of modules, new versions; and what it leaves."""

from stacksync.connector import Connector
from stacksync.openapi.access import servers_of
from stacksync.openapi.client_moves import move_client
from stacksync.openapi.drift import Drift, Drifted
from stacksync.openapi.following import Following, OfRecords
from stacksync.openapi.held import GONE, INDEX, RESOURCES, STORE, Held, Json, is_gone
from stacksync.openapi.importing import BROUGHT, BROUGHT_FOR_RECORDS, READER, stored_of
from stacksync.openapi.importing import sorted_json as as_json
from stacksync.openapi.joining import Joined, join
from stacksync.openapi.mapping import MAPPER
from stacksync.openapi.module_files import ROUTE, ModuleFiles
from stacksync.openapi.new_versions import NewVersions
from stacksync.openapi.renewal import Allowed, Renewal


def renewal(connector: Connector, found: Drift, allowed: Allowed) -> Renewal:
    """Return what an update would write; nothing is written."""
    return _Renewing(connector, found, allowed).run()


class _Renewing:
    """One update, while it is prepared."""

    def __init__(self, connector: Connector, found: Drift, allowed: Allowed) -> None:
        self.connector, self.found, self.allowed = connector, found, allowed
        self.held: Held = found.held
        self.made = Renewal()
        self.files = ModuleFiles(connector, self.held.name)
        self.following = Following(self.files, self.held, self.made)
        self.versions = NewVersions(connector, self.files, self.following, found, self.made)
        self.names = dict(self.held.about.get("operations", {}))
        self.former = dict(self.held.about.get("former", {}))

    def run(self) -> Renewal:
        """Prepare all of it."""
        for each in self.found.operations:
            self._renew(each)
        api = Joined(self.versions.resources(), self._about())
        if self.allowed.selected:
            api = join(self.connector, self.found, self.allowed, self.made, api)
        if api.resources != self.held.resources:
            self.made.files[f"{STORE}/{self.held.name}/{RESOURCES}"] = as_json(api.resources)
        self.made.files[f"{STORE}/{self.held.name}/{INDEX}"] = as_json(api.about)
        self._bring_reader()
        return self.made

    def _bring_reader(self) -> None:
        """Bring the reader of plans as this release has it, which the plans of now need."""
        is_of_records = f"{STORE}/{self.held.name}/{RESOURCES}" in self.made.files or self.held.resources
        for name in (*BROUGHT, *([BROUGHT_FOR_RECORDS] if is_of_records else [])):
            self.made.files.setdefault(f"{STORE}/{name}", (READER / name).read_bytes())

    def _renew(self, drifted: Drifted) -> None:
        if drifted.mapped is None or drifted.mapped.refused:
            self._mark(drifted)
            return

        asking = self.files.asking(drifted.name)
        can_follow = [self.following.can_follow(each.version, drifted) for each in asking]  # each that cannot is named
        if not all(can_follow):
            self.made.unread.append(drifted.name)  # or its base would be gone
        elif drifted.severity != "breaking" or self.allowed.in_place:
            self._store(drifted.name, drifted)
            for each in asking:
                self.following.follow(each, drifted)
            self._renew_records(drifted)
        elif self.allowed.add_versions and (name := self.versions.add(drifted, self._of_records(drifted.name))):
            self._store(name, drifted)
            self.former[drifted.name] = self.names.pop(drifted.name)
            self.names[name] = drifted.address
        else:
            self.made.left.append(drifted.name)

    def _mark(self, drifted: Drifted) -> None:
        """Keep what is stored of an operation that the API does not have any more, and say where it is used."""
        stored: Json = self.held.operations[drifted.name]
        if is_gone(stored):
            return
        marked = {**stored, "identity": {**stored["identity"], GONE: True}}
        self.made.files[self.held.file_of(drifted.name)] = as_json(marked)
        self.made.renewed.append(drifted.name)
        told = f"calls {drifted.address}, which the API does not have any more"
        for each in self.files.asking(drifted.name):
            self.made.find(f"{self.files.place(each.version)}/{ROUTE}", each.line, told)
        for of in self._of_records(drifted.name):
            for each in self.files.asking_for_records(of.does):
                self.made.find(f"{self.files.place(each.version)}/{ROUTE}", each.line, f"{told} ({of.path})")

    def _store(self, name: str, drifted: Drifted) -> None:
        made = stored_of(self.found.catalogue.mapper, drifted.now)
        self.made.files[self.held.file_of(name)] = as_json(made)
        self.made.renewed.append(name)

    def _of_records(self, name: str) -> list[OfRecords]:
        """Return the objects of which an operation is one, as any version of their modules has it."""
        found = []
        for path, each in self.held.resources.items():
            tables = [each["operations"], *each.get("versions", {}).values()]
            does = [does for table in tables for does, known in table.items() if known == name]
            found += [OfRecords(path, each["key"], one) for one in dict.fromkeys(does)]
        return found

    def _renew_records(self, drifted: Drifted) -> None:
        for of in self._of_records(drifted.name):
            for each in self.files.asking_for_records(of.does):
                if self.held.operation_of(of.path, of.does, each.of) == drifted.name:
                    self.following.follow_records(each, drifted, of)

    def _about(self) -> dict[str, object]:
        """Return what is stored of the API itself, as it is now, as far as that may be taken."""
        mapper, about = self.found.catalogue.mapper, dict(self.held.about)
        info = mapper.description.root.part("info")
        about |= {"title": info.text("title")[:200], "version": str(info.mapping.get("version", ""))[:100]}
        about |= {"description_version": mapper.description.version, "mapper": MAPPER}
        about |= {"headers": dict(mapper.version_headers), "known": sorted(each.address for each in mapper.operations)}
        about |= {"operations": dict(sorted(self.names.items()))}
        about |= {"former": dict(sorted(self.former.items()))} if self.former else {}
        access = [each.difference for each in self.found.api if each.rule == "DIF013"]
        if access and not self.allowed.accept_server:
            self.made.left_of_api += [each.aspect for each in access]
            return about

        if access:
            move_client(self.connector, self.found, self.files, self.made)
            moved = [each.after for each in access if each.aspect == "server"]
            about |= {"server": moved[0]} if moved else {}
            about |= {"security": self.found.scheme.stored if self.found.scheme else None}
        return about | {"servers": servers_of(mapper.description)}
