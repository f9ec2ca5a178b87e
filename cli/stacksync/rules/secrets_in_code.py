"""Rules about secrets in Python files."""

import ast
import re
from collections.abc import Iterator

from stacksync.inspection.findings import Finding
from stacksync.inspection.secret_values import is_secret, is_secret_name, looks_secret
from stacksync.inspection.sources import Source
from stacksync.inspection.syntax import dotted, text_of
from stacksync.rules.rule import Rule
from stacksync.rules.source_rule import SourceRule

_LOG_CALLS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log"}
_WHOLE_REQUEST = {"data", "json", "request_data", "form_data", "credentials", "headers"}
_SHOWING_CALLS = {"str", "repr", "format", "json.dumps", "dict", "pformat", "pprint.pformat"}


class LoggedSecret(SourceRule):
    """Secrets are not written anywhere."""

    code = "PY010"
    title = "Credentials are printed or logged"
    why = "Logs are kept, copied and read by many: a secret in them is known."

    def check_source(self, source: Source) -> Iterator[Finding]:
        """Yield what is written that holds secrets."""
        for call in source.syntax.all(ast.Call):
            if not _writes(call):
                continue
            for node in _shown([*call.args, *(keyword.value for keyword in call.keywords)]):
                said = _holding_secrets(node)
                if said:
                    tip = "leave it out; say that something happened, not with which secret"
                    yield self.found(source.at(node), f"{said} may hold credentials, and is written to the log", tip)


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
        hold = method == "connection" or (method == "get" and key is not None and is_secret_name(key))
        return f"{dotted(node.func)}(…)" if hold else None
    if isinstance(node, ast.Subscript):
        key = text_of(node.slice)
        return f'"{key}"' if key and is_secret_name(key) else None

    name = dotted(node)
    owner, _, last = name.rpartition(".")
    whole = last in _WHOLE_REQUEST and owner.rpartition(".")[2] in ("request", "req", "flask_request")
    return name if name and (whole or is_secret_name(last)) else None


class HardCodedSecret(SourceRule):
    """Secrets are not in the code."""

    code = "PY011"
    private = True
    title = "A secret is written in the code"
    why = "Whoever can read the repository, now or later, has it; and it cannot be changed without a release."

    def check_source(self, source: Source) -> Iterator[Finding]:
        """Yield the texts that are secrets."""
        named = {id(value): name for name, value in _named_values(source)}
        for text in source.syntax.texts:
            name = named.get(id(text), "")
            if looks_secret(str(text.value)) or is_secret(name, str(text.value)):
                said = f'"{name}" is a secret' if name else "this is a secret"
                tip = "read it from the connection or the environment, and replace it where it was issued"
                yield self.found(source.at(text), f"{said} written in the code", tip)


def _named_values(source: Source) -> Iterator[tuple[str, ast.expr]]:
    for node in source.syntax.all(ast.Assign):
        yield from ((dotted(target).rpartition(".")[2] or _key(target), node.value) for target in node.targets)
    for each in source.syntax.all(ast.AnnAssign):
        if each.value:
            yield dotted(each.target).rpartition(".")[2], each.value
    for table in source.syntax.all(ast.Dict):
        yield from ((text_of(key) or "", value) for key, value in zip(table.keys, table.values, strict=True))
    for keyword in source.syntax.all(ast.keyword):
        yield keyword.arg or "", keyword.value


def _key(target: ast.expr) -> str:
    return (text_of(target.slice) or "") if isinstance(target, ast.Subscript) else ""


RULES: tuple[type[Rule], ...] = (
    LoggedSecret,
    HardCodedSecret,
)
