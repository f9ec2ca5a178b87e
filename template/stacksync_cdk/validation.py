"""The names that `stacksync_cdk.validation` has in the kit."""

from src.runtime.compat.validation import (
    parse_str_to_json,
    validate_and_parse_json,
    validate_array,
    validate_object,
)

__all__ = ["parse_str_to_json", "validate_and_parse_json", "validate_array", "validate_object"]
