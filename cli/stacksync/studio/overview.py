"""The first screen: what to do next, what there is to try, and what was run."""

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import url_for

from stacksync.dev.processes.load_errors import in_one_line
from stacksync.studio.examples.files import names_of
from stacksync.studio.form.routes import saved_connections
from stacksync.studio.module_list import label_of
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

MOST_EXAMPLES, MOST_RUNS, MOST_FAULTS = 8, 8, 3


@dataclass(frozen=True)
class Step:
    """Something to do next.

    Args:
        icon: How it is: something is wrong, it is done, or it comes next.
        title: What to do.
        about: Why, or where.
        address: The page where it is done.
    """

    icon: str
    title: str
    about: str
    address: str


@dataclass(frozen=True)
class Shown:
    """An example or a run of a module, and the page that shows it."""

    label: str
    module_path: str
    address: str
    name: str = ""
    run: HistoryEntry | None = None


def steps(workspace: Workspace) -> list[Step]:
    """Return what to do next: what keeps modules from being served first."""
    versions = {each.module_path: each for each in workspace.connector.versions}
    faults = [(versions[path], error) for path, error in workspace.session.errors.items() if path in versions]
    mend = [
        Step("warning", f"Mend {folder.module_path}", in_one_line(error), _page(folder))
        for folder, error in islice(faults, MOST_FAULTS)
    ]
    return [*mend, *_usual(workspace)]


def examples(workspace: Workspace) -> list[Shown]:
    """Return examples of all modules, each with the form that it fills in."""
    connector = workspace.connector
    found = (
        Shown(
            label_of(connector, folder),
            folder.module_path,
            _page(folder, example=name),
            name,
        )
        for folder in connector.versions
        for name in names_of(folder)
    )
    return list(islice(found, MOST_EXAMPLES))


def runs(workspace: Workspace) -> list[Shown]:
    """Return the newest runs of all modules that are still there."""
    connector = workspace.connector
    folders = {each.module_path: each for each in connector.versions}
    found = (
        Shown(
            label_of(connector, folder),
            run.module_path,
            _page(folder, _anchor=f"run-{run.number}"),
            run=run,
        )
        for run in workspace.history.newest()
        if run.endpoint == "execute" and (folder := folders.get(run.module_path))
    )
    return list(islice(found, MOST_RUNS))


def _usual(workspace: Workspace) -> list[Step]:
    versions = workspace.connector.versions
    if not versions:
        return []

    first = versions[0]
    has_run = any(each.endpoint == "execute" for each in workspace.history.newest())
    label = label_of(workspace.connector, first)
    run = Step(_done(has_run), "Run a module", f"Fill in a form and press Run, say {label}.", _page(first))
    return [*_connecting(workspace), run]


def _connecting(workspace: Workspace) -> list[Step]:
    """Return the step that saves a connection, at the first module that asks for one."""
    asking = next((each for each in workspace.connector.versions if _asks(workspace, each)), None)
    if asking is None:
        return []

    about = "It stays on this machine. Without an account: stacksync dev --stand-in."
    return [Step(_done(bool(saved_connections(workspace))), "Save a connection", about, _page(asking))]


def _asks(workspace: Workspace, folder: "VersionFolder") -> bool:
    form = workspace.schemas.read(folder).form
    return form.connections is not None or any(field.type == "connection" for field in form.walk())


def _done(is_done: bool) -> str:
    return "tick" if is_done else "next"


def _page(folder: "VersionFolder", **more: Any) -> str:
    return url_for("pages.page", module=folder.module, version=folder.version, **more)
