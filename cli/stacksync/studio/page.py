"""The page itself: the modules, the form of one of them, and what is wrong with the connector."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template

from stacksync.runtime import forms
from stacksync.studio import overview
from stacksync.studio.examples.files import names_of
from stacksync.studio.form.controls import Input
from stacksync.studio.form.routes import draw, folder_of, wanted_content
from stacksync.studio.form.schemas import makes_form
from stacksync.studio.module_list import by_category, label_of
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.inspection.findings import Finding


def routes(workspace: Workspace) -> Blueprint:
    """Return what the browser opens."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def start() -> str:
        return render_template(
            "page.html",
            **_surroundings(workspace),
            folder=None,
            steps=overview.steps(workspace),
            shown_examples=overview.examples(workspace),
            runs=overview.runs(workspace),
        )

    @blueprint.get("/m/<module>/<version>")
    def page(module: str, version: str) -> str:
        folder = folder_of(workspace, module, version)
        schema = workspace.schemas.read(folder)
        filled = Input(forms.defaults_of(schema.form.fields))
        form = draw(workspace, schema, filled)
        return render_template(
            "page.html",
            **_surroundings(workspace),
            folder=folder,
            label=label_of(workspace.connector, folder),
            runs=[each for each in workspace.history.of(folder.module_path) if each.endpoint == "execute"],
            form=form,
            makes_form=makes_form(folder),
            wants_content=wanted_content(workspace, schema, filled),
            examples=names_of(folder),
        )

    @blueprint.get("/modules")
    def modules() -> str:
        return render_template("panels/modules.html", **_surroundings(workspace), folder=None)

    @blueprint.get("/errors")
    def errors() -> str:
        state = workspace.session.state
        unexplained = {"message": state["reason"] or "The connector does not start."}
        shown = state["errors"] or ([unexplained] if state["state"] == "failed" else [])
        return render_template("panels/errors.html", errors=shown)

    @blueprint.get("/problems")
    def problems() -> Response:
        return Response(render_template("panels/problems.html", findings=_findings(workspace)))

    return blueprint


def _surroundings(workspace: Workspace) -> dict[str, object]:
    connector = workspace.connector
    return {
        "connector": connector,
        "name": connector.app_name,
        "session": workspace.session,
        "categories": by_category(connector),
    }


def _findings(workspace: Workspace) -> "list[Finding]":
    from stacksync.inspection.inspection import inspect

    return list(inspect(workspace.connector.root).findings)
