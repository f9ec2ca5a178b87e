"""config/cloudrun.yaml: a Service of Knative as Google Cloud Run takes it, in agreement with image and gunicorn.

Its fields: https://docs.cloud.google.com/run/docs/reference/yaml/v1
"""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ROOT
from tests.production.manifests import DOCUMENTED, NEWEST, check, gunicorn_settings, image_setting
from tests.test_surroundings import YAML_STYLE, run_tool

# Of what Knative takes, all that Cloud Run supports and this file may use.
OF_SERVICES = {"run.googleapis.com/ingress", "run.googleapis.com/invoker-iam-disabled"}
OF_REVISIONS = {
    "autoscaling.knative.dev/minScale",
    "autoscaling.knative.dev/maxScale",
    "run.googleapis.com/startup-cpu-boost",
}
# https://docs.cloud.google.com/run/docs/locations
LOCATIONS = {"usnv": "us-east4", "besg": "europe-west1"}


@pytest.fixture(scope="module", params=["none", "api_key"])
def connector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a connector without a key of its own, and one with it."""
    folder = tmp_path_factory.mktemp("cloudrun") / "crm"
    render(
        TemplateSource(ROOT, None, None),
        folder,
        gather(ROOT, "crm", None, [f"auth={request.param}", "deployment=cloud_run"]),
    )
    return folder


@pytest.fixture
def service(connector: Path) -> Any:
    return yaml.safe_load((connector / "config/cloudrun.yaml").read_text("utf-8"))


@pytest.fixture
def container(service: Any) -> Any:
    (found,) = service["spec"]["template"]["spec"]["containers"]
    return found


def test_file_passes_yamllint(connector: Path) -> None:
    run_tool("yamllint", "--strict", "--config-data", YAML_STYLE, connector / "config/cloudrun.yaml")


def test_service_has_the_fields_that_cloud_run_supports(service: Any) -> None:
    template = service["spec"]["template"]

    assert (service["apiVersion"], service["kind"]) == ("serving.knative.dev/v1", "Service")
    assert set(service) == {"apiVersion", "kind", "metadata", "spec"}
    assert set(service["metadata"]["annotations"]) == OF_SERVICES
    assert set(service["spec"]) == {"template"}
    assert set(template["metadata"]["annotations"]) == OF_REVISIONS
    assert set(template["spec"]) == {"serviceAccountName", "containerConcurrency", "timeoutSeconds", "containers"}
    values = [*service["metadata"]["annotations"].values(), *template["metadata"]["annotations"].values()]
    assert all(isinstance(value, str) for value in values)


def test_container_is_what_kubernetes_specifies(container: Any) -> None:
    assert set(container) == {"image", "ports", "env", "resources", "startupProbe", "livenessProbe"}

    # Cloud Run gives it a name, and the probes the only port.
    complete = copy.deepcopy(container) | {"name": "connector"}
    for probe in (complete["startupProbe"], complete["livenessProbe"]):
        probe["httpGet"]["port"] = container["ports"][0]["containerPort"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "crm"}, "spec": {"containers": [complete]}}
    check(pod, NEWEST)


def test_probes_are_within_the_limits_of_cloud_run(container: Any) -> None:
    probes = {"/ready": container["startupProbe"], "/health": container["livenessProbe"]}

    assert {path: probe["httpGet"] for path, probe in probes.items()} == {path: {"path": path} for path in probes}
    assert all(probe["timeoutSeconds"] < probe["periodSeconds"] <= 240 for probe in probes.values())


def test_variables_are_documented_and_secrets_are_references(connector: Path, container: Any) -> None:
    given = {entry["name"]: entry for entry in container["env"]}
    secrets = {name for name, entry in given.items() if "valueFrom" in entry}
    answers = yaml.safe_load((connector / ".copier-answers.yml").read_text("utf-8"))

    assert len(given) == len(container["env"])
    assert set(given) <= set(DOCUMENTED) - {"PORT"}, "PORT is Cloud Run's own"
    assert secrets == {"CONNECTOR_TOKEN", "API_KEY"} & set(given)
    assert ("API_KEY" in given) == (answers["auth"] == "api_key")
    assert all(set(given[name]["valueFrom"]["secretKeyRef"]) == {"name", "key"} for name in secrets)


def test_the_region_is_where_the_service_runs(service: Any, container: Any) -> None:
    location = service["metadata"]["labels"]["cloud.googleapis.com/location"]

    assert location == LOCATIONS[plain(container)["REGION"]]
    assert container["image"].startswith(f"{location}-docker.pkg.dev/")
    assert container["image"].rpartition(":")[2] != "latest"


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn runs on systems that fork")
def test_gunicorn_does_what_cloud_run_counts_on(connector: Path, service: Any, container: Any) -> None:
    port = container["ports"][0]["containerPort"]
    settings = gunicorn_settings(connector, plain(container) | {"PORT": str(port)})
    spec = service["spec"]["template"]["spec"]

    assert str(port) == image_setting(connector, r"\bPORT=(\d+)")
    assert settings["bind"] == f"['0.0.0.0:{port}']"
    assert spec["containerConcurrency"] == int(settings["workers"]) * int(settings["threads"])
    # Ten seconds from SIGTERM to SIGKILL: https://docs.cloud.google.com/run/docs/container-contract
    assert int(settings["graceful_timeout"]) < 10


def plain(container: Any) -> dict[str, str]:
    """Return the variables that are no secrets."""
    return {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}
