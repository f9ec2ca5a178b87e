"""Stacksync's own SDK by name, on this runtime: connectors written for it run unchanged."""

from src.runtime import ManagedError, Response
from src.runtime.compat.validation import (
    parse_str_to_json,
    validate_and_parse_json,
    validate_array,
    validate_object,
)

from .request import Request
from .router import Router

__all__ = [
    "ManagedError",
    "Request",
    "Response",
    "Router",
    "parse_str_to_json",
    "validate_and_parse_json",
    "validate_array",
    "validate_object",
]
