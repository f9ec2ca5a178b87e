"""A page with two versions of a module beside each other."""

from flask import Blueprint, render_template

from stacksync.comparison.settings import read_severities
from stacksync.comparison.severities import SAID
from stacksync.comparison.versions import FormOf, read_form_of
from stacksync.inspection.file_cache import FileCache
from stacksync.inspection.version import Version
from stacksync.reports.differences import message, values
from stacksync.studio.form.routes import folder_of
from stacksync.studio.versions.beside import beside, problems_of
from stacksync.studio.workspace import Workspace


def routes(workspace: Workspace) -> Blueprint:
    """Return the page."""
    blueprint = Blueprint("versions", __name__)

    def form_of(module: str, version: str) -> FormOf:
        folder = folder_of(workspace, module, version)
        name = workspace.connector.relative(folder.path)
        return read_form_of(Version(FileCache(workspace.connector), folder, name))

    @blueprint.get("/m/<module>/<version>/beside/<other>")
    def page(module: str, version: str, other: str) -> str:
        forms = form_of(module, version), form_of(module, other)
        found = beside(*forms, read_severities(workspace.connector.root))
        return render_template(
            "versions.html",
            module=module,
            versions=(version, other),
            found=found,
            problems=list(problems_of(found)),
            message=message,
            values=values,
            SAID=SAID,
        )

    return blueprint
