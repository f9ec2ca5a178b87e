"""What the code of a version asks for with the builders of forms, as far as it is written there as plain texts."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.syntax import dotted, text_of

_BUILDERS = "src.runtime.forms"
# The builders whose choices come from a content object; the selector has one that is asked for by default.
_DROPDOWN, _SELECTOR = "dropdown", "object_selector"
_OBJECTS = "objects"


@dataclass(frozen=True, eq=False)
class Asked:
    """A content object that a builder's field asks for.

    Args:
        again: It is only asked for again, after a change.
    """

    name: str
    source: PythonFile
    node: ast.expr
    again: bool = False


def built_content(source: PythonFile) -> Iterator[Asked]:
    """Yield the content objects that a file's builders ask for."""
    names = _builders(source)
    for call in source.syntax.all(ast.Call) if names else ():
        builder = names.get(dotted(call.func))
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        content = given.get("content") or (call.args[1] if builder == _SELECTOR and len(call.args) > 1 else None)
        if builder and (name := text_of(content)):
            yield Asked(name, source, content or call)
        elif builder == _SELECTOR and content is None and None not in given:
            yield Asked(_OBJECTS, source, call.func)
        reloads = given.get("reloads") if builder else None
        for each in reloads.elts if isinstance(reloads, ast.Tuple | ast.List) else ():
            if name := text_of(each):
                yield Asked(name, source, each, again=True)


def written_content(source: PythonFile) -> Iterator[Asked]:
    """Yield the content objects that forms ask for which a file writes out as dictionaries."""
    for node in source.syntax.all(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            listed = value.elts if text_of(key) == "content_objects" and isinstance(value, ast.List) else []
            for each in (each for each in listed if isinstance(each, ast.Dict)):
                ids = (inner for name, inner in zip(each.keys, each.values, strict=True) if text_of(name) == "id")
                yield from (Asked(str(text_of(inner)), source, inner) for inner in ids if text_of(inner))


def _builders(source: PythonFile) -> dict[str, str]:
    """Return the builders that a file imports, by the name that they have there."""
    found = {}
    for node in source.syntax.all(ast.ImportFrom):
        for alias in node.names:
            name = alias.asname or alias.name
            if node.module == _BUILDERS and alias.name in (_DROPDOWN, _SELECTOR):
                found[name] = alias.name
            elif f"{node.module}.{alias.name}" == _BUILDERS:
                found |= {f"{name}.{each}": each for each in (_DROPDOWN, _SELECTOR)}
    return found
