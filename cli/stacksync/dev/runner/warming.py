"""Import beforehand what the connector will import: it is most of the time that a start takes."""

import importlib
import os
import site
import sys
import sysconfig
from collections.abc import Iterable

# Before the first start, when nobody knows yet what the connector imports. What is not installed is passed over.
USUAL = ("flask", "requests", "werkzeug.serving", "yaml")


def warm(names: Iterable[str]) -> None:
    """Import the modules that can be imported; why others cannot is the connector's to find out."""
    for name in names:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit):  # noqa: BLE001, PERF203 - a package may do anything
            continue


def imported() -> list[str]:
    """Return which installed modules are imported, Python's own included: not what somebody may be working on."""
    folders = tuple(f"{folder}{os.sep}" for folder in _installed_in())
    files = ((name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()))
    return [name for name, file in files if isinstance(file, str) and file.startswith(folders)]


def _installed_in() -> set[str]:
    named = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders = {*named, *site.getsitepackages(), site.getusersitepackages()}
    return folders | {os.path.realpath(folder) for folder in folders}
