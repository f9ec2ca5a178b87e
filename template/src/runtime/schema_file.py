"""The schema.json of a version: served to the platform, and what input is checked against."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .carried import keep_secret
from .errors import ManagedError
from .json_text import decode

if TYPE_CHECKING:
    from .forms import FormValidator

logger = logging.getLogger("stacksync.schema")


class SchemaError(Exception):
    """schema.json is not a JSON object; the text says where it is wrong."""


class SchemaFile:
    """A schema.json, read on each use in development and once otherwise."""

    def __init__(self, file: Path, modules_dir: Path, *, reread: bool) -> None:
        self._file = file
        self._modules_dir = modules_dir
        self._reread = reread
        self._is_read = False
        self._text: bytes | None = None
        self._schema: dict[str, Any] | None = None
        self._validator: FormValidator | None = None
        self._passwords: frozenset[str] = frozenset()

    def read(self) -> dict[str, Any] | None:
        """Return the schema, or None where there is none.

        Raises:
            SchemaError: The file holds something else.
        """
        if self._is_read and not self._reread:
            return self._schema

        text = self._read_text()
        if text != self._text or not self._is_read:
            self._schema = None if text is None else self._parse(text)
            self._text, self._validator, self._is_read = text, None, True
        return self._schema

    def validated(self, data: Any) -> dict[str, Any]:
        """Return the form's values, checked against the schema and converted to the types it asks for.

        Raises:
            ManagedError: They break the schema; `data.errors` names every fault.
        """
        if not isinstance(data, dict):
            raise _refusal("`data` must be a JSON object")
        schema = self.read()
        if schema is None:
            return data

        try:
            validator = self._validator = self._validator or self._compiled(schema)
            if self._passwords:
                keep_secret(partial(_values_under, self._passwords, data))
            checked = validator.validate(data)
        except ValueError as error:
            raise SchemaError(f"{self._file}: {error}") from error
        if checked.errors:
            errors = [{"field": fault.field, "message": fault.message, "rule": fault.rule} for fault in checked.errors]
            raise _refusal("The input does not fit the form", {"errors": errors})
        values: dict[str, Any] = checked.data
        return values

    def _compiled(self, schema: dict[str, Any]) -> FormValidator:
        from .forms import FormValidator, read_form

        faults = [note.message for note in read_form(schema).notes if note.severity == "error"]
        if faults:
            text = "%s: input may be checked for less than is meant: %s. `stacksync check` says where"
            logger.warning(text, self._file, "; ".join(faults[:3]))
        self._passwords = frozenset(_password_fields(schema))
        return FormValidator(schema)

    def _read_text(self) -> bytes | None:
        try:
            inside = self._file.resolve(strict=True).is_relative_to(self._modules_dir.resolve())
            return self._file.read_bytes() if inside else None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _parse(self, text: bytes) -> dict[str, Any]:
        try:
            schema = decode(text)
        except ValueError as error:
            raise SchemaError(f"{self._file}: not valid JSON: {error}") from None
        if not isinstance(schema, dict):
            raise SchemaError(f"{self._file}: must hold a JSON object, not a {type(schema).__name__}")

        return schema


def _password_fields(part: Any) -> Iterator[str]:
    """Find the ids of password fields, also of those that a rule turns into one."""
    if isinstance(part, list):
        for each in part:
            yield from _password_fields(each)
    if isinstance(part, dict):
        options = part.get("ui_options")
        if isinstance(options, dict) and (options.get("ui_widget") == "password" or options.get("is_password")):
            yield str(part.get("id"))
        for each in part.values():
            yield from _password_fields(each)


def _values_under(names: frozenset[str], part: Any) -> Iterator[Any]:
    """Find what stands under one of these names, at any depth."""
    if isinstance(part, list):
        for each in part:
            yield from _values_under(names, each)
    if isinstance(part, dict):
        for name, value in part.items():
            yield from (value,) if name in names else _values_under(names, value)


def _refusal(text: str, data: dict[str, Any] | None = None) -> ManagedError:
    return ManagedError.validation_error(text, data, {"type": "validation_error"})
