"""The Pod Security Standards at their level "restricted", with everything of "baseline".

https://kubernetes.io/docs/concepts/security/pod-security-standards/

Where they admit some values of a field that no connector needs (sysctls, SELinux, Windows), any value breaks the rule.
"""

from collections.abc import Callable
from typing import Any

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
HANDLERS = ("startupProbe", "readinessProbe", "livenessProbe", "postStart", "preStop")

# Each says whether a pod breaks the rule.
OF_PODS: dict[str, Callable[[Any], bool]] = {
    "Host Namespaces": lambda spec: any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")),
    "Volume Types": lambda spec: any(set(volume) - {"name"} - VOLUMES for volume in spec.get("volumes", [])),
    "Sysctls": lambda spec: "sysctls" in spec.get("securityContext", {}),
}
# Each says whether a container breaks it, given its security context over the pod's.
OF_CONTAINERS: dict[str, Callable[[Any, Any], bool]] = {
    "HostProcess": lambda _, context: "windowsOptions" in context,
    "Privileged Containers": lambda _, context: bool(context.get("privileged")),
    "Capabilities": lambda _, context: not only_drops(context.get("capabilities", {})),
    "Host Ports": lambda container, _: any(port.get("hostPort") for port in container.get("ports", [])),
    "Host Probes / Lifecycle Hooks": lambda container, _: any(map(names_a_host, handlers(container))),
    "AppArmor": lambda _, context: context.get("appArmorProfile", {}).get("type") == "Unconfined",
    "SELinux": lambda _, context: "seLinuxOptions" in context,
    "/proc Mount Type": lambda _, context: context.get("procMount", "Default") != "Default",
    "Privilege Escalation": lambda _, context: context.get("allowPrivilegeEscalation") is not False,
    "Running as Non-root": lambda _, context: context.get("runAsNonRoot") is not True,
    "Running as Non-root user": lambda _, context: context.get("runAsUser") == 0,
    "Seccomp": lambda _, context: context.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"},
}


def violations(spec: dict[str, Any]) -> list[str]:
    """Return the names of the rules that a pod breaks."""
    containers = [container for kind in CONTAINERS for container in spec.get(kind, [])]
    of_pod = [name for name, broken in OF_PODS.items() if broken(spec)]
    of_containers = [
        name
        for name, broken in OF_CONTAINERS.items()
        if any(broken(it, spec.get("securityContext", {}) | it.get("securityContext", {})) for it in containers)
    ]
    return of_pod + of_containers


def only_drops(capabilities: dict[str, Any]) -> bool:
    """Say whether all capabilities are dropped, and at most the one to listen below port 1024 is added."""
    return "ALL" in capabilities.get("drop", []) and set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"}


def handlers(container: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the probes and hooks of a container."""
    places = container | container.get("lifecycle", {})
    return [places[name] for name in HANDLERS if name in places]


def names_a_host(handler: dict[str, Any]) -> bool:
    """Say whether a probe or hook calls something else than its own pod."""
    return any("host" in handler.get(kind, {}) for kind in ("httpGet", "tcpSocket"))
