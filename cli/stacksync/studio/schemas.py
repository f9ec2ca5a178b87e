"""The forms of a connector's modules, read from their files each time: that costs a millisecond."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stacksync.connector import Connector
from stacksync.runtime import forms

if TYPE_CHECKING:
    from src.runtime.discovery import VersionFolder
    from src.runtime.forms import Form


@dataclass(frozen=True)
class Schema:
    """The form of one version of a module.

    Args:
        text: The file, as it is or as it was when it could last be read.
        problem: Why the file cannot be read now, as FILE:LINE: FAULT; "" when it can.
    """

    form: "Form"
    text: str
    problem: str = ""

    def line(self, path: tuple[str | int, ...]) -> int | None:
        """Return the line of the file on which something stands, when it is known."""
        from stacksync.inspection.json_places import locate

        node = locate(self.text)
        for step in path:
            if step not in node.inner:
                return None
            node = node.inner[step]
        return self.text.count("\n", 0, node.start) + 1


class Schemas:
    """The forms of a connector; one that is broken by an edit stays as it was until it is mended."""

    def __init__(self, connector: Connector) -> None:
        self._root = connector.root
        self._good: dict[Path, Schema] = {}

    def read(self, folder: "VersionFolder") -> Schema:
        """Return the form of a version; an empty one when it has none."""
        file = folder.schema_path
        try:
            text = file.read_text("utf-8-sig")
            schema = Schema(forms.read_form(json.loads(text)), text)
        except FileNotFoundError:
            return Schema(forms.Form(), "{}")
        except (OSError, ValueError, RecursionError) as error:
            return self._last_good(file, f"{self._shown(file)}:{getattr(error, 'lineno', 1)}: {_fault(error)}")

        self._good[file] = schema
        return schema

    def _last_good(self, file: Path, problem: str) -> Schema:
        good = self._good.get(file, Schema(forms.Form(), "{}"))
        return Schema(good.form, good.text, problem)

    def _shown(self, file: Path) -> str:
        return file.relative_to(self._root).as_posix()


def _fault(error: Exception) -> str:
    return getattr(error, "msg", None) or str(error)
