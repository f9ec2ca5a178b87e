"""What a provider's token endpoint gives: for the code of a login, and for a refresh token.

Authlib asks it. It and requests take a third of a second to load, so this is imported by those who ask.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote_plus

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.auth import HTTPBasicAuth

from stacksync.errors import StacksyncError
from stacksync.masking import mask
from stacksync.oauth.provider import BASIC, Provider
from stacksync.terminal import in_one_line

TIMEOUT = 30
LONGEST_REASON = 300
_WAY: dict[str, Any] = {"timeout": TIMEOUT, "allow_redirects": False}  # what is sent is for this address alone


@dataclass(frozen=True)
class Client:
    """The connector as the provider knows it."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Grant:
    """What the provider gave.

    Args:
        value: What modules get: `access_token`, `token_type` and `expiration_time`, as from the platform.
        refresh_token: Gets another access token; None where there is none.
        scopes: What was granted.
        answer: All that came, for what the platform delivers besides to some types of connections.
    """

    value: Mapping[str, str] = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scopes: tuple[str, ...]
    answer: Mapping[str, Any] = field(repr=False)

    def missing(self, asked: tuple[str, ...]) -> list[str]:
        """Return the scopes that were asked for and not granted."""
        return [each for each in asked if each not in self.scopes]


def exchange(provider: Provider, client: Client, code: str, verifier: str, redirect: str) -> Grant:
    """Turn the code of a login into tokens.

    Raises:
        StacksyncError: The provider refuses, or cannot be asked.
    """
    asked = {"code": code, "code_verifier": verifier, "redirect_uri": redirect, "grant_type": "authorization_code"}

    def ask(session: OAuth2Session, auth: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = session.fetch_token(provider.token_url, auth=auth, **asked, **_WAY)
        return answer

    return _granted(_asked(provider, client, ask, {code, verifier}), provider.scopes)


def refresh(provider: Provider, client: Client, refresh_token: str, scopes: tuple[str, ...]) -> Grant:
    """Get another access token for a refresh token.

    Args:
        scopes: What was granted so far; an answer that says nothing else grants the same (RFC 6749, section 6).

    Raises:
        StacksyncError: The provider refuses, or cannot be asked.
    """

    def ask(session: OAuth2Session, auth: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = session.refresh_token(
            provider.token_url, refresh_token=refresh_token, auth=auth, **_WAY
        )
        return answer

    return _granted(_asked(provider, client, ask, {refresh_token}), scopes)


def _asked(
    provider: Provider, client: Client, ask: Callable[[OAuth2Session, Any], Mapping[str, Any]], secrets: set[str]
) -> Mapping[str, Any]:
    auth = None
    if provider.client_auth == BASIC:
        # RFC 6749, section 2.3.1: both are encoded as in a form first, which Authlib leaves out.
        auth = HTTPBasicAuth(quote_plus(client.id), quote_plus(client.secret))
    host = provider.token_host
    with OAuth2Session(client.id, client.secret or None, token_endpoint_auth_method=provider.client_auth) as session:
        try:
            answer = ask(session, auth)
        except OAuthError as error:
            reason = ": ".join(filter(None, (error.error, error.description)))
            raise _refused(f"{host} answered {reason}", {*secrets, client.secret}) from None
        except requests.RequestException as error:
            raise _refused(f"{host} gave no token: {_kind(error)}", set()) from None
        except ValueError:
            raise _refused(f"{host} gave no token: its answer is no JSON object", set()) from None
    if not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
        raise _refused(f"{host} answered without an access_token", set())

    return answer


def _refused(reason: str, secrets: set[str]) -> StacksyncError:
    shown = in_one_line(mask(reason, filter(None, secrets))).rstrip(".")
    return StacksyncError(f"{shown[:LONGEST_REASON]}.")


def _kind(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"it answered {error.response.status_code}"
    return "it did not answer in time" if isinstance(error, requests.Timeout) else "it cannot be reached"


def _granted(answer: Mapping[str, Any], asked: tuple[str, ...]) -> Grant:
    said = answer.get("scope")
    scopes = tuple(filter(None, re.split(r"[\s,]+", said))) if isinstance(said, str) else asked
    value = {"access_token": answer["access_token"], "token_type": str(answer.get("token_type") or "Bearer")}
    if ends := _expiration(answer.get("expires_in")):
        value["expiration_time"] = ends
    token = answer.get("refresh_token")
    return Grant(value, token if isinstance(token, str) and token else None, scopes, answer)


def _expiration(seconds: Any) -> str | None:
    """Return when a token expires, as the platform writes it; None where that is not said."""
    try:
        ends = datetime.now(timezone.utc) + timedelta(seconds=int(seconds))
    except (TypeError, ValueError, OverflowError):
        return None
    return ends.strftime("%Y-%m-%dT%H:%M:%SZ")
