"""The runtime of a connector: what `src/modules` is written with, and what serves it."""

from .app import create_app, install, run
from .carried import keep_secret
from .choice import Choice, Choices
from .errors import ManagedError
from .module import Module
from .request import Connection, Request
from .response import Response

__all__ = [
    "Choice",
    "Choices",
    "Connection",
    "ManagedError",
    "Module",
    "Request",
    "Response",
    "create_app",
    "install",
    "keep_secret",
    "run",
]
