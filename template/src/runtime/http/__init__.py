"""Calls to third-party APIs: a `requests.Session` with timeouts, retries and errors that hold no secret."""

from requests.auth import HTTPBasicAuth

from .auth import ApiKeyAuth, BearerAuth, OAuth2, credential, unpack
from .session import Retries, Session, session

__all__ = [
    "ApiKeyAuth",
    "BearerAuth",
    "HTTPBasicAuth",
    "OAuth2",
    "Retries",
    "Session",
    "credential",
    "session",
    "unpack",
]
