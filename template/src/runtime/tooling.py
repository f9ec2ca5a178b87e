"""What tools use that read a connector without running it: `stacksync`, and tests. Nothing here needs Flask.

With `src.runtime.forms`, this is all of the runtime that others than the connector itself may import; every other file
may move.
"""

from .config import DEFAULT_PORT, DIRECTORY_KEYS, MODULES_DIR, Config, ConfigError, port_of, read_config
from .config import FILE as CONFIG_FILE
from .connection_types import documented_keys, example_keys
from .discovery import (
    MODULE_CONFIG_FILE,
    SCHEMA_FILE,
    VERSION,
    Scan,
    VersionFolder,
    is_route_file,
    scan,
    url_base,
    version_paths,
)
from .stand_in import DECLARATION as STAND_IN_FILE
from .stand_in import STAND_IN_SWITCH, find_stand_in
from .strict_json import TOKEN as JSON_TOKEN
from .strict_json import JsonError, decode
from .yaml_file import YamlFileError, line_of, read_yaml, refuse_bomb

__all__ = [
    "CONFIG_FILE",
    "DEFAULT_PORT",
    "DIRECTORY_KEYS",
    "JSON_TOKEN",
    "MODULES_DIR",
    "MODULE_CONFIG_FILE",
    "SCHEMA_FILE",
    "STAND_IN_FILE",
    "STAND_IN_SWITCH",
    "VERSION",
    "Config",
    "ConfigError",
    "JsonError",
    "Scan",
    "VersionFolder",
    "YamlFileError",
    "decode",
    "documented_keys",
    "example_keys",
    "find_stand_in",
    "is_route_file",
    "line_of",
    "port_of",
    "read_config",
    "read_yaml",
    "refuse_bomb",
    "scan",
    "url_base",
    "version_paths",
]
