"""The names that `workflows_cdk.core` has in the SDK."""

from workflows_cdk import ManagedError, Request, Response, Router

__all__ = ["ManagedError", "Request", "Response", "Router"]
