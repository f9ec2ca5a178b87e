"""The names that `workflows_cdk.core.errors` has in the SDK."""

from workflows_cdk import ManagedError

__all__ = ["ManagedError"]
