"""The description of our own that most of these tests import, and those of real APIs where they are at hand."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.description import Description, read_description
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.importing import READER
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.openapi.resources import resources_of, stored

HERE = Path(__file__).parent
LIBRARY = HERE / "descriptions/library.yaml"
REAL = sorted(
    file for file in (HERE.parents[2] / "shared" / "openapi").glob("*.*") if file.suffix in (".json", ".yaml")
)
# With it set, every operation of every description is tried, twenty bodies each, and modules are made of them all.
SWEEP = "STACKSYNC_TEST_SWEEP"
IS_SWEPT = bool(os.environ.get(SWEEP))
SOME = REAL if IS_SWEPT else [file for file in REAL if file.stem in ("museum", "paypal-orders", "xero-projects")]


@pytest.fixture(scope="session")
def library() -> Description:
    return read_description(str(LIBRARY))


@pytest.fixture(scope="session")
def mapped(library: Description) -> dict[str, Mapped]:
    """Return what each operation of the library becomes, by its id."""
    return {each.operation.id: each for each in Mapper(library).all()}


@dataclass(frozen=True)
class Reader:
    """What an import brings to a connector, with the operations of any description beside it."""

    folder: Path

    def store(self, catalogue: Catalogue, name: str) -> None:
        """Store the operations and resources of a description, as an import does."""
        place = self.folder / name
        place.mkdir()
        for operation in catalogue.operations:
            held = catalogue.mapped(operation, catalogue.proposals(operation)).stored
            (place / f"{catalogue.names[operation.address]}.json").write_text(json.dumps(held))
        (place / "resources.json").write_text(json.dumps(stored(resources_of(catalogue), catalogue)))

    @property
    def records(self) -> Any:
        """The class of the modules for records."""
        return import_module("imported_api.records").Records

    def operation(self, api: str, name: str) -> Any:
        """Return an operation that is stored."""
        return import_module("imported_api.operations").operation(api, name)


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Return the reader as a connector has it, but for the name of its package."""
    folder = tmp_path_factory.mktemp("connector")
    shutil.copytree(READER, folder / "imported_api", ignore=shutil.ignore_patterns("__pycache__"))
    sys.path.insert(0, str(folder))
    yield Reader(folder / "imported_api")
    sys.path.remove(str(folder))
