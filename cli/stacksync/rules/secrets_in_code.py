"""Rules about secrets that are written in Python files."""

import ast
from collections.abc import Iterator

from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.secret_values import is_secret, looks_secret
from stacksync.inspection.syntax import dotted, text_of
from stacksync.rules.python_rule import PythonRule
from stacksync.rules.rule import CheckRule


class HardCodedSecret(PythonRule):
    """Secrets are not in the code."""

    code = "PY011"
    private = True
    title = "A secret is written in the code"
    why = "Whoever can read the repository, now or later, has it; and it cannot be changed without a release."

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield the texts that are secrets."""
        named = {id(value): name for name, value in _named_values(source)}
        for text in source.syntax.texts:
            name = named.get(id(text), "")
            if looks_secret(str(text.value)) or is_secret(name, str(text.value)):
                said = f'"{name}" is a secret' if name else "this is a secret"
                tip = "read it from the connection or the environment, and replace it where it was issued"
                yield self.found(source.at(text), f"{said} written in the code", tip)


def _named_values(source: PythonFile) -> Iterator[tuple[str, ast.expr]]:
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


RULES: tuple[type[CheckRule], ...] = (HardCodedSecret,)
