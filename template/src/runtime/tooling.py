"""What tools use that read a connector without running it: `stacksync`, and tests. Nothing here needs Flask.

With `src.runtime.forms`, this is all of the runtime that others than the connector itself may import; every other file
may move.
"""

from .cassettes.content import FOLDER as CASSETTES
from .cassettes.content import CassetteError, calls_of, fields_of, hosts_of, replaced
from .cassettes.content import read as read_cassette
from .cassettes.content import text_of as cassette_text
from .config import DEFAULT_PORT, DIRECTORY_KEYS, MODULES_DIR, Config, ConfigError, port_of, read_config
from .config import FILE as CONFIG_FILE
from .connection_types import documented_keys, example_keys
from .discovery import (
    MODULE_CONFIG_FILE,
    SCHEMA_FILE,
    VERSION,
    Layout,
    Scan,
    VersionFolder,
    is_route_file,
    layout_of,
    scan,
    url_base,
    version_paths,
)
from .stand_in import CASSETTE_SWITCH, RECORD, STAND_IN_SWITCH, find_stand_in, with_connection
from .stand_in import DECLARATION as STAND_IN_FILE
from .strict_json import TOKEN as JSON_TOKEN
from .strict_json import JsonError, decode
from .yaml_file import YamlFileError, line_of, read_yaml, refuse_bomb

__all__ = [
    "CASSETTES",
    "CASSETTE_SWITCH",
    "CONFIG_FILE",
    "DEFAULT_PORT",
    "DIRECTORY_KEYS",
    "JSON_TOKEN",
    "MODULES_DIR",
    "MODULE_CONFIG_FILE",
    "RECORD",
    "SCHEMA_FILE",
    "STAND_IN_FILE",
    "STAND_IN_SWITCH",
    "VERSION",
    "CassetteError",
    "Config",
    "ConfigError",
    "JsonError",
    "Layout",
    "Scan",
    "VersionFolder",
    "YamlFileError",
    "calls_of",
    "cassette_text",
    "decode",
    "documented_keys",
    "example_keys",
    "fields_of",
    "find_stand_in",
    "hosts_of",
    "is_route_file",
    "layout_of",
    "line_of",
    "port_of",
    "read_cassette",
    "read_config",
    "read_yaml",
    "refuse_bomb",
    "replaced",
    "scan",
    "url_base",
    "version_paths",
    "with_connection",
]
