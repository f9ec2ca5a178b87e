"""Whether a connector that was written for one of Stacksync's SDKs has it, asked before anything is installed.

Connectors of the template have a package of the SDK's name in their folder. Others come with a Dockerfile that installs
it beside requirements.txt, so that an environment made from that file lacks it.
"""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.errors import StacksyncError
from stacksync.git.addresses import without_secrets
from stacksync.plain_files import read_plain_text
from stacksync.requirements.dockerfiles import installed_in
from stacksync.requirements.file import FILE, installed_lines
from stacksync.requirements.sdk import is_sdk

PACKAGES = ("workflows_cdk", "stacksync_cdk")
_DOCKERFILES = ("Dockerfile", "config/Dockerfile.dev", "Dockerfile.dev")
_QUESTION = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"


def require_sdk(root: Path, interpreter: Interpreter | None) -> None:
    """Refuse a connector whose SDK is nowhere.

    Args:
        root: The connector's root.
        interpreter: What it runs with; None where an environment will be made from requirements.txt.

    Raises:
        StacksyncError: It imports an SDK that is not installed, and would not be.
    """
    package, place = _imported(Connector(root))
    if not package or (root / package).exists() or (root / f"{package}.py").exists():
        return

    if interpreter is None:
        if _is_required(root):
            return
        fault = f"{FILE} does not install it"
    elif not _can_import(interpreter, package, root):
        fault = f"{interpreter.shown} does not have it"
    else:
        return
    raise StacksyncError(f"{place}: imports {package}, but {fault}.", _tip(root, interpreter))


def _imported(connector: Connector) -> tuple[str, str]:
    """Return the SDK that a connector cannot do without, and the first place that imports it; both may be empty.

    With our runtime only main.py is asked: it runs without the modules that lack something.
    """
    routes = [] if connector.has_runtime else [file for each in connector.versions for file in each.route_files]
    for file in (connector.root / "main.py", *routes):
        for package, line in _imports(_text(file) or ""):
            return package, f"{connector.relative(file)}:{line}"
    return "", ""


def _imports(text: str) -> Iterator[tuple[str, int]]:
    if not any(package in text for package in PACKAGES):
        return

    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # whoever runs it will be told
        return
    for node in statements:
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        yield from ((name.partition(".")[0], node.lineno) for name in names if name.partition(".")[0] in PACKAGES)


def _is_required(root: Path) -> bool:
    return any(map(is_sdk, installed_lines(FILE, lambda name: _text(root / name))))


def _can_import(interpreter: Interpreter, package: str, root: Path) -> bool:
    command = [str(interpreter.python), "-c", _QUESTION, package]
    try:
        return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0
    except OSError:  # it does not run, which is said when it is asked what it has
        return True


def _tip(root: Path, interpreter: Interpreter | None) -> str:
    adopt = "run stacksync adopt, which replaces the SDK"
    if interpreter and _is_required(root):
        return f"{adopt}; or install it: {interpreter.install_command(root=root)}"
    known = _installed_by_image(root)
    if not known:
        return f"{adopt}; or add the SDK to {FILE}{_and_install(interpreter, root)}"

    place, wanted = known
    return (
        f"{adopt}; or add to {FILE} what {place} installs: {without_secrets(wanted)}{_and_install(interpreter, root)}"
    )


def _and_install(interpreter: Interpreter | None, root: Path) -> str:
    return f", then: {interpreter.install_command(root=root)}" if interpreter else ""


def _installed_by_image(root: Path) -> tuple[str, str] | None:
    for name in _DOCKERFILES:
        text = _text(root / name) or ""
        for line in filter(is_sdk, installed_in(text)):
            wanted = str(line.requirement or line.location)
            number = next((n for n, each in enumerate(text.splitlines(), start=1) if wanted in each), 1)
            return f"{name}:{number}", wanted
    return None


def _text(file: Path) -> str | None:
    try:
        return read_plain_text(file, "replace")
    except OSError:
        return None
