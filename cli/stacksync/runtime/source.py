"""The runtime's source, in the template that the command carries.

A connector needs Flask to serve, and the package `src.runtime` imports it. What reads connectors and forms does not, so
it is imported here without that package's `__init__.py`, from where the template lies: in the wheel, or in the checkout
that this file is part of.
"""

import importlib
import logging
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

_PACKAGE = Path(__file__).parents[1]
_TEMPLATES = [_PACKAGE / "_template" / "template", _PACKAGE.parents[1] / "template"]  # installed, or a checkout

TEMPLATE = next(folder for folder in _TEMPLATES if folder.is_dir())

# A name of its own: `src` is that of connectors, whose own runtime may be imported into the same process by tests.
_NAME = "_stacksync_runtime"


def load(face: str) -> ModuleType:
    """Import a module of the runtime."""
    if _NAME not in sys.modules:
        # What the runtime would log of a connector is reported by the commands, in their words.
        logging.getLogger("stacksync").addHandler(logging.NullHandler())
        sys.modules[_NAME] = module_from_spec(_package())
    return importlib.import_module(f"{_NAME}.{face}")


def exported(face: str) -> dict[str, object]:
    """Return what a module of the runtime exports, by name."""
    module = load(face)
    return {name: getattr(module, name) for name in module.__all__}


def _package() -> ModuleSpec:
    spec = ModuleSpec(_NAME, None, is_package=True)
    spec.submodule_search_locations = [str(TEMPLATE / "src" / "runtime")]
    return spec
