"""Rules about code that works on its author's machine only, or in one container, or holds a thread."""

import ast
import re
from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.calls import Calls
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.handlers import Handler
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import descend, dotted
from stacksync.modules.routes import read_routes
from stacksync.requirements.dockerfiles import is_dockerfile
from stacksync.rules.python_rule import PythonRule
from stacksync.rules.rule import CheckRule

# The domains under which tunnels get a name of their own, as their makers document them.
_TUNNEL = re.compile(
    r"""(?ix) (?<![\w-]) (?:[\w-]{1,63}\.){1,6} (?:
        ngrok\.io | ngrok\.app | ngrok\.dev | ngrok-free\.(?:app|dev) | trycloudflare\.com | loca\.lt | localtunnel\.me
      | lhr\.life | localhost\.run | serveo\.net | serveousercontent\.com | devtunnels\.ms | tunnelmole\.net
      | pinggy\.link | a\.pinggy\.online | bore\.pub | share\.zrok\.io | telebit\.io
      | pagekite\.me | tunnelto\.dev
    ) (?![\w-]|\.\w)"""
)
# Where the first template's image had the connector; the folder of another image is read from its Dockerfile.
_FIRST_FOLDER = "/usr/src/app"
_WORKDIR = re.compile(r"^\s*WORKDIR\s+[\"']?(/[\w./-]*\w)", re.MULTILINE | re.IGNORECASE)
# Pauses below this many seconds space calls out.
_SHORTEST_PAUSE = 1


class TunnelAddress(PythonRule):
    """Code does not call a tunnel."""

    code = "PY020"
    title = "The address of a tunnel is written in the code"
    why = "It works while one developer's tunnel is open; then it fails, or reaches whoever gets the name next."
    severity: ClassVar[Severity] = "warning"

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield the addresses of tunnels."""
        for text in source.syntax.texts:
            found = _TUNNEL.search(str(text.value))
            if found:
                tip = "read the connector's public address from an environment variable"
                yield self.found(source.at(text), f"{found[0]} is a tunnel", tip)


class ContainerPath(CheckRule):
    """Files are found from the code, not from the image."""

    code = "PY021"
    title = "A path of the container is written in the code"
    why = "The file is missing wherever the connector is not at that path: locally, in tests, in another image."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the texts that are files in the folder of an image."""
        folders, files = _folders_of_images(survey), frozenset(survey.files)
        for source in survey.sources:
            for text in source.syntax.texts:
                rest = _below(str(text.value), folders, files)
                if rest:
                    tip = f'Path(__file__).parents[{source.file.name.count("/")}] / "{rest}"'
                    yield self.found(source.at(text), "this path exists in the container only", tip)


def _below(text: str, folders: set[str], files: frozenset[str]) -> str | None:
    """Return the part of a path below the folder of an image; `/app/users` may be a path of an API as well."""
    rests = {folder: text.removeprefix(f"{folder}/") for folder in folders if text.startswith(f"{folder}/")}
    return next((rest for folder, rest in rests.items() if rest and (folder == _FIRST_FOLDER or rest in files)), None)


def _folders_of_images(survey: Survey) -> set[str]:
    files = filter(None, (survey.text(name) for name in survey.files if is_dockerfile(name)))
    return {_FIRST_FOLDER, *(folder for file in files for folder in _WORKDIR.findall(file.text))}


class SleepingHandler(CheckRule):
    """Handlers do not wait for time to pass."""

    code = "PY022"
    title = "A handler sleeps"
    why = "Its thread serves no other request meanwhile: a few such calls stop the connector, and long ones time out."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the pauses of handlers, and of the functions of their file that they call."""
        handlers = (Handler(source, route) for source in survey.sources for route in read_routes(source.syntax.tree))
        seen: set[int] = set()
        for handler in handlers:
            names = _names_of_sleep(handler.source)
            for call in (node for each in Calls(handler).reached for node in descend(each)) if names else ():
                if isinstance(call, ast.Call) and dotted(call.func) in names and _lasts(call) and id(call) not in seen:
                    seen.add(id(call))
                    tip = "return the job's id and poll it from another module; for retries, use src.runtime.http"
                    yield self.found(handler.source.at(call), f"{dotted(call.func)} holds a thread", tip)


def _names_of_sleep(source: PythonFile) -> set[str]:
    plain = {
        f"{alias.asname or alias.name}.sleep"
        for node in source.syntax.all(ast.Import)
        for alias in node.names
        if alias.name == "time"
    }
    named = (node for node in source.syntax.all(ast.ImportFrom) if node.module == "time" and not node.level)
    return plain | {alias.asname or alias.name for node in named for alias in node.names if alias.name == "sleep"}


def _lasts(call: ast.Call) -> bool:
    seconds = call.args[0] if call.args else None
    value = seconds.value if isinstance(seconds, ast.Constant) else None
    return not isinstance(value, int | float) or value >= _SHORTEST_PAUSE


RULES: tuple[type[CheckRule], ...] = (TunnelAddress, ContainerPath, SleepingHandler)
