"""Import route files under their dotted names, all of a version or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask

from .discovery import VersionFolder
from .module import Module


class RouteFileFinder:
    """Tell Python where route files are, for their dotted names may be such as no import statement could spell."""

    def __init__(self, folders: Iterable[VersionFolder], loader: type[SourceFileLoader]) -> None:
        self.loader = loader
        self.files: dict[str, Path] = {}
        self.packages: dict[str, Path] = {}
        for folder in folders:
            self.files |= folder.route_names()
            self.packages |= {folder.package: folder.path, folder.package.rpartition(".")[0]: folder.path.parent}

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Find a route file, or a folder that one lies in."""
        file = self.files.get(fullname)
        if file is not None:
            return spec_from_file_location(fullname, file, loader=self.loader(fullname, str(file)))

        folder = self.packages.get(fullname)
        return None if folder is None else _package_spec(fullname, folder)


def prepare(folders: Iterable[VersionFolder], loader: type[SourceFileLoader]) -> None:
    """Make the folders importable, and forget what an earlier application imported from them."""
    finder = RouteFileFinder(folders, loader)
    others = [other for other in sys.meta_path if not isinstance(other, RouteFileFinder)]
    sys.meta_path[:] = [finder, *others]
    for name in (*finder.files, *finder.packages):
        sys.modules.pop(name, None)


def load(folder: VersionFolder, app: Flask) -> list[Module]:
    """Import the route files of one version and register the modules that they define.

    Raises:
        Exception: Whatever a route file raised, or Flask about its rules; nothing of the version stays imported. Rules
            that `app` took before cannot be taken back: a failed version's URLs are refused before they are looked up.
    """
    before = set(sys.modules)
    try:
        files = [import_module(name) for name in folder.route_names()]
        modules = [module for file in files for module in _modules_in(file)]
        for module in modules:
            app.register_blueprint(module)
        _refuse_shared_paths(app, modules)
    except BaseException:
        for name in set(sys.modules) - before:
            if name == folder.package or name.startswith(f"{folder.package}."):
                del sys.modules[name]
        raise

    return modules


def _refuse_shared_paths(app: Flask, modules: list[Module]) -> None:
    """Raise when two route files of a version answer the same path: which of them would is nobody's choice.

    Raises:
        RuntimeError: Two do; it names both.
    """
    owners = {module.name: Path(str(sys.modules[module.import_name].__file__)) for module in modules}
    claims: dict[tuple[str, str], Path] = {}
    for rule in app.url_map.iter_rules():
        owner = owners.get(rule.endpoint.rpartition(".")[0])
        if owner is None:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            first = claims.setdefault((rule.rule, method), owner)
            if first != owner:
                raise RuntimeError(f"{first} and {owner} both answer {method} {rule.rule}; leave it to one of them")


def _package_spec(fullname: str, folder: Path) -> ModuleSpec | None:
    init = folder / "__init__.py"
    if init.is_file():
        return spec_from_file_location(fullname, init, submodule_search_locations=[str(folder)])

    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec


def _modules_in(file: ModuleType) -> Iterable[Module]:
    own = (value for value in vars(file).values() if isinstance(value, Module) and value.import_name == file.__name__)
    return {id(module): module for module in own}.values()
