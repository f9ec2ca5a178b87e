"""The rule about secrets in logs."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.secret_values import is_secret_name
from stacksync.inspection.sent import calls_without_credentials
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import descend, dotted, text_of
from stacksync.rules.rule import CheckRule

_LOG_CALLS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log"}
_WHOLE_REQUEST = {"data", "json", "request_data", "form_data", "credentials", "headers"}
# Something like it is in each name that is_secret_name knows.
_MAY_HOLD = re.compile(r"(?i)key|token|passw|pwd|secret|credential|authorization")
_MASKED = re.compile(r"(?i)\*\*|redacted|hidden|masked|^<.*>$")
_SHOWING_CALLS = {"str", "repr", "format", "json.dumps", "dict", "pformat", "pprint.pformat"}


class LoggedSecret(CheckRule):
    """Secrets are not written anywhere."""

    code = "PY010"
    title = "Credentials are printed or logged"
    why = "Logs are kept, copied and read by many: a secret in them is known."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is written that holds secrets."""
        for source in survey.sources:
            yield from self._check_file(source, survey)

    def _check_file(self, source: PythonFile, survey: Survey) -> Iterator[Finding]:
        writing = {id(call): call for call in source.syntax.all(ast.Call) if _writes(call)}
        requests, held = _names_of_requests(source, writing), _names_of_secrets(source, writing)
        harmless = cache(lambda: calls_without_credentials(survey, source))  # asked for in few files
        tip = "leave it out; say that something happened, not with which secret"
        for key, call in writing.items():
            for node in _shown([*call.args, *(keyword.value for keyword in call.keywords)]):
                whole = _whole_request(node, requests[key])
                said = whole or _holding_secrets(node)
                secret = held[key].get(node.id) if isinstance(node, ast.Name) else None
                if whole and key in harmless():
                    continue
                if said:
                    yield self.found(source.at(node), f"{said} may hold credentials, and is written to the log", tip)
                elif secret:
                    message = f'{dotted(node)} holds "{secret}", and is written to the log'
                    yield self.found(source.at(node), message, tip)


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


def _names_of_secrets(source: PythonFile, writing: dict[int, ast.Call]) -> dict[int, dict[str, str]]:
    """Return, for each call, the names of dictionaries with a secret in them, such as headers, and its key."""
    if not writing or not _MAY_HOLD.search(source.file.text):
        return {each: {} for each in writing}

    everywhere = _named_secrets(source.syntax.tree.body)
    found = {each: dict(everywhere) for each in writing}
    for function in source.syntax.functions:
        nodes = list(descend(function))
        names = _named_secrets(nodes)
        for node in nodes:
            if id(node) in found:
                found[id(node)] |= names
    return found


def _named_secrets(nodes: Iterable[ast.AST]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name) and (held := _secret_key(node.value)):
                found[target.id] = held
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                key = text_of(target.slice)
                found |= {target.value.id: key} if key and _is_kept_secret(key, node.value) else {}
    return found


def _secret_key(node: ast.AST) -> str | None:
    """Return the first key of a dictionary, or of one in it, whose value is a secret."""
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        name = text_of(key)
        inner = name if name and _is_kept_secret(name, value) else _secret_key(value)
        if inner:
            return inner
    return None


def _is_kept_secret(key: str, value: ast.expr) -> bool:
    if not is_secret_name(key) or isinstance(value, ast.Dict | ast.List):
        return False

    return not isinstance(value, ast.Constant) or bool(value.value and not _MASKED.search(str(value.value)))


def _whole_request(node: ast.expr, names: set[str]) -> str:
    """Return how to call what was sent as a whole, where a value is that: not its headers and credentials."""
    if isinstance(node, ast.Name) and node.id in names:
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_json":
        return f"{dotted(node.func)}(…)"
    if isinstance(node, ast.Attribute) and node.attr not in ("credentials", "headers") and _is_request(node):
        return dotted(node) or "what was sent"

    return ""


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
        hold = method == "connection" or (method in ("get", "getenv") and key is not None and is_secret_name(key))
        return f"{dotted(node.func)}(…)" if hold else None
    if isinstance(node, ast.Subscript):
        key = text_of(node.slice)
        return f'"{key}"' if key and is_secret_name(key) else None

    name = dotted(node)
    if _is_request(node):
        return name or "what was sent"

    return name if is_secret_name(name.rpartition(".")[2]) else None


RULES: tuple[type[CheckRule], ...] = (LoggedSecret,)
