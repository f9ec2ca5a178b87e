"""A JSON or YAML file of a connector: its content, and the place of every value in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stacksync.inspection.json_places import Step
from stacksync.inspection.places import Place, TextFile

Path = Iterable[Step]


@dataclass(frozen=True)
class ParseFault:
    """Why a file cannot be read, and where."""

    message: str
    place: Place


class Document:
    """What JSON and YAML files have in common.

    Args:
        file: The text.
        value: What it stands for; None when there is a fault.
        fault: Why it cannot be read.
    """

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.value: Any = None
        self.fault = ParseFault(f"cannot be read: {file.fault}", file.place()) if file.fault else None

    def get(self, *path: Step) -> Any:
        """Return the value at a path, None where there is none."""
        value = self.value
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def value_at(self, path: Path) -> Any:
        """Return the value at a path that is there."""
        value = self.value
        for step in path:
            value = value[step]
        return value

    def at(self, path: Path = (), *, key: bool = False) -> Place:
        """Return the place of a value, or of its key; of the nearest value around it where it is missing."""
        raise NotImplementedError

    def repeated_keys(self) -> Iterator[Place]:
        """Yield the places of keys that their object has already."""
        raise NotImplementedError
