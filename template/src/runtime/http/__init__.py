"""Calls to third-party APIs: a `requests.Session` with timeouts, retries and errors that hold no secret."""

from requests.auth import HTTPBasicAuth

from .auth import ApiKeyAuth, BearerAuth, credential, unpack
from .oauth2 import OAuth2
from .retries import Retries
from .session import Session, session

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
