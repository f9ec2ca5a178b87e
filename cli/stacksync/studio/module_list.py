"""The modules as the left pane lists them: by category, each with its versions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from stacksync.connector import Connector

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder


@dataclass(frozen=True)
class ListedModule:
    """A module and its versions, oldest first.

    Args:
        name: Its folder.
        label: What users see.
    """

    name: str
    label: str
    category: str
    versions: tuple["VersionFolder", ...]

    @property
    def words(self) -> str:
        """Return what it is found by."""
        return " ".join((self.label, self.name, self.category, *(each.version for each in self.versions))).lower()


def by_category(connector: Connector) -> dict[str, list[ListedModule]]:
    """Return the modules under their categories, both in the order of the alphabet."""
    found = defaultdict[str, list[ListedModule]](list)
    for module in sorted(_modules(connector), key=lambda each: (each.category.lower(), each.label.lower(), each.name)):
        found[module.category].append(module)
    return dict(found)


def label_of(connector: Connector, folder: "VersionFolder") -> str:
    """Return what users see of a version; a copy's name ends with its version, which Studio shows beside it."""
    label = str(folder.metadata(connector.app_type)["module_name"])
    return label.removesuffix(f" ({folder.version})")


def _modules(connector: Connector) -> Iterable[ListedModule]:
    for name, folders in groupby(connector.versions, attrgetter("module")):
        versions = tuple(folders)
        newest = versions[-1]
        category = str(newest.metadata(connector.app_type)["module_category"])
        yield ListedModule(name, label_of(connector, newest), category, versions)
