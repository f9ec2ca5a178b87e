"""The schema.json of a version: served to the platform, and what execute's input is converted and checked by."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .carried import keep_secret
from .errors import ManagedError
from .strict_json import decode

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

    def checked(self, data: Any, has_connection: Callable[[], bool]) -> Any:
        """Return the form's values, converted and checked; as they came where there is no schema.

        Args:
            has_connection: says whether a connection came with them; asked where the form requires one.

        Raises:
            ManagedError: They break the schema, or lack the connection that it requires.
            SchemaError: The schema is no form.
        """
        schema = self.read()
        if schema is None:
            return values(data)

        if "connections" in schema:
            require_connection(schema, has_connection)
        try:
            validator = self._validator = self._validator or self._prepared(schema)
            return checked(validator, data)
        except ValueError as error:
            raise SchemaError(f"{self._file}: {error}") from error

    def _prepared(self, schema: dict[str, Any]) -> FormValidator:
        from .forms import FormValidator, read_form, remarks

        faults = [note.message for note in remarks(read_form(schema)) if note.severity == "error"]
        if faults:
            text = "%s: input may be checked for less than is meant: %s. `stacksync check` says where"
            logger.warning(text, self._file, "; ".join(faults[:3]))
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


def checked(validator: FormValidator, data: Any) -> dict[str, Any]:
    """Return the form's values as the form declares them.

    Raises:
        ManagedError: They do not fit; `data.errors` names every fault.
    """
    if validator.has_secrets:
        keep_secret(partial(validator.secrets, data))
    result = validator.validate(values(data))
    if result.errors:
        errors = [{"field": error.field, "message": error.message, "rule": error.rule} for error in result.errors]
        raise invalid("The input does not fit the form", {"errors": errors})
    made: dict[str, Any] = result.data
    return made


def values(data: Any) -> dict[str, Any]:
    """Return the form's values by field id.

    Raises:
        ManagedError: They are no object.
    """
    if isinstance(data, dict):
        return data

    raise invalid("`data` must be a JSON object")


def require_connection(form: Mapping[str, Any], has_connection: Callable[[], bool]) -> None:
    """Refuse a request without the connection that a form requires at its root.

    Raises:
        ManagedError: Neither the envelope nor a field of the form carries one (401).
    """
    asked = form.get("connections")
    if isinstance(asked, Mapping) and asked.get("required") is True and not has_connection():
        raise ManagedError.unauthorized("Choose a connection.")


def invalid(text: str, data: Any = None) -> ManagedError:
    """Make the error for input that is wrong."""
    return ManagedError.validation_error(text, data, {"type": "validation_error"})
