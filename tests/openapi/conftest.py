"""The description of our own that most of these tests import, and those of real APIs where they are at hand."""

import os
from pathlib import Path

import pytest

from stacksync.openapi.description import Description, read_description
from stacksync.openapi.mapping import Mapped, Mapper

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
