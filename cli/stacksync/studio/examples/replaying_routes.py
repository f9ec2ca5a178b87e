"""The examples of a module as tests see them: a list with what came of each, and all of them run."""

from typing import Any

from flask import Blueprint, render_template

from stacksync.dev.environment.dot_env import secret_values
from stacksync.studio.examples.files import names_of
from stacksync.studio.examples.replaying import Replayed, replay_all
from stacksync.studio.form.routes import folder_of
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return what lists and runs examples."""
    blueprint = Blueprint("replaying", __name__, url_prefix="/m/<module>/<version>/replays")
    kept: dict[str, tuple[Any, dict[str, Replayed]]] = {}  # with the state of the connector that it is true of

    @blueprint.get("")
    def listed(module: str, version: str) -> str:
        folder = folder_of(workspace, module, version)
        state, found = kept.get(folder.module_path, (None, {}))
        known = found if state is workspace.session.state else {}
        return _panel([known.get(name, Replayed(name)) for name in names_of(folder)])

    @blueprint.post("")
    def run(module: str, version: str) -> str:
        folder = folder_of(workspace, module, version)
        secrets = workspace.connections.secrets() | secret_values(workspace.connector.root)
        state, replayed = workspace.session.state, replay_all(workspace.session, folder, secrets)
        kept[folder.module_path] = state, {each.name: each for each in replayed}
        return _panel(replayed)

    return blueprint


def _panel(replayed: list[Replayed]) -> str:
    count = {name: sum(each.outcome == name for each in replayed) for name in ("passed", "failed", "not run")}
    said = ", ".join(f"{number} {name}" for name, number in count.items() if number)
    return render_template("panels/replays.html", replayed=replayed, said=said)
