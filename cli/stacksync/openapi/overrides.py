"""What a user wants otherwise than a description has it: labels, order, hidden fields, defaults, dropdowns.

It stands in `src/api/<name>/overrides.yaml`, which is the user's: an import and an update read it, and never write it.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.openapi.held import STORE
from stacksync.openapi.stored_files import repeated_key
from stacksync.plain_files import read_plain_text
from stacksync.runtime import YamlFileError, line_of, read_yaml
from stacksync.terminal import in_one_line

FILE = "overrides.yaml"
TEXTS = ("label", "description")
KNOWN = (*TEXTS, "default", "hidden", "from", "value", "show")
EXAMPLE = "POST /books: {fields: {title: {label: Name}}, order: [title]}"
STEP = "/"

Json = dict[str, Any]


@dataclass(frozen=True)
class Dropdown:
    """What fills a field: the address of the operation that lists, and what of a record is sent and shown."""

    source: str
    value: str = ""
    label: str = ""


@dataclass
class Overrides:
    """The overrides of an API.

    Args:
        file: Where they stand.
        shown: How messages name that.
        operations: What is wanted of each operation, by its address.
        unused: What is said of fields that are not there, in the order in which they were met.
    """

    file: Path = Path()
    shown: str = ""
    operations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def dropdowns(self, address: str) -> dict[str, Dropdown]:
        """Return what fills fields of an operation, by their ids."""
        fields = self._fields(address)
        return {
            name: Dropdown(each["from"], each.get("value", ""), each.get("show", ""))
            for name, each in fields.items()
            if "from" in each
        }

    def form(self, address: str, form: Json) -> Json:
        """Return the form of an operation as the user wants it."""
        for name, wanted in self._fields(address).items():
            form = self._with_field(form, name.split(STEP), wanted, (address, "fields", name))
        order = self.operations.get(address, {}).get("order") or []
        known = {each["id"] for each in form["fields"]}
        for name in order:
            if name not in known:
                self.say((address, "order"), f"{address} has no field {name!r} to put in order")
        return _in_order(form, order) if order else form

    def look_for(self, addresses: Collection[str]) -> None:
        """Say which operations are named that the API does not have."""
        for address in self.operations:
            if address not in addresses:
                close = get_close_matches(address, addresses, n=1)
                meant = f"; did you mean {close[0]!r}?" if close else ""
                self.say((address,), f"the API has no {address!r}{meant}")

    def _fields(self, address: str) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.operations.get(address, {}).get("fields", {})
        return found

    def _with_field(self, holder: Json, steps: Sequence[str], wanted: Mapping[str, Any], keys: tuple[str, ...]) -> Json:
        """Return a form or group in which one field is as it is wanted, at any depth."""
        fields: list[Json] = holder.get("fields", [])
        at = next((at for at, each in enumerate(fields) if each["id"] == steps[0]), None)
        if at is None:
            self.say(keys, f"{keys[0]} has no field {STEP.join(steps)!r}")
            return holder

        found = fields[at]
        if len(steps) > 1 and isinstance(found.get("items"), dict):
            found = {**found, "items": self._with_field(found["items"], steps[1:], wanted, keys)}
        elif len(steps) > 1:
            found = self._with_field(found, steps[1:], wanted, keys)
        else:
            found = self._changed(found, wanted, keys)
        return {**holder, "fields": [*fields[:at], found, *fields[at + 1 :]]}

    def _changed(self, found: Json, wanted: Mapping[str, Any], keys: tuple[str, ...]) -> Json:
        made = {**found, **{name: wanted[name] for name in (*TEXTS, "default") if name in wanted}}
        if wanted.get("hidden") is not True:
            return made
        if made.get("validation", {}).get("required") is True and "default" not in made:
            self.say(keys, f"{found['id']!r} is required, and stays shown: to hide it, give it a default")
            return made
        return {**made, "ui_options": {**made.get("ui_options", {}), "ui_widget": "hidden"}}

    def say(self, keys: Sequence[str], what: str) -> None:
        """Say that something is not there, or cannot be had, and where that is asked for."""
        told = f"{self.shown}:{line_of(self.file, *keys)}: {what}{'' if what.endswith('?') else '.'}"
        if told not in self.unused:
            self.unused.append(told)


def _in_order(form: Json, order: Sequence[str]) -> Json:
    """Return a form with some fields first, in an order."""
    known = {each["id"]: each for each in form["fields"]}
    names = [*(each for each in order if each in known), *(each for each in known if each not in order)]
    options = {**form.get("ui_options", {}), "ui_order": names}
    return {**form, "fields": [known[each] for each in names], "ui_options": options}


def read_overrides(connector: Connector, name: str) -> Overrides:
    """Return the overrides of an API; none where there is no such file.

    Raises:
        StacksyncError: The file cannot be read, or is written otherwise than it has to be.
    """
    shown = f"{STORE}/{name}/{FILE}"
    file = connector.root / shown
    connector.refuse_links(file)
    try:
        held = read_yaml(file)
    except FileNotFoundError:
        return Overrides()
    except YamlFileError as error:
        raise StacksyncError(f"{str(error).replace(str(file), shown)}.", EXAMPLE) from error

    read = Overrides(file, shown, {} if held is None else held)
    twice = repeated_key(read_plain_text(file))
    if twice:
        raise StacksyncError(in_one_line(f"{shown}:{twice.line}: {twice.name!r} stands there twice."), EXAMPLE)
    _check(read)
    return read


def _check(read: Overrides) -> None:
    _require(isinstance(read.operations, dict), read, (), "it must name operations, each by method and path")
    for address, each in read.operations.items():
        _require(isinstance(address, str), read, (str(address),), "an operation is named by method and path")
        _check_keys(read, (address,), each, ("fields", "order"), "an operation")
        order = each.get("order", [])
        is_list = isinstance(order, list) and all(isinstance(name, str) for name in order)
        _require(is_list, read, (address, "order"), "`order` must be a list of fields")
        fields = each.get("fields", {})
        _require(isinstance(fields, dict), read, (address, "fields"), "`fields` must name fields")
        for name, wanted in fields.items():
            _require(isinstance(name, str), read, (address, "fields", str(name)), "a field's name must be in quotes")
            _check_field(read, (address, "fields", name), wanted)


def _check_field(read: Overrides, keys: tuple[str, ...], wanted: Any) -> None:
    _check_keys(read, keys, wanted, KNOWN, "a field")
    for name in (*TEXTS, "from", "value", "show"):
        is_text = isinstance(wanted.get(name, ""), str)
        _require(is_text, read, (*keys, name), f"`{name}` must be a text; put it in quotes")
    _require(isinstance(wanted.get("hidden", False), bool), read, (*keys, "hidden"), "`hidden` must be true or false")
    is_plain = _is_plain(wanted.get("default"))
    _require(is_plain, read, (*keys, "default"), "`default` must be a text, a number, true or false; put it in quotes")
    is_whole = "from" in wanted or not {"value", "show"} & set(wanted)
    _require(is_whole, read, keys, "`value` and `show` say what is taken of a list, which `from` names")


def _check_keys(read: Overrides, keys: tuple[str, ...], held: Any, known: Sequence[str], whose: str) -> None:
    has = f"{whose} has {', '.join(f'`{each}`' for each in known)}"
    _require(isinstance(held, dict), read, keys, has)
    for name in held:
        close = get_close_matches(str(name), known, n=1)
        meant = f"did you mean `{close[0]}`?" if close else has
        _require(name in known, read, (*keys, str(name)), f"unknown key `{name}`: {meant}")


def _is_plain(value: Any) -> bool:
    """Say whether a default can stand in a form, which is JSON: YAML has dates, and numbers that are none."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int))


def _require(holds: bool, read: Overrides, keys: Sequence[str], fault: str) -> None:
    if not holds:
        line = line_of(read.file, *keys) if keys else 1
        ends = "" if fault.endswith("?") else "."
        raise StacksyncError(in_one_line(f"{read.shown}:{line}: {fault}{ends}"), EXAMPLE)
