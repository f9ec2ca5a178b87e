"""The platform's present kit by name, on this runtime: projects written for it run unchanged."""

from src.runtime.compat.validation import (
    parse_str_to_json,
    validate_and_parse_json,
    validate_array,
    validate_object,
)

from .app import create_app
from .credentials import Credentials
from .errors import ManagedError
from .module_config import ModuleConfig
from .request import Request
from .responses import ContentResponse, ExecuteResponse, Response, SchemaResponse

__all__ = [
    "ContentResponse",
    "Credentials",
    "ExecuteResponse",
    "ManagedError",
    "ModuleConfig",
    "Request",
    "Response",
    "SchemaResponse",
    "create_app",
    "parse_str_to_json",
    "validate_and_parse_json",
    "validate_array",
    "validate_object",
]
