"""A small connector with nothing wrong, and what is found when files of it are others."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacksync.inspection.findings import Finding
from stacksync.inspection.inspection import inspect
from stacksync.inspection.selection import Selection

V1 = "src/modules/get_contacts/v1"
ROUTE, SCHEMA, CONFIG = f"{V1}/route.py", f"{V1}/schema.json", f"{V1}/module_config.yaml"
APP = "app_config.yaml"

APP_CONFIG = """\
app_settings:
  app_type: crm
  app_name: CRM
  routes_directory: src/modules
"""
MODULE_CONFIG = """\
module_settings:
  module_name: Get contacts
  module_description: Reads contacts.
"""
FORM: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "kind",
            "type": "string",
            "content": {"type": ["managed"], "content_objects": [{"id": "kinds"}]},
            "validation": {"pattern": ".*"},
        },
        {"id": "limit", "type": "integer", "default": 10, "validation": {"minimum": 1}, "disable_replacement": True},
    ],
    "ui_options": {"ui_order": ["kind", "limit"]},
}
CODE = """\
from src.runtime import Choice, Module, Request

module = Module(__name__)


@module.execute
def execute(request: Request) -> list[str]:
    return [request.data["kind"]] * request.data["limit"]


@module.content("kinds")
def kinds(request: Request) -> list[Choice]:
    return [Choice("contact", "Contact")]
"""
SDK_CODE = """\
from flask import request as flask_request
from main import router
from workflows_cdk import Request, Response


@router.route("/execute", methods=["POST"])
def execute():
    data = Request(flask_request).data
    return Response(data=[data.get("kind")] * data["limit"])


@router.route("/content", methods=["POST"])
def content():
    request = Request(flask_request)
    found = []
    for asked in request.data.get("content_object_names", []):
        if asked.get("id") == "kinds":
            found.append({"content_object_name": "kinds", "data": []})
    return Response(data={"content_objects": found})
"""

CONNECTOR: dict[str, str] = {
    APP: APP_CONFIG,
    "requirements.txt": "flask>=3.1\nrequests\nworkflows-cdk\n",
    "main.py": "from src.runtime import create_app\n\napp = create_app()\nrouter = None\n",
    ROUTE: CODE,
    SCHEMA: json.dumps(FORM, indent=2),
    CONFIG: MODULE_CONFIG,
}

Files = Mapping[str, "str | None"]


def write(root: Path, files: Files, base: Files = CONNECTOR) -> Path:
    """Write the sound connector with some files others; None leaves one out."""
    for name, text in {**base, **files}.items():
        if text is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
    return root


def form(*fields: Any, **more: Any) -> str:
    """Return a form of fields, one line for each key of the root, so that places are easy to count."""
    whole = {"metadata": FORM["metadata"], "fields": list(fields), **more}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in whole.items())
    return f"{{\n{lines}\n}}\n"


def said(finding: Finding) -> str:
    """Return a finding in one line: place, severity, code, message, and what to do."""
    where = f"{finding.file}:{finding.place.line}:{finding.place.column}"
    return f"{where} {finding.severity} {finding.code} {finding.message} -> {finding.tip}"


def found(root: Path, *codes: str) -> list[str]:
    """Return what certain rules find, or all."""
    return [said(finding) for finding in inspect(root, Selection(select=codes)).findings]
