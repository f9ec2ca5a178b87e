"""The files of cassettes: `<module>/<version>/cassettes/<name>.json`, beside the examples."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.git.command import ask
from stacksync.masking import MASK
from stacksync.runtime import CASSETTES, cassette_text
from stacksync.studio.examples.files import NAME

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

RUNTIME = "src/runtime/cassettes"
# Shorter values of connections are words of any text, and became placeholders where they were sent.
LONG = 12


def names_of(folder: "VersionFolder") -> list[str]:
    """Return the names of the cassettes of a version."""
    return sorted(file.stem for file in (folder.path / CASSETTES).glob("*.json"))


def place_of(connector: Connector, folder: "VersionFolder", name: str) -> Path:
    """Return where a cassette of a name is, or would be.

    Raises:
        StacksyncError: The name cannot be one, or the connector's runtime knows no cassettes.
    """
    if not (connector.root / RUNTIME).is_dir():
        raise StacksyncError(f"Cassettes need {RUNTIME}, which this connector does not have.", "stacksync update")
    if not NAME.fullmatch(name):
        raise StacksyncError(f"{name!r} cannot be the name of a cassette: small letters, digits, _ and - only.")

    return folder.path / CASSETTES / f"{name}.json"


def file_of(connector: Connector, folder: "VersionFolder", name: str) -> Path:
    """Return the file of a cassette.

    Raises:
        StacksyncError: There is none of that name.
    """
    file = place_of(connector, folder, name)
    if file.is_file():
        return file

    known = ", ".join(names_of(folder))
    tip = f"there are {known}" if known else "record one: --record NAME, or in Studio"
    raise StacksyncError(f"{folder.module_path} has no cassette {name}.", tip)


def is_shared(connector: Connector, file: Path) -> bool:
    """Say whether a file would reach others: all but those that git ignores."""
    return ask(connector.root, "check-ignore", connector.relative(file)) is None


def masked(content: Any, secrets: Iterable[str]) -> Any:
    """Return what was recorded with a mask for secrets of this machine that no placeholder stands for.

    As a whole only: what is made up for an address begins as others do.
    """
    return _masked(content, [each for each in secrets if len(each) >= LONG])


def _masked(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _masked(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, secrets) for inner in value]
    if not isinstance(value, str):
        return value

    for secret in secrets:
        value = value.replace(secret, MASK)
    return value


def write(connector: Connector, file: Path, content: Any) -> str:
    """Write a cassette, in the place of one that may be there, and return its name from the connector's root."""
    connector.refuse_links(file.parent)
    file.parent.mkdir(exist_ok=True)
    file.write_text(cassette_text(content), encoding="utf-8")
    return connector.relative(file)
