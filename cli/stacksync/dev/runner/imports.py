"""Do something with a module as soon as somebody imports it."""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def when_imported(name: str, act: Callable[[ModuleType], None], *, wait: bool = True) -> None:
    """Act on a module: now if it is imported, or else when it will be.

    Args:
        wait: Whether to wait for the import.
    """
    module = sys.modules.get(name)
    if module is not None:
        act(module)
    elif wait:
        sys.meta_path.insert(0, _Finder(name, act))


class _Finder(MetaPathFinder):
    """Finds one module as the others do, and acts when it was executed; then it is gone."""

    def __init__(self, name: str, act: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._act = act

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the others find, for the one name."""
        if fullname != self._name:
            return None

        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        loader = spec.loader if spec else None
        if loader is None:
            return spec

        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._act(module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
