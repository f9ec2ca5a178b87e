"""The names that `workflows_cdk.core.validation` has in the SDK."""

from workflows_cdk import parse_str_to_json, validate_and_parse_json, validate_array, validate_object

__all__ = ["parse_str_to_json", "validate_and_parse_json", "validate_array", "validate_object"]
