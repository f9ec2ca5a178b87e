"""config/kubernetes: what the real kubectl builds of it is valid, and its parts agree with each other and the image."""

import copy
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.production.manifests import (
    BUILDS,
    DOCUMENTED,
    NEWEST,
    OLDEST,
    Manifests,
    build,
    check,
    gunicorn_settings,
    image_setting,
)
from tests.test_surroundings import YAML_STYLE, run_tool


@pytest.fixture(scope="module", params=BUILDS)
def manifests(made_connector: Path, request: pytest.FixtureRequest) -> Manifests:
    """Return what is built of each folder."""
    return build(made_connector, request.param)


# --- valid ---------------------------------------------------------------------------------------


def test_files_pass_yamllint(made_connector: Path) -> None:
    run_tool("yamllint", "--strict", "--config-data", YAML_STYLE, made_connector / "config/kubernetes")


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_manifests_are_what_kubernetes_specifies(manifests: Manifests, version: str) -> None:
    for document in manifests.documents:
        check(document, version)

    kinds = {document["kind"] for document in manifests.documents}
    assert kinds == {
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
    }


def test_a_field_that_is_misspelt_is_found(manifests: Manifests) -> None:
    broken = copy.deepcopy(manifests.of("Deployment"))
    broken["spec"]["template"]["spec"]["terminationGracePeriod"] = 45

    with pytest.raises(Exception, match="'terminationGracePeriod' was unexpected"):
        check(broken, NEWEST)


def test_the_oldest_kubernetes_is_the_one_that_is_named(made_connector: Path) -> None:
    named = re.findall(r"Kubernetes (1\.\d+)", (made_connector / "documentation/kubernetes.md").read_text("utf-8"))

    assert named == [OLDEST]


# --- parts agree with each other -----------------------------------------------------------------


def test_selectors_find_the_pods_of_this_connector(manifests: Manifests) -> None:
    selectors = [
        manifests.of("Deployment")["spec"]["selector"]["matchLabels"],
        manifests.of("Service")["spec"]["selector"],
        manifests.of("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        manifests.of("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        *(spread["labelSelector"]["matchLabels"] for spread in manifests.pod["spec"]["topologySpreadConstraints"]),
    ]

    assert selectors == [{"app.kubernetes.io/name": "crm"}] * 6
    assert all(selector.items() <= manifests.pod["metadata"]["labels"].items() for selector in selectors)


def test_every_reference_leads_to_something(manifests: Manifests) -> None:
    names = {(document["kind"], document["metadata"]["name"]) for document in manifests.documents}
    target = manifests.of("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    secret, config_map = (next(iter(source.values()))["name"] for source in manifests.container["envFrom"])
    mounts = {mount["name"] for mount in manifests.container["volumeMounts"]}

    assert (target["kind"], target["name"]) in names
    assert target["apiVersion"] == manifests.of("Deployment")["apiVersion"]
    assert ("ConfigMap", config_map) in names
    assert ("Service", backend(manifests)["name"]) in names
    assert mounts == {volume["name"] for volume in manifests.pod["spec"]["volumes"]}
    assert secret == "crm"


def test_no_secret_is_in_the_files_and_none_can_change_the_settings(manifests: Manifests) -> None:
    assert "Secret" not in {document["kind"] for document in manifests.documents}
    # The last source goes first.
    assert [next(iter(source)) for source in manifests.container["envFrom"]] == ["secretRef", "configMapRef"]


def test_named_ports_are_those_of_the_container_or_the_service(manifests: Manifests) -> None:
    (port,) = manifests.container["ports"]
    (service,) = manifests.of("Service")["spec"]["ports"]
    (ingress,) = manifests.of("NetworkPolicy")["spec"]["ingress"]
    probes = [manifests.container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")]

    assert {probe["port"] for probe in probes} | {service["targetPort"], ingress["ports"][0]["port"]} == {port["name"]}
    assert [probe["path"] for probe in probes] == ["/health", "/ready", "/health"]
    assert backend(manifests)["port"]["name"] == service["name"]


def test_releases_and_the_autoscaler_leave_nobody_without_a_pod(manifests: Manifests) -> None:
    deployment = manifests.of("Deployment")["spec"]
    scaling = manifests.of("HorizontalPodAutoscaler")["spec"]

    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in deployment, "each release would undo what the autoscaler did"
    assert 1 <= scaling["minReplicas"] < scaling["maxReplicas"]
    assert manifests.of("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_https_is_for_every_host(manifests: Manifests) -> None:
    ingress = manifests.of("Ingress")["spec"]

    assert {rule["host"] for rule in ingress["rules"]} == {host for entry in ingress["tls"] for host in entry["hosts"]}


# --- parts agree with the image and with gunicorn --------------------------------------------------


def test_port_and_user_are_those_of_the_image(made_connector: Path, manifests: Manifests) -> None:
    port = str(manifests.container["ports"][0]["containerPort"])

    assert port == image_setting(made_connector, r"\bPORT=(\d+)") == image_setting(made_connector, r"^EXPOSE (\d+)$")
    assert port == manifests.of("ConfigMap")["data"]["PORT"]
    assert str(manifests.pod["spec"]["securityContext"]["runAsUser"]) == image_setting(made_connector, r"^USER (\d+)")


def test_every_variable_is_documented(manifests: Manifests) -> None:
    assert set(manifests.of("ConfigMap")["data"]) <= set(DOCUMENTED)


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn runs on systems that fork")
def test_gunicorn_has_time_to_end_and_to_mend_itself(made_connector: Path, manifests: Manifests) -> None:
    settings = gunicorn_settings(made_connector, manifests.of("ConfigMap")["data"])
    pause = manifests.container["lifecycle"]["preStop"]["sleep"]["seconds"]
    liveness = manifests.container["livenessProbe"]

    assert settings["bind"] == f"['0.0.0.0:{manifests.container['ports'][0]['containerPort']}']"
    assert pause >= 5
    assert manifests.pod["spec"]["terminationGracePeriodSeconds"] > pause + int(settings["graceful_timeout"])
    assert liveness["periodSeconds"] * liveness["failureThreshold"] > int(settings["timeout"])


def backend(manifests: Manifests) -> Any:
    """Return the service behind the only path of the only host."""
    (rule,) = manifests.of("Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    return path["backend"]["service"]
