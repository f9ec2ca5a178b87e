"""The modules of a connector as `stacksync list` shows them, read from their files."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.plain_files import read_plain, read_plain_text
from stacksync.routes import Route, parse_python, read_routes
from stacksync.runtime import discovery, forms, yaml_file

if TYPE_CHECKING:
    from src.runtime.discovery import VersionFolder


@dataclass(frozen=True)
class Listed:
    """One version of a module.

    Args:
        module: The module's folder.
        version: The version's folder; None where the module has none that is found.
        name: What users see.
        routes: The URLs it answers.
        content_objects: The lists of choices that its form asks for or its code answers.
        problem: Why it is not served as it should be, and where; None when all is well.
        link: Where its folder really is; None where it stands in the connector itself.
    """

    module: str
    version: str | None
    name: str
    routes: list[str]
    content_objects: list[str]
    problem: str | None = None
    link: str | None = None


def list_modules(connector: Connector) -> list[Listed]:
    """Return every version of every module, sorted as the runtime sorts them.

    Raises:
        StacksyncError: The modules directory is not where app_config.yaml says.
    """
    connector.require_modules_dir()
    urls = [version.url_base for version in connector.versions]
    listed = [_listed(connector, version, shared=urls.count(version.url_base) > 1) for version in connector.versions]
    return sorted([*listed, *_without_version(connector)], key=lambda entry: entry.module)


def _listed(connector: Connector, version: "VersionFolder", *, shared: bool) -> Listed:
    shown, problems, links = connector.relative(version.path), [], list[str]()
    if not version.route_files:
        problems.append(f"{shown}: there is no route file, so nothing answers")
    if link := connector.link_to(version.path):
        links.append(f"{connector.relative(link)} is a link to {link.readlink()}")
    if shared:
        problems.append(f"{shown}: another folder has the URL {version.url_base} too")

    def read(file: Path, reader: Callable[[Path], list[Any]]) -> list[Any]:
        try:
            return reader(file) if file.exists() else []
        except (OSError, ValueError, RecursionError, SyntaxError, yaml_file.YamlFileError, forms.FormError) as error:
            problems.append(_problem(file, connector.relative(file), error))
            return []

    read(version.path / discovery.CONFIG_FILE, _check_config)
    asked = read(version.path / discovery.SCHEMA_FILE, _content_asked)
    answered = [route for file in version.route_files for route in read(file, _routes)]
    paths = [*(route.path for route in answered), *(["/schema"] if version.has_schema else [])]
    return Listed(
        module=version.module,
        version=version.version,
        name=version.metadata(connector.app_type)["module_name"],
        routes=[version.url_base + path for path in dict.fromkeys(paths)],
        content_objects=list(dict.fromkeys([*asked, *(route.content for route in answered if route.content)])),
        problem=next(iter(problems), None),
        link=next(iter(links), None),
    )


def paths_of(version: "VersionFolder") -> list[str]:
    """Return what the readable route files of a version answer, each the part of a URL after the version."""
    paths: list[str] = []
    for file in version.route_files:
        with suppress(OSError, ValueError, RecursionError, SyntaxError):
            paths += [route.path for route in _routes(file)]
    return paths


def _without_version(connector: Connector) -> Iterator[Listed]:
    found = {version.module for version in connector.versions}
    folders = connector.modules_dir.iterdir() if connector.modules_dir.is_dir() else ()
    for folder in folders:
        if folder.is_dir() and folder.name not in {"__pycache__", *found} and folder.name[0] != ".":
            problem = (
                f"{connector.relative(folder)}: holds no version folder, such as v1, with a route file or a schema"
            )
            yield Listed(folder.name, None, folder.name, [], [], problem)


def _check_config(file: Path) -> list[str]:
    yaml_file.read_yaml(file)
    return []


def _content_asked(file: Path) -> list[str]:
    form = forms.read_form(json.loads(read_plain_text(file)))
    return [wanted.id for wanted in form.content_objects()]


def _routes(file: Path) -> list[Route]:
    return read_routes(parse_python(read_plain(file)))


def _problem(file: Path, shown: str, error: Exception) -> str:
    """Say what keeps a file from being read, as FILE:LINE: FAULT."""
    if isinstance(error, yaml_file.YamlFileError):
        return str(error).replace(str(file), shown)

    fault: Any = getattr(error, "msg", None) or getattr(error, "strerror", None) or str(error)
    return f"{shown}:{getattr(error, 'lineno', None) or 1}: {fault}"
