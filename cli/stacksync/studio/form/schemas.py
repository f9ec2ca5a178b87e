"""The forms of a connector's modules, read from their files each time: that costs a millisecond."""

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.plain_files import read_plain, read_plain_text
from stacksync.runtime import JsonError, decode, forms

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder
    from stacksync.runtime.forms import Field, Form

    Fields = tuple[Field, ...]

MADE_KEPT = 100


@dataclass(frozen=True)
class Schema:
    """The form of one version of a module.

    Args:
        text: The file, as it is or as it was when it could last be read; or what the module made of it.
        problem: Why the file cannot be read now, as FILE:LINE: FAULT; "" when it can.
        made: Names a form that the module's own /schema made; "" for that of the file.
        made_of: The file that it was made of.
    """

    folder: "VersionFolder"
    form: "Form"
    text: str
    problem: str = ""
    made: str = ""
    made_of: str = ""

    def line(self, path: tuple[str | int, ...]) -> int | None:
        """Return the line of the file on which something stands, when it is known."""
        if self.made:
            return None

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
        self._made: OrderedDict[str, Schema] = OrderedDict()

    def read(self, folder: "VersionFolder", made: str = "") -> Schema:
        """Return the form of a version; an empty one when it has none.

        Args:
            made: Names the form that the module made last; it is gone when the file has changed.
        """
        own, last = self._read(folder), self._made.get(made)
        return replace(last, problem=own.problem) if last and last.made_of == own.text else own

    def keep(self, own: Schema, made: dict[str, Any]) -> Schema:
        """Remember what a module made of its form, and return it.

        Raises:
            FormError: It is no form.
        """
        if made == decode(own.text):
            return own  # schema.json as it is: the module makes none of its own

        text = json.dumps(made, indent=2)
        name = hashlib.sha256(f"{own.text}\n{text}".encode()).hexdigest()[:16]
        self._made[name] = Schema(own.folder, forms.read_form(made), text, made=name, made_of=own.text)
        self._made.move_to_end(name)
        while len(self._made) > MADE_KEPT:
            self._made.popitem(last=False)
        return self._made[name]

    def _read(self, folder: "VersionFolder") -> Schema:
        file = folder.schema_path
        try:
            text = read_plain_text(file)
            schema = Schema(folder, forms.read_form(decode(text)), text)
        except FileNotFoundError:
            return Schema(folder, forms.Form(), "{}")
        except (OSError, ValueError, RecursionError) as error:
            return self._last_good(folder, f"{self._shown(file)}:{getattr(error, 'lineno', 1)}: {_fault(error)}")

        self._good[file] = schema
        return schema

    def _last_good(self, folder: "VersionFolder", problem: str) -> Schema:
        good = self._good.get(folder.schema_path, Schema(folder, forms.Form(), "{}"))
        return replace(good, problem=problem)

    def _shown(self, file: Path) -> str:
        return file.relative_to(self._root).as_posix()


def makes_form(folder: "VersionFolder") -> bool:
    """Say whether a module answers `/schema` itself, as its route files have it."""
    from stacksync.modules.routes import answers_schema, parse_python

    try:
        trees = [(parse_python(read_plain(file)), folder.kind_of(file)) for file in folder.route_files]
    except (OSError, SyntaxError):
        return False
    return any(answers_schema(tree, kind) for tree, kind in trees)


def carried(before: "Fields", after: "Fields", data: dict[str, Any]) -> dict[str, Any]:
    """Return data for the form that takes another's place.

    Values of fields that are still there stay, also those that nobody filled in; new fields begin with their defaults,
    and the values of fields that went go with them.
    """
    known = {each.id: each for each in before}
    defaults = forms.defaults_of(after)
    kept = {name: value for name, value in data.items() if name not in known or name in {each.id for each in after}}
    for each in after:
        old, value = known.get(each.id), kept.get(each.id)
        if old is None and each.id in defaults:
            kept.setdefault(each.id, defaults[each.id])
        elif old and old.fields and each.fields and isinstance(value, dict):
            kept[each.id] = carried(old.fields, each.fields, value)
    return kept


def _fault(error: Exception) -> str:
    return error.reason if isinstance(error, JsonError) else str(error)
