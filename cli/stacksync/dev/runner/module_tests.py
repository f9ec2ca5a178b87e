"""Run the tests of one module with the connector's interpreter: `python module_tests.py MODULE FOLDER ARGUMENT...`.

They are those in its folder, and of those that hold for every module the cases that are about it: the examples are
replayed by one of them.
"""

import sys
from pathlib import Path
from typing import Any


class ModuleTests:
    """A pytest plugin that leaves out the tests of other modules.

    Args:
        module: The module's name.
        folder: Its folder.
    """

    def __init__(self, module: str, folder: Path) -> None:
        self._module = module
        self._folder = folder

    def pytest_collection_modifyitems(self, config: Any, items: "list[Any]") -> None:
        """Keep what is about the module."""
        others = [item for item in items if not self._is_about_it(item)]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]

    def _is_about_it(self, item: Any) -> bool:
        if self._folder in item.path.parents:
            return True

        # `version` of src.runtime.testing: the folder of one version of one module.
        version = getattr(getattr(item, "callspec", None), "params", {}).get("version")
        return getattr(version, "module", None) == self._module


def main(module: str, folder: str, *arguments: str) -> int:
    """Run them, and return pytest's exit code."""
    import pytest

    return int(pytest.main(list(arguments), plugins=[ModuleTests(module, Path(folder))]))


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # as `python -m pytest` has it; this folder is no part of the connector
    sys.exit(main(*sys.argv[1:]))
