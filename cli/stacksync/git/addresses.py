"""Addresses of repositories: what of them may be written down."""

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

_SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
_URL = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<user>[^/\s'\"]*)@(?=[^/\s'\"@]+)")


def network_url(url: str) -> str | None:
    """Return a git address as others can use it: no credentials in it; None for a path of this machine."""
    if re.match(r"[\w.-]+@[\w.-]+:", url):
        return url

    parts = urlsplit(url.removeprefix("git+"))
    if parts.scheme not in {"https", "http", "ssh", "git"} or not parts.hostname:
        return None
    return urlunsplit(parts._replace(netloc=_bare_netloc(parts.scheme, parts.netloc)))


def without_secrets(text: str) -> str:
    """Return a text, or an address, without the user names and passwords in its addresses.

    Only ssh needs a user, who is no secret there; elsewhere the name alone may be a token.
    """
    return _URL.sub(lambda match: match["scheme"] + _kept_user(match["scheme"], match["user"]), text)


def git_address(origin: str) -> str:
    """Return what git calls the origin that an answers file records."""
    for short, full in _SHORT.items():
        if origin.startswith(short):
            return f"{full}{origin.removeprefix(short).removesuffix('.git')}.git"
    return str(Path(origin).expanduser()) if origin.startswith("~") else origin.removeprefix("git+")


def _bare_netloc(scheme: str, netloc: str) -> str:
    user, _, host = netloc.rpartition("@")
    return _kept_user(f"{scheme}://", user) + host


def _kept_user(scheme: str, user: str) -> str:
    name = user.partition(":")[0]
    return f"{name}@" if name and "ssh" in scheme else ""
