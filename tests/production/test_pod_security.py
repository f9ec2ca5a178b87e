"""A connector's pod may run where a namespace enforces the strictest of the Pod Security Standards."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.production.manifests import BUILDS, build
from tests.production.pod_security import violations

# A change to the pod or to its container that breaks each rule.
BREACHES: dict[str, dict[str, Any]] = {
    "Host Namespaces": {"pod": {"hostPID": True}},
    "Volume Types": {"pod": {"volumes": [{"name": "tmp", "hostPath": {"path": "/tmp"}}]}},
    "Sysctls": {"pod_context": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
    "HostProcess": {"pod_context": {"windowsOptions": {"hostProcess": True}}},
    "Privileged Containers": {"context": {"privileged": True}},
    "Capabilities": {"context": {"capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]}}},
    "Host Ports": {"container": {"ports": [{"containerPort": 2003, "hostPort": 2003}]}},
    "Host Probes / Lifecycle Hooks": {"container": {"livenessProbe": {"httpGet": {"host": "10.0.0.1", "port": 80}}}},
    "AppArmor": {"context": {"appArmorProfile": {"type": "Unconfined"}}},
    "SELinux": {"pod_context": {"seLinuxOptions": {"type": "spc_t"}}},
    "/proc Mount Type": {"context": {"procMount": "Unmasked"}},
    "Privilege Escalation": {"context": {"allowPrivilegeEscalation": True}},
    "Running as Non-root": {"context": {"runAsNonRoot": False}},
    "Running as Non-root user": {"context": {"runAsUser": 0}},
    "Seccomp": {"pod_context": {"seccompProfile": {"type": "Unconfined"}}},
}


@pytest.fixture(scope="module")
def spec(made_connector: Path) -> Any:
    return build(made_connector, "base").pod["spec"]


@pytest.mark.parametrize("folder", BUILDS)
def test_a_pod_is_restricted(made_connector: Path, folder: str) -> None:
    assert violations(build(made_connector, folder).pod["spec"]) == []


@pytest.mark.parametrize("rule, breach", BREACHES.items(), ids=BREACHES.keys())
def test_a_breach_is_found(spec: Any, rule: str, breach: dict[str, Any]) -> None:
    broken = copy.deepcopy(spec)
    (container,) = broken["containers"]
    places = {
        "pod": broken,
        "pod_context": broken["securityContext"],
        "container": container,
        "context": container["securityContext"],
    }
    for place, change in breach.items():
        places[place].update(change)

    assert violations(broken) == [rule]


def test_a_pod_that_says_nothing_is_not_restricted() -> None:
    expected = ["Capabilities", "Privilege Escalation", "Running as Non-root", "Seccomp"]

    assert violations({"containers": [{}]}) == expected


def test_what_the_standards_leave_open_is_closed(spec: Any) -> None:
    (container,) = spec["containers"]

    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert (spec["automountServiceAccountToken"], spec["enableServiceLinks"]) == (False, False)
    assert container["resources"]["limits"]["memory"]
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
