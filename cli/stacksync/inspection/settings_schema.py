"""The JSON Schemas of the two configuration files: the very files that editors complete and check with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from stacksync.inspection.json_places import Step
from stacksync.inspection.yaml_document import YamlDocument
from stacksync.runtime.source import TEMPLATE

_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section of `key: value` lines",
}


@dataclass(frozen=True)
class Violation:
    """A value that the schema does not allow.

    Args:
        path: Where, as keys and indices.
        keyword: The keyword of the schema that it breaks.
        message: What is wrong, in one line.
        tip: What the schema says about the value.
    """

    path: tuple[Step, ...]
    keyword: str
    message: str
    tip: str


@dataclass(frozen=True)
class UnknownKey:
    """A key that the schema does not know, with the known one that is most like it."""

    path: tuple[Step, ...]
    nearest: str | None
    known: tuple[str, ...]

    @property
    def tip(self) -> str:
        """What to do about it."""
        return f'write "{self.nearest}"' if self.nearest else f"known are {', '.join(self.known)}"


def unknown_keys(name: str, document: YamlDocument) -> Iterator[UnknownKey]:
    """Yield the keys that are no settings, at any depth."""
    yield from _unknown(_schema(name), document.value, ())


def violations(name: str, document: YamlDocument) -> Iterator[Violation]:
    """Yield the values that are not what they must be; keys that are not known are told apart."""
    from jsonschema.exceptions import ValidationError

    found: list[ValidationError] = []
    try:
        found = list(_validator(name).iter_errors(document.value))
    except RecursionError:  # a YAML anchor that holds itself
        return
    for error in found:
        if error.validator != "additionalProperties":
            yield _fault(error)


@lru_cache
def _schema(name: str) -> dict[str, Any]:
    file = TEMPLATE / "documentation" / "schemas" / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


@lru_cache
def _validator(name: str) -> Any:
    from jsonschema import Draft7Validator

    return Draft7Validator(_schema(name))


def _unknown(schema: dict[str, Any], value: Any, path: tuple[Step, ...]) -> Iterator[UnknownKey]:
    known: dict[str, Any] = schema.get("properties", {})
    for key, inner in value.items() if isinstance(value, dict) and known else ():
        if key in known:
            yield from _unknown(known[key], inner, (*path, key))
        else:
            near = get_close_matches(str(key), known, 1)
            yield UnknownKey((*path, key), near[0] if near else None, tuple(known))


def _fault(error: Any) -> Violation:
    path = tuple(error.absolute_path)
    tip = str(error.schema.get("description", ""))
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return Violation((*path, missing), "required", f'"{missing}" is missing', _described(error.schema, missing))

    name = f'"{path[-1]}"' if path else "the file"
    return Violation(path, str(error.validator), f"{name} {_said(error)}", tip)


def _described(schema: dict[str, Any], name: str) -> str:
    return str(schema.get("properties", {}).get(name, {}).get("description", ""))


def _said(error: Any) -> str:
    wanted = error.validator_value
    if error.validator == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return f"must be {' or '.join(_NAMES[kind] for kind in kinds)}, not {spoken(error.instance)}"
    if error.validator == "enum":
        *most, last = map(spoken, wanted)
        return f"must be {', '.join(most)} or {last}, not {spoken(error.instance)}"
    if error.validator == "minLength":
        return "is empty"
    if error.validator in ("minimum", "exclusiveMinimum"):
        return f"must be {'at least' if error.validator == 'minimum' else 'above'} {wanted}"
    if error.validator in ("maximum", "exclusiveMaximum"):
        return f"must be {'at most' if error.validator == 'maximum' else 'below'} {wanted}"

    return f"cannot be {spoken(error.instance)}"


def spoken(value: Any) -> str:
    """Say what a value is, short scalars as they are."""
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"

    return json.dumps(value, ensure_ascii=False, default=str)[:60]
