"""Rules about how other services are called."""

import ast
import re
from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.syntax import dotted
from stacksync.rules.python_rule import PythonRule
from stacksync.rules.rule import CheckRule

_HTTP_CALLS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}

# Addresses that are names and are never fetched, and machines that have no https.
_NAMESPACES = (
    "www.w3.org",
    "schemas.",
    "purl.org",
    "xmlns.",
    "ns.adobe.com",
    "json-schema.org",
    "xml.org",
    "tempuri.org",
)
_LOCAL_HOST = re.compile(
    r"localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal|[\w-]+|.*\.(local|internal|test|invalid)"
)


class NoTimeout(PythonRule):
    """Calls to other services end."""

    code = "PY009"
    title = "An HTTP call has no timeout"
    why = (
        "requests waits for ever by default: one service that hangs takes up all threads, and the connector with them."
    )

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield the calls that may wait for ever."""
        names = _imported_names(source)
        sessions = _sessions(source, names)
        for call in source.syntax.all(ast.Call):
            name = _full_name(call.func, names)
            if _is_http_call(name, sessions) and _waits_for_ever(call, name):
                tip = "pass timeout=30, or call through the session of src/api_client.py"
                yield self.found(source.at(call.func), f"{dotted(call.func)} has no timeout", tip)


def _imported_names(source: PythonFile) -> dict[str, str]:
    """Return what the names that are imported stand for: `get` for `requests.get`."""
    found: dict[str, str] = {}
    for node in source.syntax.all(ast.Import):
        found |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for each in source.syntax.all(ast.ImportFrom):
        found |= {alias.asname or alias.name: f"{each.module}.{alias.name}" for alias in each.names if not each.level}
    return found


def _full_name(node: ast.AST, names: dict[str, str]) -> str:
    first, dot, rest = dotted(node).partition(".")
    return f"{names.get(first, first)}{dot}{rest}"


def _sessions(source: PythonFile, names: dict[str, str]) -> set[str]:
    """Return the names that hold a plain session of requests."""
    made = {"requests.Session", "requests.session", "requests.sessions.Session"}
    found = set()
    for node in source.syntax.all(ast.Assign):
        if isinstance(node.value, ast.Call) and _full_name(node.value.func, names) in made:
            found |= {dotted(target) for target in node.targets}
    for each in source.syntax.all(ast.With):
        for item in each.items:
            if isinstance(item.context_expr, ast.Call) and _full_name(item.context_expr.func, names) in made:
                found |= {dotted(item.optional_vars)} if item.optional_vars else set()
    return found - {""}


def _is_http_call(name: str, sessions: set[str]) -> bool:
    owner, _, method = name.rpartition(".")
    if name == "urllib.request.urlopen":
        return True

    return method in _HTTP_CALLS and (owner in ("requests", "requests.api") or owner in sessions)


def _waits_for_ever(call: ast.Call, name: str) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given or any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    if "timeout" in given:
        return isinstance(given["timeout"], ast.Constant) and given["timeout"].value is None

    return not (name.endswith("urlopen") and len(call.args) > 2)


class NotVerified(PythonRule):
    """Whom one speaks to is verified."""

    code = "PY012"
    title = "Certificates are not verified"
    why = "Anybody between the connector and the service can read and change what is sent, secrets included."

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield where verification is switched off."""
        tip = 'remove it; for a certificate of your own, pass verify="path/of/ca.pem"'
        for keyword in source.syntax.all(ast.keyword):
            if keyword.arg == "verify" and _is_false(keyword.value):
                yield self.found(source.at(keyword), "verify=False accepts every certificate", tip)
        for node in source.syntax.all(ast.Assign):
            named = (isinstance(each, ast.Attribute) and each.attr == "verify" for each in node.targets)
            if _is_false(node.value) and any(named):
                yield self.found(source.at(node), "verify = False accepts every certificate", tip)
        for name in source.syntax.all(ast.Attribute):
            if dotted(name) in ("ssl._create_unverified_context", "ssl.CERT_NONE"):
                yield self.found(source.at(name), f"{dotted(name)} accepts every certificate", tip)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


class PlainHttp(PythonRule):
    """Other services are spoken to over https."""

    code = "PY013"
    title = "An address is plain http"
    why = "What is sent there can be read and changed on the way, secrets included."
    severity: ClassVar[Severity] = "warning"

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield the addresses that are not https."""
        for text in source.syntax.texts:
            match = re.match(r"http://(?:[^/\s@]*@)?(\[[^\]]*\]|[^/\s:?#]+)", str(text.value))
            if match and not _LOCAL_HOST.fullmatch(match[1]) and not match[1].startswith(_NAMESPACES):
                yield self.found(source.at(text), f"http://{match[1]} is not https", "write https://")


RULES: tuple[type[CheckRule], ...] = (
    NoTimeout,
    NotVerified,
    PlainHttp,
)
