"""A page with two versions of a module beside each other."""

from flask import Blueprint, render_template

from stacksync.studio.form.routes import folder_of
from stacksync.studio.versions.rows import beside
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return the page."""
    blueprint = Blueprint("versions", __name__)

    @blueprint.get("/m/<module>/<version>/beside/<other>")
    def page(module: str, version: str, other: str) -> str:
        folders = [folder_of(workspace, module, each) for each in (version, other)]
        before, after = [workspace.schemas.read(folder) for folder in folders]
        return render_template(
            "versions.html",
            module=module,
            versions=(version, other),
            found=beside(before.form, after.form),
            problems=[each.problem for each in (before, after) if each.problem],
        )

    return blueprint
