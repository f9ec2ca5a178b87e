"""Call the modules of this connector as the platform does, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from .config import read_config
from .discovery import VersionFolder, scan

ROOT = Path(__file__).resolve().parents[2]


@cache
def folders() -> tuple[VersionFolder, ...]:
    """Return every version."""
    return scan(read_config(ROOT)).versions


@dataclass(frozen=True)
class ModuleClient:
    """One version of one module, and how to call it."""

    app: Flask
    folder: VersionFolder

    def execute(self, data: Any = None, *, credentials: Any = None) -> TestResponse:
        """Run the module with the form's values in `data`."""
        return self.send("execute", _envelope(data or {}, credentials))

    def content(self, names: Sequence[str], form_data: Any = None, *, credentials: Any = None) -> TestResponse:
        """Ask for the choices of content objects, the form filled in as `form_data`."""
        data = {"form_data": form_data or {}, "content_object_names": [{"id": name} for name in names]}
        return self.send("content", _envelope(data, credentials))

    def schema(self, form_data: Any = None, *, credentials: Any = None) -> TestResponse:
        """Ask for the form."""
        return self.send("schema", _envelope({"form_data": form_data or {}}, credentials))

    def checks_input(self) -> bool:
        """Say whether input is checked against a form before the handler runs."""
        modules = self.app.extensions["stacksync"].modules.get(self.folder.url_base, [])
        return any(module.check_input is not None for module in modules)

    def send(self, endpoint: str, body: Any) -> TestResponse:
        """Post a body as it is."""
        return self.app.test_client().post(f"{self.folder.url_base}/{endpoint}", json=body)


@dataclass(frozen=True)
class ConnectorClient:
    """The whole connector; the newest version of a module counts unless one is named."""

    app: Flask

    def folders(self) -> tuple[VersionFolder, ...]:
        """Return every version that has a route file."""
        return folders()

    def module(self, name: str, version: str | None = None) -> ModuleClient:
        """Return one module, by the names of its directories."""
        found = [folder for folder in folders() if folder.module == name and version in (None, folder.version)]
        if not found:
            known = ", ".join(folder.module_path for folder in folders())
            raise LookupError(f"there is no module {name}/{version or '*'}; there are {known}")

        return ModuleClient(self.app, found[-1])

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


def _envelope(data: Any, credentials: Any) -> dict[str, Any]:
    if credentials is None:
        return {"data": data}

    return {"data": data, "credentials": {"connection_data": {"value": credentials}}}
