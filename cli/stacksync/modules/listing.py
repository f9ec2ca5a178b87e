"""The modules of a connector as `stacksync list` shows them, read from their files."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.modules.routes import answered, parse_python
from stacksync.modules.states import FAULT, NOT_LOADED, OK
from stacksync.plain_files import read_plain, read_plain_text
from stacksync.runtime import JsonError, YamlFileError, decode, forms, read_yaml

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder


@dataclass(frozen=True)
class Listed:
    """One version of a module.

    Args:
        module: The module's folder.
        version: The version's folder.
        name: What users see.
        routes: The URLs it answers.
        content_objects: The lists of choices that its form asks for or its code answers.
        problem: Why it is not served as it should be, and where; None when nothing is known against it.
        link: Where its folder really is; None where it stands in the connector itself.
        is_loaded: Whether it was imported, and that went well.
    """

    module: str
    version: str
    name: str
    routes: list[str]
    content_objects: list[str]
    problem: str | None = None
    link: str | None = None
    is_loaded: bool = False

    @property
    def state(self) -> str:
        """Whether it is served, as far as is known."""
        if self.problem:
            return FAULT

        return OK if self.is_loaded else NOT_LOADED


def loaded_modules(connector: Connector) -> list[Listed]:
    """Return every version as `list_modules` does, after the connector was loaded in its environment.

    Raises:
        StacksyncError: The modules directory is not where app_config.yaml says, or there is no environment.
    """
    from stacksync.modules.loading import load  # with all that starts processes

    listed, done = list_modules(connector), load(connector)
    problems = (done.problem_of(f"{entry.module}/{entry.version}") for entry in listed)
    return [
        replace(entry, problem=problem or entry.problem, is_loaded=problem is None)
        for entry, problem in zip(listed, problems, strict=True)
    ]


def list_modules(connector: Connector) -> list[Listed]:
    """Return every version of every module, sorted as the runtime sorts them; nothing of the connector is run.

    Raises:
        StacksyncError: The modules directory is not where app_config.yaml says.
    """
    connector.require_modules_dir()
    urls = [version.url_base for version in connector.versions]
    return [_listed(connector, version, shared=urls.count(version.url_base) > 1) for version in connector.versions]


def _listed(connector: Connector, version: "VersionFolder", *, shared: bool) -> Listed:
    shown, problems, links = connector.relative(version.path), [], list[str]()
    if link := connector.link_to(version.path):
        links.append(f"{connector.relative(link)} is a link to {link.readlink()}")
    if shared:
        problems.append(f"{shown}: another folder has the URL {version.url_base} too")

    def read(file: Path, reader: Callable[[Path], list[Any]]) -> list[Any]:
        try:
            return reader(file) if file.exists() else []
        except (OSError, ValueError, RecursionError, SyntaxError, YamlFileError, forms.FormError) as error:
            problems.append(_problem(file, connector.relative(file), error))
            return []

    read(version.path / connector.layout.config_file, _check_python if version.by_name else _check_config)
    asked = read(version.schema_path, _content_asked) if version.has_schema else []
    routes = [route for file in version.route_files for route in read(file, partial(_answered, version))]
    paths = [*(path for path, _ in routes), *(["/schema"] if version.has_schema else [])]
    return Listed(
        module=version.module,
        version=version.version,
        name=version.metadata(connector.app_type)["module_name"],
        routes=[version.url_base + path for path in dict.fromkeys(paths)],
        content_objects=list(dict.fromkeys([*asked, *(content for _, content in routes if content)])),
        problem=next(iter(problems), None),
        link=next(iter(links), None),
    )


def paths_of(version: "VersionFolder") -> list[str]:
    """Return what the readable route files of a version answer, each the part of a URL after the version."""
    paths: list[str] = []
    for file in version.route_files:
        with suppress(OSError, ValueError, RecursionError, SyntaxError):
            paths += [path for path, _ in _answered(version, file)]
    return paths


def _check_config(file: Path) -> list[str]:
    read_yaml(file)
    return []


def _check_python(file: Path) -> list[str]:
    parse_python(read_plain(file))
    return []


def _content_asked(file: Path) -> list[str]:
    form = forms.read_form(decode(read_plain_text(file)))
    return [wanted.id for wanted in form.content_objects()]


def _answered(version: "VersionFolder", file: Path) -> list[tuple[str, str | None]]:
    return answered(parse_python(read_plain(file)), version.kind_of(file))


def _problem(file: Path, shown: str, error: Exception) -> str:
    """Say what keeps a file from being read, as FILE:LINE: FAULT."""
    if isinstance(error, YamlFileError):
        return str(error).replace(str(file), shown)

    fault: Any = error.reason if isinstance(error, JsonError) else None
    fault = fault or getattr(error, "msg", None) or getattr(error, "strerror", None) or str(error)
    return f"{shown}:{getattr(error, 'lineno', None) or 1}: {fault}"
