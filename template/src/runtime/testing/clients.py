"""Call modules as the platform does, in process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from ..discovery import VersionFolder, layout_of, scan

ROOT = Path(__file__).resolve().parents[3]


@cache
def folders() -> tuple[VersionFolder, ...]:
    """Return every version."""
    layout = layout_of(ROOT)
    return scan(layout.read_config(ROOT), layout).versions


@dataclass(frozen=True)
class ModuleClient:
    """One version of one module, and how to call it.

    Args:
        app: The connector.
        folder: The version.
        connection: What the connection holds where a call names no `credentials`; `credentials={}` is none.
    """

    app: Flask
    folder: VersionFolder
    connection: Any = None

    def execute(self, data: Any = None, *, credentials: Any = None) -> TestResponse:
        """Run the module with the form's values in `data`."""
        return self.send("execute", self._envelope(data or {}, credentials))

    def content(self, names: Sequence[str], form_data: Any = None, *, credentials: Any = None) -> TestResponse:
        """Ask for the choices of content objects, the form filled in as `form_data`."""
        data = {"form_data": form_data or {}, "content_object_names": [{"id": name} for name in names]}
        return self.send("content", self._envelope(data, credentials))

    def schema(self, form_data: Any = None, *, credentials: Any = None) -> TestResponse:
        """Ask for the form."""
        return self.send("schema", self._envelope({"form_data": form_data or {}}, credentials))

    def checks_input(self) -> bool:
        """Say whether input is checked against a form before the handler runs."""
        modules = self.app.extensions["stacksync"].modules.get(self.folder.url_base, [])
        return any(module.check_input is not None for module in modules)

    def send(self, endpoint: str, body: Any) -> TestResponse:
        """Post a body as it is."""
        return self.app.test_client().post(f"{self.folder.url_base}/{endpoint}", json=body)

    def _envelope(self, data: Any, credentials: Any) -> dict[str, Any]:
        value = self.connection if credentials is None else credentials
        return {"data": data} if value is None else {"data": data, "credentials": {"connection_data": {"value": value}}}


@dataclass(frozen=True)
class ConnectorClient:
    """The whole connector; the newest version of a module counts unless one is named."""

    app: Flask
    connection: Any = None

    def folders(self) -> tuple[VersionFolder, ...]:
        """Return every version."""
        return folders()

    def module(self, name: str, version: str | None = None) -> ModuleClient:
        """Return one module, by the names of its directories."""
        found = [folder for folder in folders() if folder.module == name and version in (None, folder.version)]
        if not found:
            known = ", ".join(folder.module_path for folder in folders())
            raise LookupError(f"there is no module {name}/{version or '*'}; there are {known}")

        return ModuleClient(self.app, found[-1], self.connection)

    def execute(
        self, module: str, data: Any = None, *, credentials: Any = None, version: str | None = None
    ) -> TestResponse:
        """Run a module with the form's values in `data`."""
        return self.module(module, version).execute(data, credentials=credentials)

    def content(
        self,
        module: str,
        names: Sequence[str],
        form_data: Any = None,
        *,
        credentials: Any = None,
        version: str | None = None,
    ) -> TestResponse:
        """Ask for the choices of a module's content objects."""
        return self.module(module, version).content(names, form_data, credentials=credentials)

    def schema(self, module: str, form_data: Any = None, *, version: str | None = None) -> TestResponse:
        """Ask for a module's form."""
        return self.module(module, version).schema(form_data)
