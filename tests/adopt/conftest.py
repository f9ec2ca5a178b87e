"""Connectors as companies have them, written by us, and a published template to adopt them with."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import warm_python
from tests.conftest import ADDRESS, Published, git_settings, isolated
from tests.update.conftest import CHANGELOG, Connector, second

# What stands for files that the vendor's template has published: hashes of these are put into the list.
VENDOR: Mapping[str, str] = {
    "Dockerfile": "FROM python:3.10\nRUN pip install git+https://example.com/stacksyncdata/workflows-cdk.git@prod\n",
    "config/Dockerfile.dev": "FROM python:3.10\nRUN pip install workflows-cdk\nCOPY . .\n",
    "config/entrypoint.sh": "exec gunicorn main:app\n",
    "config/gunicorn_config.py": "workers = 2\ntimeout = 360\n",
    "config/README.md": "# Images\n",
    "run_dev.sh": "#!/bin/bash\ndocker build .\n",
    "documentation/how-to-build-a-connector.md": "# How to build a connector\n",
    "src/modules/copied_example/v1/route.py": (
        "from workflows_cdk import Response\nfrom main import router\n\n\n"
        '@router.route("/execute", methods=["POST"])\ndef execute():\n    return Response(data={})\n'
    ),
}
ROUTE = """\
import os
from flask import request as flask_request
from workflows_cdk import Request, Response, ManagedError
from main import router

@router.route("/execute", methods=["POST"])
def execute():
  request = Request(flask_request)
  if not request.data: raise ManagedError("nothing given", status_code=422)
  return Response(data={"region":os.getenv("CRM_REGION"),"got":request.data})
"""
MAIN = """\
from flask import Flask
from workflows_cdk import Router

app = Flask(__name__)
router = Router(app)

if __name__ == "__main__":
    router.run_app(app)
"""
CONFIG = """\
app_settings:
  app_type: "crm" # ours since 2024
  app_name: "The CRM"
  app_icon_svg_url: "https://example.com/crm.svg"
  app_description: "Contacts of the CRM"
  routes_directory: "src/modules"

local_development_settings:
  # as the platform calls us
  cors_origins: ["*"]
  debug: true
  port: 2011
"""
PLAIN: Mapping[str, str] = {
    **VENDOR,
    "Dockerfile": VENDOR["Dockerfile"] + "RUN apt-get install -y libpq-dev\nENV CRM_PASSWORD=hunter2hunter2\n",
    ".env": "CRM_REGION=eu\nCRM_TOKEN=made-up-value-1234\n",
    ".gitignore": "__pycache__/\n*.log\n*.json\n",
    "README.md": "# The CRM\n",
    "app_config.yaml": CONFIG,
    "docker-compose.yml": "services:\n  app:\n    build: {context: ., dockerfile: config/Dockerfile.dev}\n",
    "main.py": MAIN,
    "requirements.txt": "# Flask\nflask\nrequests\nworkflows-cdk @ git+https://example.com/workflows-cdk.git@prod\n",
    "src/helper.py": 'API_KEY = "Zx81Zx81Zx81Zx81Zx81"\n',
    "src/modules/get_contacts/v1/route.py": ROUTE,
    "src/modules/get_contacts/v1/schema.json": '{"fields": [{"id": "name", "type": "string", "label": "Name"}]}',
    "src/modules/get_contacts/v1/module_config.yaml": "module_settings:\n  module_name: Get contacts\n",
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files byte for byte."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Published:
    """Publish v0.1.0 as the project is, with our own files in the list of the vendor's, and a later v0.2.0."""
    folder = tmp_path_factory.mktemp("template")
    server, checkout = folder / "server.git", folder / "checkout"
    shutil.copytree(project, checkout)
    write(checkout, {"documentation/changelog.md": CHANGELOG})
    _publish(checkout / "cli/stacksync/adopt/published.json")
    identity = {"user.name": "Tester", "user.email": "tester@localhost"}
    environment = isolated(folder / "home") | git_settings({f"url.{server.as_uri()}.insteadOf": ADDRESS} | identity)
    published = Published(checkout, environment | {"UV_OFFLINE": "1"})
    published.git("init", "--quiet", "--bare", "--initial-branch=main", str(server))
    published.git("init", "--quiet", "--initial-branch=main")
    published.git("remote", "add", "origin", ADDRESS)
    published.release("v0.1.0")
    second(checkout)
    published.release("v0.2.0")
    published.git("checkout", "--quiet", "v0.1.0")
    warm_python.keep(checkout / "cli")
    return published


def _publish(file: Path) -> None:
    from stacksync.adopt.published import content_hash, line_hashes

    facts = json.loads(file.read_text("utf-8"))
    for path, text in VENDOR.items():
        facts["files"][path] = [content_hash(text.encode())]
        facts["lines"] += line_hashes(text.encode())
    file.write_text(json.dumps(facts), "utf-8")


def made(template: Published, folder: Path, files: Mapping[str, str]) -> Connector:
    """Return a connector with these files, committed."""
    write(folder, files)
    template.git("init", "--quiet", "--initial-branch=main", cwd=folder)
    template.git("add", "--all", "--force", cwd=folder)
    template.git("commit", "--quiet", "--message", "As it is", cwd=folder)
    run = template.stacksync(folder)
    return Connector(run.cwd, run.environment, template)


@pytest.fixture(scope="session")
def plain(template: Published, tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """Return a connector that was made of the vendor's template; it is copied, never changed."""
    return made(template, tmp_path_factory.mktemp("plain") / "crm", PLAIN)


@pytest.fixture(scope="session")
def adopted(plain: Connector, tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, str]:
    """Return it adopted, in no commit yet, and what was said; it is copied, never changed."""
    connector = plain.twin(tmp_path_factory.mktemp("adopted") / "crm")
    done = connector("adopt")
    assert done.returncode == 0, done.stderr
    return connector, done.stdout
