"""Import route files under their dotted names, all of a version or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import cast

from flask import Flask

from .discovery import VersionFolder
from .module import Module


def forget(folders: Iterable[VersionFolder]) -> None:
    """Drop what an earlier application imported from these folders."""
    for folder in folders:
        for name in (folder.package, *folder.route_names()):
            sys.modules.pop(name, None)


def load(folder: VersionFolder, loader: type[SourceFileLoader], trial: Flask) -> list[Module]:
    """Import the route files of one version and return the modules that they define.

    Args:
        folder: The version.
        loader: What imports its route files.
        trial: An application that takes the modules first, so that a refused route leaves nothing behind.

    Raises:
        Exception: Whatever a route file raised; nothing of the version stays imported.
    """
    before = set(sys.modules)
    try:
        _import_packages(folder)
        for name, file in folder.route_names().items():
            _import_file(name, file, loader)
        modules = [module for name in folder.route_names() for module in _modules_in(name)]
        for module in modules:
            trial.register_blueprint(module)
    except BaseException:
        for name in set(sys.modules) - before:
            if name == folder.package or name.startswith(f"{folder.package}."):
                del sys.modules[name]
        raise

    return modules


def _import_packages(folder: VersionFolder) -> None:
    _import_package(folder.package.rpartition(".")[0], folder.path.parent)
    _import_package(folder.package, folder.path)


def _import_package(name: str, path: Path) -> None:
    """Make `path` a package; its name may be one that no import statement could spell."""
    if name in sys.modules:
        return

    init = path / "__init__.py"
    if init.is_file():
        _import_file(name, init, SourceFileLoader, search=[str(path)])
        return

    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(path)]
    sys.modules[name] = module_from_spec(spec)


def _import_file(name: str, file: Path, loader: type[SourceFileLoader], search: list[str] | None = None) -> None:
    # A sibling may have imported it already.
    if name in sys.modules:
        return

    source = loader(name, str(file))
    spec = spec_from_file_location(name, file, loader=source, submodule_search_locations=search)
    module = sys.modules[name] = module_from_spec(cast("ModuleSpec", spec))
    source.exec_module(module)


def _modules_in(name: str) -> Iterable[Module]:
    values = vars(sys.modules[name]).values()
    return {id(value): value for value in values if isinstance(value, Module) and value.import_name == name}.values()
