"""Import `main:app`, and find out which of its modules did not make it."""

import importlib
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from .load_errors import ErrorDescriber, load_error

MAIN = "main.py"

RouteFiles = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class LoadedApp:
    """What came of loading: no application means that nothing can be served.

    Args:
        modules: The versions that are served, as `<module>/<version>`.
        rereads_forms: Whether a saved form is served without a restart.
    """

    app: Any = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    rereads_forms: bool = True
    modules: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ImportErrors:
    """What went wrong in files and modules, although loading as a whole went on."""

    by_file: dict[Path, BaseException] = field(default_factory=dict)
    by_module: dict[str, BaseException] = field(default_factory=dict)


def load(describer: ErrorDescriber, route_files: RouteFiles) -> LoadedApp:
    """Import the application.

    Args:
        describer: Describes what goes wrong.
        route_files: The files from which each version, `create_contacts/v1`, is expected to be loaded.
    """
    if not (describer.root / MAIN).is_file():
        return LoadedApp(errors=[load_error("there is no main.py, and `main:app` is what is served", None, None)])

    sys.path.insert(0, str(describer.root))
    with _watched() as failed:
        try:
            main = importlib.import_module("main")
        except BaseException as error:  # noqa: BLE001 - main.py may do anything
            return LoadedApp(errors=[describer.describe(error)])
    if not callable(app := getattr(main, "app", None)):
        return LoadedApp(errors=[load_error("there is no `app`, and `main:app` is what is served", MAIN, 1)])

    runtime = getattr(app, "extensions", {}).get("stacksync")
    if runtime is None:
        errors = list(_errors_of_sdk(app, describer, failed, route_files))
        return LoadedApp(app, errors, modules=_without_errors(route_files, errors))

    errors, found = list(_errors_of_runtime(runtime, describer, failed)), (each.module_path for each in runtime.folders)
    return LoadedApp(app, errors, runtime.config.is_development, _without_errors(found, errors))


def _without_errors(modules: Iterable[str], errors: list[dict[str, Any]]) -> list[str]:
    broken = {error["module"] for error in errors}
    return [module for module in modules if module not in broken]


def _errors_of_runtime(runtime: Any, describer: ErrorDescriber, failed: ImportErrors) -> Iterator[dict[str, Any]]:
    for folder in runtime.folders:
        if folder.url_base in runtime.failed:
            unknown = RuntimeError("it failed to load; the log says why")
            yield describer.describe(failed.by_module.get(folder.module_path, unknown), folder.module_path)


def _errors_of_sdk(
    app: Any, describer: ErrorDescriber, failed: ImportErrors, route_files: RouteFiles
) -> Iterator[dict[str, Any]]:
    """Find the modules that Stacksync's own SDK passed over: it prints an error of a route file, and goes on."""
    told, modules = [], _modules_by_file(describer.root, route_files)
    for file, error in failed.by_file.items():
        module = modules.get(os.path.realpath(file))
        if module:
            found = describer.describe(error, module)
            yield from [] if found in told else [found]
            told.append(found)

    broken = {found["module"] for found in told}
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    for module, names in route_files.items():
        if module not in broken and not any(rule.startswith(f"/{module}/") for rule in rules):
            yield load_error("none of its routes is served: does it use the `router` of main.py?", names[0], 1, module)


def _modules_by_file(root: Path, route_files: RouteFiles) -> dict[str, str]:
    return {os.path.realpath(root / name): module for module, names in route_files.items() for name in names}


@contextmanager
def _watched() -> Iterator[ImportErrors]:
    """Note which files raise while they are imported, and which modules the runtime logs as failed."""
    failed, execute = ImportErrors(), SourceFileLoader.exec_module

    def watched(loader: SourceFileLoader, module: ModuleType) -> None:
        try:
            execute(loader, module)
        except BaseException as error:
            failed.by_file[Path(loader.path)] = error
            raise

    handler, logger = _Failures(failed.by_module), logging.getLogger("stacksync.loading")
    SourceFileLoader.exec_module = watched  # type: ignore[method-assign, assignment]
    logger.addHandler(handler)
    try:
        yield failed
    finally:
        SourceFileLoader.exec_module = execute  # type: ignore[method-assign]
        logger.removeHandler(handler)


class _Failures(logging.Handler):
    """Takes the exception out of each record about a module that failed to load."""

    def __init__(self, by_module: dict[str, BaseException]) -> None:
        super().__init__(logging.ERROR)
        self._by_module = by_module

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] and isinstance(record.args, tuple) and record.args:
            self._by_module[str(record.args[0])] = record.exc_info[1]
