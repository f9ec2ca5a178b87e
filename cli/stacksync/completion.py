"""What the shell completes: names of modules and versions, codes of rules, choices. It prints nothing of its own."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from stacksync.connector import Connector


def module_names(incomplete: str) -> list[str]:
    """Return the modules of the current connector that begin so."""
    from stacksync.modules import copying

    connector = _connector()
    return _beginning(incomplete, copying.module_names(connector) if connector else [])


def version_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the versions of the module that the command line names, or of all, that begin so."""
    connector = _connector()
    module = context.params.get("module") or context.params.get("name")
    versions = connector.versions if connector else ()
    names = {version.version for version in versions if module in (None, version.module)}
    return _beginning(incomplete, sorted(names))


def module_paths(incomplete: str) -> list[str]:
    """Return the modules as NAME, and with their versions as NAME/VERSION once there is a slash."""
    if "/" not in incomplete:
        return module_names(incomplete)

    connector = _connector()
    versions = connector.versions if connector else ()
    return _beginning(incomplete, [f"{version.module}/{version.version}" for version in versions])


def rule_codes(incomplete: str) -> list[str]:
    """Return the codes of rules that begin so; of several, separated by commas, the last one is completed."""
    from stacksync.rules import RULES

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{code}" for code in _beginning(last, sorted(rule.code for rule in RULES))]


def answers(incomplete: str) -> list[str]:
    """Return the questions of the template as KEY=, and with their choices once there is an equals sign."""
    from stacksync.answers import choices_of, questions_of
    from stacksync.source import CHECKOUT, EMBEDDED

    questions = questions_of(EMBEDDED if EMBEDDED.is_dir() else CHECKOUT, "connector")
    key, equals, _ = incomplete.partition("=")
    if not equals:
        return _beginning(incomplete, [f"{name}=" for name in questions])
    return _beginning(incomplete, [f"{key}={value}" for value in choices_of(questions.get(key, {}))])


def auth_choices(incomplete: str) -> list[str]:
    """Return the ways to authenticate that begin so."""
    return [answer.removeprefix("auth=") for answer in answers(f"auth={incomplete}")]


def _connector() -> "Connector | None":
    """Return the current connector; outside of one there is nothing to complete."""
    from stacksync.connector import find_connector
    from stacksync.errors import StacksyncError

    try:
        return find_connector()
    except StacksyncError:
        return None


def _beginning(incomplete: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
