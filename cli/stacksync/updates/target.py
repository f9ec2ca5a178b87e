"""What is updated: the connector, or one module of it."""

from dataclasses import dataclass, field
from pathlib import Path

from stacksync.answers_file import read_answers
from stacksync.connector import ANSWERS_FILE, Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.git.addresses import git_address, without_secrets
from stacksync.modules.copying import versions_of
from stacksync.source import TemplateSource
from stacksync.updates.releases import choose, is_newer, releases_of


@dataclass(frozen=True)
class Target:
    """A connector or a module, and the release that it has.

    Args:
        connector: The connector.
        answers_file: Its answers file, or the module's, from the connector's root.
        origin: The template, as the answers file records it, without credentials.
        current: The release, as the answers file records it.
        secret: The address with the credentials that somebody recorded in it.
    """

    connector: Connector
    answers_file: str
    origin: str
    current: str
    secret: str | None = field(default=None, repr=False)

    @property
    def source(self) -> TemplateSource:
        """The template to update from; what it should not have in its address stays out of sight."""
        return TemplateSource(None, self.origin, self.current, secret=self.secret)

    @property
    def address(self) -> str:
        """What git calls the template."""
        return git_address(self.origin)

    @property
    def folder(self) -> Path:
        """The folder that was rendered."""
        return (self.connector.root / self.answers_file).parent

    @property
    def is_module(self) -> bool:
        """Whether it is a module."""
        return self.answers_file != ANSWERS_FILE


def find_target(connector: Connector, module: str | None) -> Target:
    """Read where the connector came from, or a module of it: NAME, or NAME/VERSION.

    Raises:
        StacksyncError: Its answers file does not say so.
        UsageError: There is no such module.
    """
    file = _answers_of(connector, module) if module else ANSWERS_FILE
    answers = read_answers(connector.root, file)
    origin, current = answers.get("_src_path"), answers.get("_commit")
    if not origin or not current:
        fault = "is missing" if not (connector.root / file).exists() else "names no _src_path and _commit"
        raise StacksyncError(
            f"{file} {fault}, so it is not known which template to update from.",
            "only what `stacksync new`, `stacksync add-module` or `copier copy` made of a release can be updated",
        )
    address = without_secrets(str(origin))
    return Target(connector, file, address, str(current), secret=str(origin) if address != origin else None)


def find_release(target: Target, wanted: str | None) -> str:
    """Return the release to go to.

    Raises:
        StacksyncError: There is none, or the template cannot be reached.
        UsageError: The wanted one does not exist, or is older than what is there.
    """
    release = choose(releases_of(target.source, target.connector.root), wanted)
    if wanted and is_newer(target.current, release):
        raise UsageError(
            f"--to: {release} is older than {target.current}, which is what is here.",
            "an update goes forward only; go back by git: git revert COMMIT",
        )
    return release


def _answers_of(connector: Connector, module: str) -> str:
    name, _, version = module.partition("/")
    versions = [found for found in versions_of(connector, name) if version in ("", found.version)]
    files = [connector.relative(found.path / ANSWERS_FILE) for found in versions]
    files = [file for file in files if (connector.root / file).is_file()]
    if not files:
        fault = f"--module: {module} is not a version that has a {ANSWERS_FILE}"
        raise UsageError(f"{fault}.", "modules that came with the connector or were copied are not updated")
    if len(files) > 1:
        names = ", ".join(f"{name}/{Path(file).parent.name}" for file in files)
        raise UsageError(f"--module: {name} has several versions.", f"modules are updated one at a time: {names}")
    return files[0]
