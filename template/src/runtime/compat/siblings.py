"""Let `import helper` in a route file find the helper.py beside it, and no other module's.

Stacksync's packages put each module's folder on sys.path, so helpers of the same name in two modules mix. Here the
imports of a route file look into its own folder first; what they find is imported under its dotted name.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

MARK = "__siblings__"
# What the files of a version imported from main.py by name.
ASKED_OF_MAIN = "__asked_of_main__"
NEVER_SIBLINGS = frozenset({*sys.stdlib_module_names, "main", "workflows_cdk", "stacksync_cdk"})


class SiblingLoader(SourceFileLoader):
    """Load a file whose imports see the files of its version folder, the package `scope`."""

    def __init__(self, fullname: str, path: str, scope: str | None = None) -> None:
        super().__init__(fullname, path)
        self.scope = scope or fullname.rpartition(".")[0]

    def exec_module(self, module: ModuleType) -> None:
        """Run the file with an `__import__` of its own."""
        for marked in (module, sys.modules[self.scope]):
            setattr(marked, MARK, self.scope)
        find = partial(_import, self.scope, _siblings(self.scope))
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": find}
        super().exec_module(module)


class SiblingFinder:
    """Give the helpers of a version folder the same loader, however they are imported."""

    @staticmethod
    def find_spec(fullname: str, path: Sequence[str] | None = None, _target: Any = None) -> ModuleSpec | None:
        """Find a file below a version folder; everything else is left to Python's own finders."""
        scope = getattr(sys.modules.get(fullname.rpartition(".")[0]), MARK, None)
        if scope is None:
            return None

        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = SiblingLoader(fullname, spec.loader.path, scope)
        return spec


def install() -> None:
    """Put the finder before Python's own, once."""
    if SiblingFinder not in sys.meta_path:
        sys.meta_path.insert(0, SiblingFinder)


def _siblings(scope: str) -> frozenset[str]:
    entries = [entry for folder in sys.modules[scope].__path__ for entry in Path(folder).iterdir()]
    return frozenset(entry.stem for entry in entries if _is_importable(entry)) - NEVER_SIBLINGS


def _is_importable(entry: Path) -> bool:
    return entry.suffix == ".py" or (entry.is_dir() and any(entry.glob("*.py")))


def _import(
    scope: str,
    siblings: frozenset[str],
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names of the function that it stands in for
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    top = name.partition(".")[0]
    if name == "main":
        vars(sys.modules[scope]).setdefault(ASKED_OF_MAIN, set()).update(fromlist or ())
    if level or top not in siblings:
        return builtins.__import__(name, globals, locals, fromlist or (), level)
    if fromlist:
        return builtins.__import__(f"{scope}.{name}", globals, locals, fromlist, 0)

    import_module(f"{scope}.{name}")
    return sys.modules[f"{scope}.{top}"]
