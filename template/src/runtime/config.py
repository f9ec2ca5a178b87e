"""Read `app_config.yaml` and the environment once, into one frozen object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .yaml_file import YamlFileError, line_of, read_yaml

FILE = "app_config.yaml"
MODULES_DIR = "src/modules"
DEFAULT_PORT = 2003
DIRECTORY_KEYS = ("routes_directory_path", "routes_directory", "routes_dir", "routes_path")
PUBLIC_KEYS = ("app_type", "app_name", "app_icon_svg_url", "app_description")
# The values of ENVIRONMENT with which details may be shown.
DEVELOPMENT = frozenset({"dev", "development"})
SWITCHES = ("max_body_mb", "errors_always_400", "metrics")


class ConfigError(Exception):
    """The configuration is unusable; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Config:
    """Everything the runtime was told, by file and by environment."""

    root: Path
    modules_dir: Path
    public_settings: Mapping[str, Any]
    app_type: str = "connector"
    app_name: str = "Connector"
    app_description: str = ""
    app_icon_svg_url: str = ""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    debug: bool = False
    cors_origins: tuple[str, ...] = ("*",)
    sentry_dsn: str | None = field(default=None, repr=False)
    environment: str = "development"
    region: str = ""
    api_key: str | None = field(default=None, repr=False)
    connector_token: str | None = field(default=None, repr=False)
    max_body_bytes: int = 16 * 1024 * 1024
    errors_always_400: bool = False
    metrics: bool = False

    @property
    def is_development(self) -> bool:
        """Say whether details may be shown: only when nothing but development was asked for."""
        return self.environment.lower() in DEVELOPMENT


def read_config(root: Path) -> Config:
    """Read the configuration of the connector in `root`.

    Raises:
        ConfigError: The file is missing or unusable, or the modules directory does not exist.
    """
    file = root / FILE
    settings = _read_file(file)
    app = read_section(file, settings, "app_settings")
    return make_config(file, settings, _modules_dir(root, app), _public_settings(app))


def make_config(
    file: Path, settings: Mapping[str, Any], modules_dir: Path, public_settings: Mapping[str, Any]
) -> Config:
    """Return what a configuration file and the environment say.

    Args:
        file: The file, in the connector's root.
        settings: Its content.
        modules_dir: Where the modules are.
        public_settings: What `/app-config` shows.

    Raises:
        ConfigError: A value is unusable.
    """
    app, local, switches = (
        read_section(file, settings, name)
        for name in ("app_settings", "local_development_settings", "runtime_settings")
    )
    _refuse_unknown(switches)

    return Config(
        root=file.parent,
        modules_dir=modules_dir,
        public_settings=public_settings,
        app_type=app.text("app_type", "connector"),
        app_name=app.text("app_name", app.text("app_type", "Connector")),
        app_description=app.text("app_description"),
        app_icon_svg_url=app.text("app_icon_svg_url"),
        host=local.text("host", "127.0.0.1"),
        port=(local if local.get("port") is not None else app).port(),
        debug=local.flag("debug"),
        cors_origins=(local if local.get("cors_origins") is not None else app).origins(),
        sentry_dsn=os.environ.get("SENTRY_DSN") or local.text("sentry_dsn") or app.text("sentry_dsn") or None,
        environment=os.environ.get("ENVIRONMENT", "").strip() or "development",
        region=os.environ.get("REGION", ""),
        api_key=os.environ.get("API_KEY") or None,
        connector_token=os.environ.get("CONNECTOR_TOKEN") or None,
        max_body_bytes=switches.megabytes("max_body_mb", 16),
        errors_always_400=switches.flag("errors_always_400"),
        metrics=switches.flag("metrics"),
    )


def port_of_environment() -> int | None:
    """Return the port that PORT names; None where it names none.

    Raises:
        ConfigError: It is no port.
    """
    text = os.environ.get("PORT", "").strip()
    if not text:
        return None

    port = port_of(text)
    if port is None:
        raise ConfigError(f"The environment variable PORT is {text!r}. Write a number from 1 to 65535.")
    return port


def port_of(text: str) -> int | None:
    """Return the port that a text is; None if it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return int(text) if is_number and 0 < int(text) < 65536 else None


def is_developed() -> bool:
    """Say whether `stacksync dev --docker` runs the connector; without Docker it keeps pages away itself."""
    return os.environ.get("STACKSYNC_DEV") == "1"


@dataclass(frozen=True)
class Section:
    """One section of the file, read value by value; a bad value is reported with its line."""

    file: Path
    name: str
    values: dict[str, Any]

    def get(self, key: str) -> Any:
        """Return a value as it is written; None where there is none."""
        return self.values.get(key)

    def text(self, key: str, default: str = "") -> str:
        """Return a value as a text."""
        value = self.get(key)
        if value is None or value == "":
            return default
        if isinstance(value, (dict, list)):
            raise self.fault(key, "must be a text")

        return str(value)

    def flag(self, key: str) -> bool:
        """Return a switch; off where it is not written."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.fault(key, "must be true or false")

        return bool(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """Return the lines below a key."""
        value = self.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.fault(key, "must hold `key: value` lines")

        return value or {}

    def port(self) -> int:
        """Return the port."""
        port = port_of(self.text("port", str(DEFAULT_PORT)))
        if port is None:
            raise self.fault("port", "must be a number from 1 to 65535")

        return port

    def megabytes(self, key: str, default: int) -> int:
        """Return a number of megabytes, in bytes."""
        value = self.get(key)
        if value is None:
            return default * 1024 * 1024
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
            raise self.fault(key, "must be a number of megabytes above 0")

        return int(value * 1024 * 1024)

    def origins(self) -> tuple[str, ...]:
        """Return which origins may read the answers."""
        value = self.get("cors_origins")
        if value is None:
            return () if is_developed() else ("*",)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(origin, str) for origin in listed):
            raise self.fault("cors_origins", 'must be a list of origins, such as ["https://app.example.com"]')

        return tuple(listed)

    def fault(self, key: str, problem: str) -> ConfigError:
        """Return the error that names a value's line."""
        return ConfigError(f"{self.file}:{line_of(self.file, self.name, key)}: {self.name}.{key} {problem}.")


def _read_file(file: Path) -> dict[str, Any]:
    try:
        settings = read_yaml(file)
    except FileNotFoundError:
        raise ConfigError(f"{file}: not found. Start the connector from its own folder, or create the file.") from None
    except YamlFileError as error:
        raise ConfigError(f"{error}. Correct it and start again.") from None
    if not settings:
        raise ConfigError(f"{file}:1: the file is empty. Write `app_settings` with `app_type` and `app_name`.")
    if not isinstance(settings, dict):
        raise ConfigError(f"{file}:1: must hold sections such as `app_settings`, not a {type(settings).__name__}.")

    return settings


def read_section(file: Path, settings: Mapping[str, Any], name: str) -> Section:
    """Return a section of a configuration file, empty where it is not written.

    Raises:
        ConfigError: It is no section.
    """
    section = settings.get(name)
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{file}:{line_of(file, name)}: {name} must hold `key: value` lines.")

    return Section(file, name, section or {})


def _refuse_unknown(switches: Section) -> None:
    for key in switches.values:
        if key not in SWITCHES:
            raise switches.fault(str(key), f"is not known; known are {', '.join(SWITCHES)}")


def _public_settings(app: Section) -> dict[str, Any]:
    """Return what `/app-config` shows of `app_settings`: what is written, and what the platform always reads."""
    written = {key: app.text(key) for key in (*PUBLIC_KEYS, *_directory_key(app)) if key in app.values}
    # Ours: no source says what an app is called where `app_type_display` is not written.
    display = app.text("app_type_display") or app.text("app_name") or app.text("app_type", "connector")
    return {**written, "app_type_display": display, "options": app.mapping("options")}


def _directory_key(app: Section) -> tuple[str, ...]:
    return tuple(key for key in DIRECTORY_KEYS if key in app.values)[:1]


def _modules_dir(root: Path, app: Section) -> Path:
    key = next(iter(_directory_key(app)), "routes_directory")
    directory = Path(os.path.normpath(root / app.text(key, MODULES_DIR)))
    if not directory.is_relative_to(root):
        raise app.fault(key, "must be a folder inside the connector")
    if not directory.is_dir():
        raise app.fault(key, f"names {directory}, which does not exist. Create the folder or correct the path")

    return directory
