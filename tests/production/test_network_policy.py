"""What a pod may call: DNS, and public addresses over https."""

import ipaddress
from pathlib import Path
from typing import Any

import pytest

from tests.production.manifests import build


@pytest.fixture(scope="module")
def egress(made_connector: Path) -> Any:
    """Return the rules of the NetworkPolicy for what goes out."""
    return build(made_connector, "base").of("NetworkPolicy")["spec"]["egress"]


@pytest.mark.parametrize(
    "address, port, allowed",
    [
        ("93.184.215.14", 443, True),
        ("2606:2800:21f::1", 443, True),
        ("93.184.215.14", 80, False),
        ("10.96.0.1", 443, False),
        ("169.254.169.254", 443, False),
        ("192.168.1.1", 443, False),
        ("fd00::1", 443, False),
        ("10.96.0.10", 53, True),
    ],
)
def test_a_pod_reaches_dns_and_public_https_only(egress: Any, address: str, port: int, allowed: bool) -> None:
    assert any(port in numbers(rule) and reaches(rule, address) for rule in egress) == allowed


def numbers(rule: dict[str, Any]) -> set[int]:
    """Return the ports of a rule of the NetworkPolicy."""
    return {port["port"] for port in rule["ports"]}


def reaches(rule: dict[str, Any], address: str) -> bool:
    """Say whether a rule of the NetworkPolicy lets a pod call an address; one without `to` lets it call all."""
    blocks = [peer["ipBlock"] for peer in rule.get("to", [])]
    return not blocks or any(within(block["cidr"], address) and not excepted(block, address) for block in blocks)


def excepted(block: dict[str, Any], address: str) -> bool:
    return any(within(cidr, address) for cidr in block["except"])


def within(cidr: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)
