"""Call the modules of this connector as the platform does, without a server.

    def test_greets(module):                    # in src/modules/<module>/<version>/tests/
        reply = module.execute({"name": "Ada"})
        assert reply.json == {"data": {"greeting": "Hello Ada"}}

Imported without pytest, which `.venv` need not have: `stacksync invoke` calls modules with it. As a plugin of pytest it
brings the fixtures of `fixtures.py`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from string import Template
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from .config import read_config
from .discovery import VersionFolder, scan

ROOT = Path(__file__).resolve().parents[2]

pytest_plugins = ["src.runtime.fixtures"]


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
        """Return every version."""
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


@dataclass(frozen=True)
class Example:
    """A request of `examples/` and what it must be answered with."""

    file: Path
    content: dict[str, Any]

    @property
    def endpoint(self) -> str:
        """Return what is asked: execute, content or schema."""
        return str(self.content.get("endpoint", "execute"))

    @property
    def status(self) -> int:
        """Return the status that the answer must have."""
        return int(self.content.get("status", 200))

    @property
    def request(self) -> Any:
        """Return the body to send."""
        return self.content["request"]

    @property
    def reply(self) -> Any:
        """Return what the answer must contain."""
        return self.content.get("reply", {})


def read_example(file: Path, values: dict[str, str]) -> Example:
    """Read an example, each `${name}` in its texts replaced by the value of that name."""
    return Example(file, _filled(json.loads(file.read_text("utf-8")), values))


def difference(expected: Any, got: Any, where: str = "reply") -> str | None:
    """Say where `got` does not contain `expected`: extra keys are fine, extra list items are not."""
    if isinstance(expected, dict) and isinstance(got, dict):
        missing = [f"{where}.{key} is missing" for key in expected if key not in got]
        parts = [difference(value, got.get(key), f"{where}.{key}") for key, value in expected.items()]
        return next(filter(None, missing + parts), None)
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = enumerate(zip(expected, got, strict=True))
        return next(filter(None, (difference(a, b, f"{where}[{at}]") for at, (a, b) in pairs)), None)

    same = expected == got and isinstance(expected, bool) == isinstance(got, bool)
    return None if same else f"{where} is {got!r}, not {expected!r}"


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).safe_substitute(values)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]

    return {key: _filled(item, values) for key, item in value.items()} if isinstance(value, dict) else value


def upstream_of(folder: VersionFolder) -> AbstractContextManager[dict[str, str]]:
    """Start what the `tests/upstream.py` of a version offers, if there is one; its examples name what it yields."""
    file = folder.path / "tests" / "upstream.py"
    spec = spec_from_file_location(f"{folder.package}.tests.upstream", file)
    if not file.is_file() or spec is None or spec.loader is None:
        return nullcontext({})

    stand_in = module_from_spec(spec)
    spec.loader.exec_module(stand_in)
    started: AbstractContextManager[dict[str, str]] = stand_in.upstream()
    return started
