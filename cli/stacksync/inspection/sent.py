"""Where what is sent to a connector holds no credentials: webhooks, and modules whose form asks for none."""

import ast
from collections.abc import Iterator

from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.secret_values import is_secret_name
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import Function, descend
from stacksync.inspection.version import Version
from stacksync.modules.routes import read_routes

# What the platform calls; every other path is called by somebody else.
_PLATFORM = ("/execute", "/content", "/schema")


def calls_without_credentials(survey: Survey, source: PythonFile) -> frozenset[int]:
    """Return the ids of the calls in a file that run only where what was sent holds no credentials."""
    version = next((each for each in survey.versions if source.file.name.startswith(f"{each.name}/")), None)
    found = {id(call) for call in source.syntax.all(ast.Call)} if _lacks_credentials(survey, version) else set[int]()
    for function, path in _paths(source, version):
        inner = {id(node) for node in descend(function) if isinstance(node, ast.Call)}
        asked = _asked_by(survey, path)
        is_harmless = asked is None or _takes_none(asked)
        found = found | inner if is_harmless else found - inner
    return frozenset(found)


def _lacks_credentials(survey: Survey, version: Version | None) -> bool:
    versions = survey.versions if version is None else (version,)
    return bool(versions) and all(map(_takes_none, versions))


def _paths(source: PythonFile, version: Version | None) -> Iterator[tuple[Function, str]]:
    """Yield the functions that answer a path, each with the whole path."""
    base = version.folder.url_base if version else ""
    for route in read_routes(source.syntax.tree):
        yield route.handler, f"{base}/{route.path.removeprefix('/')}"


def _asked_by(survey: Survey, path: str) -> Version | None:
    """Return the version whose values the platform sends to a path; None where others call it."""
    base, _, last = path.replace(" ", "_").rpartition("/")
    is_asked = f"/{last}" in _PLATFORM
    return next((each for each in survey.versions if is_asked and each.folder.url_base == base), None)


def _takes_none(version: Version) -> bool:
    """Say whether a form asks for no connection and no secret; of one that only code makes, nobody knows."""
    form = version.form
    if form is None or form.connections is not None:
        return False

    return not any(field.type == "connection" or is_secret_name(field.id) for field in version.fields_and_changes)
