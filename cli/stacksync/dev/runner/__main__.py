"""Start the runner with any interpreter, in the connector's folder: `python <this folder>`."""

import importlib
import importlib.util
import os
import sys

NAME = "stacksync_runner"


def main() -> None:
    """Import this folder as a package of its own name, and work on what standard input orders."""
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - as Python wrote it into sys.path
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    spec = importlib.util.spec_from_file_location(
        NAME,
        os.path.join(folder, "__init__.py"),  # noqa: PTH118
        submodule_search_locations=[folder],
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder} is not complete")
    package = sys.modules[NAME] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    importlib.import_module(f"{NAME}.process").main()


if __name__ == "__main__":
    main()
