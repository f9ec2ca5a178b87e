"""The names that `stacksync_cdk.errors` has in the kit."""

from src.runtime import ManagedError

__all__ = ["ManagedError"]
