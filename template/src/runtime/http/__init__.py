"""Calls to third-party APIs: a `requests.Session` with limits of time and size, retries, and errors without secrets."""

from requests.auth import HTTPBasicAuth

from .auth import ApiKeyAuth, BearerAuth, credential, unpack
from .faults import ApiError
from .oauth import OAuth2
from .paging import CursorPages, LinkPages, NumberedPages, OffsetPages, paginate
from .sending import Retries
from .session import Session, session

__all__ = [
    "ApiError",
    "ApiKeyAuth",
    "BearerAuth",
    "CursorPages",
    "HTTPBasicAuth",
    "LinkPages",
    "NumberedPages",
    "OAuth2",
    "OffsetPages",
    "Retries",
    "Session",
    "credential",
    "paginate",
    "session",
    "unpack",
]
