"""Examples of a module: what is filled in, kept as a file that the connector's own tests send again."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from .connections import MASK
from .controls import Parsed, parse
from .form_routes import answer, folder_of, posted
from .history import Entry
from .secrecy import hidden, secrets_of
from .workspace import Workspace

if TYPE_CHECKING:
    from src.runtime.discovery import VersionFolder

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


def routes(workspace: Workspace) -> Blueprint:
    """Return what saves examples and fills the form with them."""
    blueprint = Blueprint("examples", __name__, url_prefix="/m/<module>/<version>/examples")

    @blueprint.get("")
    def listed(module: str, version: str) -> str:
        return render_template("panels/examples.html", examples=names(folder_of(workspace, module, version)))

    @blueprint.post("")
    def save(module: str, version: str) -> Response:
        folder = folder_of(workspace, module, version)
        form = workspace.schemas.read(folder).form
        data = parse(form, posted()).data
        file = file_of(folder, request.form.get("example", "").strip())
        filled = workspace.filled(form, data)
        secrets = workspace.connections.secrets() | secrets_of(form.fields, data)
        write(file, example(hidden({"data": filled}, secrets), newest(workspace, folder, data)))
        return jsonify(file=workspace.connector.relative(file))

    @blueprint.get("/<name>")
    def load(module: str, version: str, name: str) -> Response:
        folder = folder_of(workspace, module, version)
        data = read(file_of(folder, name))
        return answer(workspace, folder, workspace.schemas.read(folder), Parsed(data))

    return blueprint


def names(folder: "VersionFolder") -> list[str]:
    """Return the names of a version's examples of what it executes."""
    return [file.stem for file in sorted((folder.path / "examples").glob("*.json")) if NAME.fullmatch(file.stem)]


def file_of(folder: "VersionFolder", name: str) -> Path:
    """Return the file of an example; a name that is none is refused, with what a name may be."""
    if not NAME.fullmatch(name):
        abort(400, "Name the example with small letters, digits, _ and -.")
    return folder.path / "examples" / f"{name}.json"


def newest(workspace: Workspace, folder: "VersionFolder", data: dict[str, Any]) -> Entry | None:
    """Return the last run with this very input."""
    entries = workspace.history.of(folder.module_path)
    return next((each for each in entries if each.endpoint == "execute" and each.data == data), None)


def example(body: dict[str, Any], run: Entry | None) -> dict[str, Any]:
    """Return what an example's file holds: with the answer, when the input was run."""
    content = {"endpoint": "execute", "request": without_secrets(body)}
    if run is None or run.answer.status is None:
        return content
    try:
        return {**content, "status": run.answer.status, "reply": json.loads(run.reply)}
    except ValueError:
        return {**content, "status": run.answer.status}


def without_secrets(value: Any, name: str = "secret") -> Any:
    """Return JSON with `${name}` for each secret: the module's `tests/upstream.py` says what stands for it."""
    if isinstance(value, dict):
        return {key: without_secrets(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_secrets(inner, name) for inner in value]

    return f"${{{name}}}" if value == MASK else value


def write(file: Path, content: dict[str, Any]) -> None:
    """Write an example; one that is there stays."""
    file.parent.mkdir(exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError:
        abort(409, f"There is an example {file.stem} already: take another name.")


def read(file: Path) -> dict[str, Any]:
    """Return the input of an example."""
    try:
        data = json.loads(file.read_text("utf-8"))["request"]["data"]
    except FileNotFoundError:
        abort(404, f"There is no example {file.stem} any more.")
    except (OSError, ValueError, KeyError, TypeError):
        abort(409, f"examples/{file.name} holds no request with data.")
    filled = data.get("form_data", data) if isinstance(data, dict) else {}
    return filled if isinstance(filled, dict) else {}
