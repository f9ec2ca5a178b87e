"""Find the hooks: plain Python that runs around a render, each file one `run` function."""

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent
_FOLDERS = [_PACKAGE / "_hooks", _PACKAGE.parents[1] / "hooks"]  # installed, or a checkout


def hook(name: str) -> Callable[..., Any]:
    """Return the `run` function of `hooks/NAME.py`."""
    path = next(folder / f"{name}.py" for folder in _FOLDERS if folder.is_dir())
    spec = spec_from_file_location(f"stacksync_hooks.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    run: Callable[..., Any] = module.run
    return run
