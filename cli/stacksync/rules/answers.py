"""Rules about what handlers answer: with which status, and by which arguments."""

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.handlers import Handler
from stacksync.inspection.nearness import near_name
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import Function, descend, dotted, parse, text_of
from stacksync.rules.rule import CheckRule
from stacksync.runtime.source import TEMPLATE

_FILES = ("response.py", "errors.py")
_CLASSES = ("Response", "ManagedError")
_PACKAGES = ("src.runtime", "workflows_cdk", "stacksync_cdk")
# What stands beside "error" where an answer says nothing but that something failed.
_BESIDE = {
    *("code", "debug_info", "description", "detail", "details", "error_code", "error_type", "message", "ok", "reason"),
    *("status", "status_code", "success", "timestamp", "type"),
}


class FailureAsSuccess(CheckRule):
    """A failure is answered as one."""

    code = "PY018"
    title = "A failure is answered with status 200"
    why = "The workflow takes it for a result and carries on; only an error status stops it."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the answers that hold nothing but an error, and no status."""
        handlers = (each for version in survey.versions for each in version.handlers.all if _may_fail(each.source))
        returned = {id(node) for node in _returned(handlers)}
        for source in filter(_may_fail, survey.sources):
            names = imported_classes(source)
            for call in source.syntax.all(ast.Call):
                data = _answered(call, names, is_returned=id(call) in returned)
                if data is not None and _is_failure(data):
                    yield self._found(source, call, names)
            for node in source.syntax.all(ast.Dict):
                if id(node) in returned and _is_failure(node):
                    yield self._found(source, node, names)

    def _found(self, source: PythonFile, node: ast.expr, names: dict[str, str]) -> Finding:
        name = next((name for name, kind in names.items() if kind == "ManagedError"), "ManagedError")
        tip = f"raise {name}(…, status_code=400), or return Response.error(…)"
        return self.found(source.at(node), "this failure is answered with status 200", tip)


def _may_fail(source: PythonFile) -> bool:
    return "error" in source.file.text


def _returned(handlers: Iterable[Handler]) -> Iterator[ast.expr]:
    """Yield what handlers return as it is: not what functions within them do."""
    for function in (handler.function for handler in handlers):
        within = (
            each for each in descend(function) if isinstance(each, Function | ast.Lambda) and each is not function
        )
        inner = {id(node) for each in within for node in descend(each)}
        for node in descend(function):
            if isinstance(node, ast.Return) and node.value is not None and id(node) not in inner:
                yield node.value


def imported_classes(source: PythonFile) -> dict[str, str]:
    """Return the names that a file has for Response and ManagedError, with what they are."""
    found: dict[str, str] = {}
    for node in source.syntax.all(ast.ImportFrom):
        if not node.level and (node.module or "").startswith(_PACKAGES):
            found |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in _CLASSES}
    return found


def _answered(call: ast.Call, names: dict[str, str], *, is_returned: bool) -> ast.expr | None:
    """Return what a call answers with status 200; None where it gives a status, or cannot be told."""
    owner, _, method = dotted(call.func).partition(".")
    makes = names.get(owner) == "Response" and method in ("", "success")
    if not makes and not (is_returned and dotted(call.func) in ("jsonify", "flask.jsonify")):
        return None

    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given or len(call.args) > 2 or not given.keys() <= {"data", "metadata"}:
        return None
    return call.args[0] if call.args else given.get("data")


def _is_failure(data: ast.expr) -> bool:
    if not isinstance(data, ast.Dict):
        return False

    entries = {text_of(key): value for key, value in zip(data.keys, data.values, strict=True)}
    error, success = entries.pop("error", None), entries.get("success")
    is_empty = isinstance(error, ast.Constant) and not error.value
    succeeds = isinstance(success, ast.Constant) and success.value is True
    return error is not None and not is_empty and not succeeds and entries.keys() <= _BESIDE


class UnknownArgument(CheckRule):
    """Answers and errors are made by arguments that there are."""

    code = "PY019"
    title = "Response or ManagedError has no such argument"
    why = "The call raises a TypeError, so the caller gets a 500 instead."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the arguments that do not exist."""
        for source in survey.sources:
            names = imported_classes(source)
            for call in source.syntax.all(ast.Call) if names else ():
                owner, _, method = dotted(call.func).partition(".")
                known = signatures().get((names.get(owner, ""), method))
                for keyword in call.keywords if known else ():
                    if known and keyword.arg and keyword.arg not in known:
                        yield self._found(source, call, keyword, known)

    def _found(self, source: PythonFile, call: ast.Call, keyword: ast.keyword, known: tuple[str, ...]) -> Finding:
        near = near_name(str(keyword.arg), known)
        tip = f"write {near}=" if near else f"it has {', '.join(known)}"
        return self.found(source.at(keyword), f'{dotted(call.func)} has no argument "{keyword.arg}"', tip)


@lru_cache
def signatures() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the arguments of the runtime's classes and of their class methods, read from its source."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for name in _FILES:
        text = (TEMPLATE / "src" / "runtime" / name).read_text("utf-8")
        for node in parse(text).tree.body:
            if isinstance(node, ast.ClassDef) and node.name in _CLASSES:
                for function in (each for each in node.body if isinstance(each, ast.FunctionDef)):
                    method = "" if function.name == "__init__" else function.name
                    arguments = (*function.args.args[1:], *function.args.kwonlyargs)
                    found[node.name, method] = tuple(argument.arg for argument in arguments)
    return found


RULES: tuple[type[CheckRule], ...] = (FailureAsSuccess, UnknownArgument)
