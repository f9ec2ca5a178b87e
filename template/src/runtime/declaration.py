"""Files of `tests/` in which a connector declares what it is developed with: a stand-in, the mask of cassettes."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


class DeclarationError(Exception):
    """A file declares nothing, or cannot be run."""


def run_declaration(file: Path, name: str) -> ModuleType:
    """Run a file of `tests/` that declares something, and return it as the module of a name.

    Raises:
        DeclarationError: It cannot be run; the text says why, and not where.
    """
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    declared = module_from_spec(spec)
    try:
        spec.loader.exec_module(declared)
    except Exception as error:
        raise DeclarationError(f"{type(error).__name__}: {error}") from error
    return declared
