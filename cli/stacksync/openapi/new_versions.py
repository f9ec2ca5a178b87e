"""New versions of modules, for operations that changed in a way that breaks stored workflows.

The old version keeps what is stored of the operation, so its workflows send what they sent.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stacksync.connector import Connector
from stacksync.modules.copying import files_in, plan_copy, write_copy
from stacksync.openapi.drift import Drift, Drifted
from stacksync.openapi.following import Following, OfRecords, Target
from stacksync.openapi.module_files import Asking, ModuleFiles, newest
from stacksync.openapi.record_modules import RecordModule
from stacksync.openapi.renewal import Renewal

_NUMBER = re.compile(r"_v[0-9]+$")


class NewVersions:
    """The versions that one update adds: one for each module, however many of its operations changed."""

    def __init__(
        self, connector: Connector, files: ModuleFiles, following: Following, found: Drift, made: Renewal
    ) -> None:
        self._connector, self._files, self._following, self._made = connector, files, following, made
        self._held, self._catalogue = found.held, found.catalogue
        # The folder of the copy, by the folder of the version that is copied.
        self._copies: dict[str, str] = {}
        # By the folder of a copy: which operations of which objects are its own.
        self._own: dict[str, dict[str, dict[str, str]]] = {}

    def add(self, drifted: Drifted, objects: list[OfRecords]) -> str:
        """Give each module that asks for an operation a version for it as it is now.

        Returns:
            The name that the operation is to be stored by; "" where no module asks for it.
        """
        of_records = [(each, one) for each in objects for one in newest(self._files.asking_for_records(each.does))]
        of_records = [(each, one) for each, one in of_records if self._is_of(each, one, drifted.name)]
        actions = newest(self._files.asking(drifted.name))
        if not actions and not of_records:
            return ""

        places = [self._copy(each) for each in [*actions, *(one for _, one in of_records)]]
        name = self._name(drifted.name, Path(places[0]).name)
        for asking in actions:
            self._following.follow(asking, drifted, Target(self._copy(asking), name))
        for each, asking in of_records:
            place = self._copy(asking)
            self._own_of(asking, place, each.does).setdefault(each.path, {})[each.does] = name
            self._following.follow_records(asking, drifted, each, Target(place, name))
        return name

    def _is_of(self, each: OfRecords, asking: Asking, name: str) -> bool:
        return self._held.operation_of(each.path, each.does, asking.of) == name

    def _name(self, name: str, version: str) -> str:
        """Return a name that no operation was ever stored by, or would be."""
        former = self._held.about.get("former", {})
        taken = {*self._held.known_names, *self._catalogue.names.values()}
        plain, number = _NUMBER.sub("", name), int(version.removeprefix("v"))
        plain = plain if plain in former else name
        while f"{plain}_v{number}" in taken:
            number += 1
        return f"{plain}_v{number}"

    def _copy(self, asking: Asking) -> str:
        """Return the folder of the copy of a version, of which all files are to be written."""
        source = self._files.place(asking.version)
        if source in self._copies:
            return self._copies[source]

        copy = plan_copy(self._connector, asking.version.module, asking.version.version)
        place = self._copies[source] = self._connector.relative(copy.target)
        with TemporaryDirectory(prefix="stacksync-") as folder:
            draft = Path(folder) / copy.target.name
            write_copy(copy, draft)
            for file in files_in(draft):
                if file.is_file() and not file.is_symlink():
                    self._made.files[f"{place}/{file.relative_to(draft).as_posix()}"] = file.read_bytes()
        self._made.versions.append(f"{asking.version.module}/{copy.target.name}")
        return place

    def _own_of(self, asking: Asking, place: str, does: str) -> dict[str, dict[str, str]]:
        """Return which operations of which objects are a copy's own; its code comes to ask for those."""
        if place in self._own:
            return self._own[place]

        self._own[place] = {}
        for path, each in self._held.resources.items():  # what the version that is copied has of its own
            inherited = each.get("versions", {}).get(asking.of, {}).get(does)
            if inherited:
                self._own[place][path] = {does: inherited}
        asked = RecordModule(self._held.name, does, version=Path(place).name).asked
        self._following.ask(asking, place, f"Records({asked})")
        return self._own[place]

    def resources(self) -> dict[str, Any]:
        """Return the objects, with the operations that new versions of modules have for themselves."""
        found = {path: dict(each) for path, each in self._held.resources.items()}
        for place, own in self._own.items():
            version = Path(place).name
            for path, operations in own.items():
                versions = dict(found[path].get("versions", {}))
                versions[version] = {**versions.get(version, {}), **operations}
                found[path]["versions"] = versions
        return found
