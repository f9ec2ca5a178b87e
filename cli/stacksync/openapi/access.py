"""Where an API is and how its callers prove who they are: its servers, and its security schemes as `auth` has them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from stacksync.errors import UsageError
from stacksync.openapi.description import Description, Node
from stacksync.openapi.places import WEB, shown

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(/[A-Za-z0-9._~!$&()*+,;=:@%/-]*)?\Z"
)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&*+.^_|~-]{1,80}\Z")
_SCOPE = re.compile(r"[!#-\[\]-~]{1,200}\Z")


@dataclass(frozen=True)
class Scheme:
    """A security scheme: its name, the answer of `auth` that it is, and what its client needs to know."""

    name: str
    auth: str
    details: Mapping[str, Any]

    @property
    def stored(self) -> dict[str, Any]:
        """What is stored of it."""
        return {"auth": self.auth, "details": dict(self.details), "name": self.name}


def stored_scheme(stored: Any) -> Scheme | None:
    """Return a scheme as it is stored; None where none is."""
    if not isinstance(stored, dict):
        return None
    return Scheme(str(stored.get("name")), str(stored.get("auth")), stored.get("details") or {})


def servers_of(description: Description) -> list[str]:
    """Return the addresses of an API, variables replaced by their defaults; those that are none are left out."""
    root = description.root
    if description.is_swagger:
        schemes = [str(each) for each in root.mapping.get("schemes") or ["https"]]
        scheme = "https" if "https" in schemes else schemes[0]
        host = root.text("host") or (urlsplit(description.origin).netloc.rpartition("@")[2])
        given = [f"{scheme}://{host}{root.text('basePath')}"] if host else []
    else:
        given = [_filled(each) for each in root.part("servers").each()]
        if description.origin.startswith(WEB):
            given = [urljoin(shown(description.origin), each) for each in given]
    return [each.rstrip("/") for each in given if _ADDRESS.match(each)]


def _filled(server: Node) -> str:
    url = server.text("url")
    for name, variable in server.part("variables").items():
        url = url.replace("{" + name + "}", str(variable.mapping.get("default", "")))
    return url


def server_for(description: Description, wanted: str | None) -> str:
    """Return the address to call: the one that is asked for, by address or by part of it, else the first.

    Raises:
        UsageError: There is no such one, or several.
    """
    known = servers_of(description)
    if wanted is None:
        return known[0] if known else ""
    if _ADDRESS.match(wanted):
        return wanted.rstrip("/")

    found = [each for each in known if wanted in each]
    if len(found) != 1:
        fault = f"Several servers have {wanted!r} in their address."
        fault = fault if found else f"No server of the description has {wanted!r} in its address."
        raise UsageError(fault, f"--server {(found or known or ['https://…'])[0]}")
    return found[0]


def schemes_of(description: Description) -> list[Scheme]:
    """Return the security schemes that a description has, those that most operations need first."""
    root = description.root
    held = root.part("securityDefinitions") if description.is_swagger else root.part("components", "securitySchemes")
    found = [_scheme(name, description.follow(each)) for name, each in held.items()]
    used = Counter(_asked_for(description))
    return sorted(found, key=lambda each: (-used[each.name], each.details.get("in") == "query"))


def _asked_for(description: Description) -> Iterator[str]:
    """Yield the name of a scheme for each operation that takes it, where the description says so."""
    root = description.root
    for _, _, operation, _ in description.operations():
        held = operation if "security" in operation.mapping else root
        yield from (name for each in held.part("security").each() for name, _ in each.items())


def scheme_for(description: Description, wanted: str | None) -> Scheme | None:
    """Return the scheme to use: the one of that name, else the first that the template knows.

    Raises:
        UsageError: There is no such one.
    """
    known = schemes_of(description)
    if wanted is None:
        return next((each for each in known if each.auth != "custom"), known[0] if known else None)

    found = next((each for each in known if each.name == wanted), None)
    if found is None:
        names = ", ".join(each.name for each in known) or "none"
        raise UsageError(f"The description has no security scheme {wanted!r}. It has: {names}.")
    return found


def _scheme(name: str, node: Node) -> Scheme:
    kind, told = node.text("type").lower(), node.text("scheme").lower()
    if kind == "basic" or (kind == "http" and told == "basic"):
        return Scheme(name, "basic", {})
    if kind == "http" and told == "bearer":
        return Scheme(name, "bearer", {})
    if kind == "apikey" and _HEADER.match(node.text("name")) and node.text("in") in ("header", "query"):
        is_bearer = node.text("in") == "header" and node.text("name").lower() == "authorization"
        details = {"in": node.text("in"), "name": node.text("name")}
        return Scheme(name, "bearer", {}) if is_bearer else Scheme(name, "api_key", details)
    if kind == "oauth2":
        return Scheme(name, "oauth2", _oauth(node))

    return Scheme(name, "custom", {})


def _oauth(node: Node) -> dict[str, Any]:
    flows = [node, *(each for _, each in node.part("flows").items())]
    found: dict[str, Any] = {}
    for flow in flows:
        for key, name in (("authorizationUrl", "authorize"), ("tokenUrl", "token")):
            if _ADDRESS.match(flow.text(key)):
                found.setdefault(name, flow.text(key))
        scopes = [scope for scope, _ in flow.part("scopes").items() if _SCOPE.match(scope)]
        if scopes:
            found.setdefault("scopes", scopes)
    return found
