"""The rule about secrets in logs."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.secret_values import is_secret_name
from stacksync.inspection.syntax import descend, dotted, text_of
from stacksync.rules.python_rule import PythonRule
from stacksync.rules.rule import CheckRule

_LOG_CALLS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log"}
_WHOLE_REQUEST = {"data", "json", "request_data", "form_data", "credentials", "headers"}
_SHOWING_CALLS = {"str", "repr", "format", "json.dumps", "dict", "pformat", "pprint.pformat"}


class LoggedSecret(PythonRule):
    """Secrets are not written anywhere."""

    code = "PY010"
    title = "Credentials are printed or logged"
    why = "Logs are kept, copied and read by many: a secret in them is known."

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield what is written that holds secrets."""
        writing = {id(call): call for call in source.syntax.all(ast.Call) if _writes(call)}
        requests = _names_of_requests(source, writing)
        for call in writing.values():
            for node in _shown([*call.args, *(keyword.value for keyword in call.keywords)]):
                named = isinstance(node, ast.Name) and node.id in requests[id(call)]
                said = dotted(node) if named else _holding_secrets(node)
                if said:
                    tip = "leave it out; say that something happened, not with which secret"
                    yield self.found(source.at(node), f"{said} may hold credentials, and is written to the log", tip)


def _names_of_requests(source: PythonFile, writing: dict[int, ast.Call]) -> dict[int, set[str]]:
    """Return, for each call, the names that hold what was sent, and nothing else, in the functions around it."""
    found: dict[int, set[str]] = {each: set() for each in writing}
    for function in source.syntax.functions if writing else ():
        nodes = list(descend(function))
        stored = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        given = (node for node in nodes if isinstance(node, ast.Assign) and _is_request(node.value))
        names = {dotted(target) for node in given for target in node.targets if stored[dotted(target)] == 1}
        for node in nodes:
            if id(node) in found:
                found[id(node)] |= names
    return found


def _is_request(node: ast.expr) -> bool:
    """Say whether an expression is all that was sent: `request.data`, `Request(flask_request).data or {}`."""
    if isinstance(node, ast.BoolOp):
        return _is_request(node.values[0])
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "get_json"
    if not isinstance(node, ast.Attribute) or node.attr not in _WHOLE_REQUEST:
        return False

    owner = node.value.func if isinstance(node.value, ast.Call) else node.value
    return dotted(owner).rpartition(".")[2] in ("request", "req", "flask_request", "Request")


def _writes(call: ast.Call) -> bool:
    name = dotted(call.func)
    if name in ("print", "pprint", "pprint.pprint"):
        return True

    owner, _, method = name.rpartition(".")
    return method in _LOG_CALLS and re.search(r"(?i)(^|\.|_)(log|logger|logging)$", owner) is not None


def _shown(nodes: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the values whose text ends up in what is written: not conditions, not what is only counted."""
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            yield node
        elif isinstance(node, ast.Call) and _shows(node):
            owner = [node.func.value] if isinstance(node.func, ast.Attribute) and node.func.attr == "format" else []
            yield from _shown([*owner, *node.args, *(keyword.value for keyword in node.keywords)])
        elif isinstance(node, ast.Call):
            yield node
        else:
            yield from _shown(_parts(node))


def _shows(call: ast.Call) -> bool:
    return dotted(call.func) in _SHOWING_CALLS or (isinstance(call.func, ast.Attribute) and call.func.attr == "format")


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.FormattedValue | ast.Starred | ast.Await):
        return [node.value]
    if isinstance(node, ast.JoinedStr | ast.BoolOp):
        return node.values
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]

    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else []


def _holding_secrets(node: ast.expr) -> str | None:
    """Return how to call a value that holds secrets, as far as its name tells."""
    if isinstance(node, ast.Call):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        key = text_of(node.args[0]) if node.args else None
        hold = method in ("connection", "get_json") or (method == "get" and key is not None and is_secret_name(key))
        return f"{dotted(node.func)}(…)" if hold else None
    if isinstance(node, ast.Subscript):
        key = text_of(node.slice)
        return f'"{key}"' if key and is_secret_name(key) else None

    name = dotted(node)
    if _is_request(node):
        return name or "what was sent"

    return name if is_secret_name(name.rpartition(".")[2]) else None


RULES: tuple[type[CheckRule], ...] = (LoggedSecret,)
