"""What the kit's handlers return, checked where they make it, so that a wrong form never reaches the platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response as FlaskResponse

from src.runtime.compat.kit_module import flat, reply

from . import checks
from .errors import ManagedError

Form = dict[str, Any]

SCHEMA_VERSION = "1.0.0"
METADATA = "workflows_module_schema_version"


class SchemaResponse:
    """A form.

    Args:
        fields: Its fields, each with an `id` and a `type`.
        connections: Which connection it needs: `required` and `app_types`.

    Raises:
        ValueError: The platform could not show it.
    """

    def __init__(
        self,
        fields: Sequence[Form] | None = None,
        *,
        connections: Form | None = None,
        ui_options: Form | None = None,
        metadata: Form | None = None,
    ) -> None:
        parts = {"ui_options": ui_options, "connections": connections}
        form: Form = {"metadata": metadata or {METADATA: SCHEMA_VERSION}}
        form |= {name: part for name, part in parts.items() if part is not None}
        self._form = _checked({**form, "fields": list(fields or [])})

    @classmethod
    def from_schema(cls, schema: Form | None) -> SchemaResponse:
        """Take a whole form, which stays as it is.

        Raises:
            ValueError: The platform could not show it.
        """
        made = cls.__new__(cls)
        form = dict(schema or {})
        form.setdefault("metadata", {METADATA: SCHEMA_VERSION})
        form.setdefault("fields", [])
        made._form = _checked(form)
        return made

    def add_record_array(
        self, object_name: str, item_fields: Sequence[Form], *, min_items: int = 1, label: str | None = None
    ) -> SchemaResponse:
        """Add an array of records of an object, called `<object>s`, and return the form.

        Raises:
            ValueError: The platform could not show one of the fields.
        """
        checks.check_fields(item_fields, "item_fields")
        shown = label or object_name.replace("_", " ").title()
        records = {
            "id": f"{object_name}s",
            "type": "array",
            "label": f"{shown}s",
            "description": f"Records of {object_name}, one row each.",
            "validation": {"required": True, "min_items": min_items},
            "default": [{}],
            "items": {
                "type": "object",
                "default": {},
                "ui_options": {"ui_order": [field["id"] for field in item_fields]},
                "fields": item_fields,
            },
        }
        self._form["fields"] = [*self._form["fields"], records]
        return self

    def to_schema_dict(self) -> Form:
        """Return the form."""
        return self._form


class ContentResponse:
    """Lists of choices, by the content objects that they are for.

    Raises:
        ValueError: A choice has no value or no label.
    """

    def __init__(self, content_objects: Mapping[str, Sequence[Form]] | None = None) -> None:
        self._objects: list[dict[str, Any]] = []
        for name, choices in (content_objects or {}).items():
            self.add(name, choices)

    def add(
        self,
        content_object_id: str,
        options: Sequence[Form] | None = None,
        *,
        has_next_page: bool = False,
        metadata: Form | None = None,
    ) -> ContentResponse:
        """Add the choices of a content object, and return the whole.

        Raises:
            ValueError: A choice has no value or no label.
        """
        rows = [checks.checked_choice(each, at, content_object_id) for at, each in enumerate(options or [])]
        added = {
            "id": content_object_id,
            "content_object_name": content_object_id,
            "data": rows,
            "pagination": {"data": {}, "has_next_page": bool(has_next_page)},
        }
        self._objects.append(added if metadata is None else {**added, "metadata": metadata})
        return self

    def to_wire(self) -> dict[str, Any]:
        """Return what stands under `data` of the answer."""
        return {"content_objects": self._objects}


class ExecuteResponse:
    """What a module did: `data` is what later steps of the workflow read.

    Raises:
        TypeError: `metadata` is no object, or `data_type` no text.
    """

    def __init__(self, data: Any = None, *, metadata: Form | None = None, data_type: str | None = None) -> None:
        for name, value, kind in (("metadata", metadata, dict), ("data_type", data_type, str)):
            if value is not None and not isinstance(value, kind):
                raise TypeError(f"{name} must be a {kind.__name__}, not a {type(value).__name__}")

        rest = {"metadata": metadata, "data_type": data_type}
        self._body = {"data": data, **{name: value for name, value in rest.items() if value is not None}}

    def to_wire(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return self._body


class Response:
    """Answers of a route of one's own, in the platform's envelope."""

    @staticmethod
    def success(data: Any = None, metadata: Form | None = None, status_code: int = 200) -> FlaskResponse:
        """Answer with data."""
        body = {"data": data} if metadata is None else {"data": data, "metadata": metadata}
        return reply(body, status_code)

    @staticmethod
    def error(error: ManagedError | Exception | str, *, status_code: int | None = None) -> FlaskResponse:
        """Answer with an error: of one that is not meant for callers they learn only that there was one."""
        if isinstance(error, ManagedError):
            return reply(flat(error), error.status_code)

        status = status_code or 500
        text = "Internal server error" if isinstance(error, Exception) and status >= 500 else str(error)
        return reply({"error": text, "data": {}, "metadata": {}, "status_code": status}, status)


def _checked(form: Form) -> Form:
    checks.check_fields(form["fields"])
    if "connections" in form:
        checks.check_connections(form["connections"])
    return form
