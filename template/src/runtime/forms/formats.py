"""The formats a text can be asked to have. Nothing but the standard library is needed to check them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*|\"(?:[ !#-\[\]-~]|\\[ -~])*\"")
_ORDINARY = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")

_UNRESERVED = r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})"
_PATH = rf"(?:{_UNRESERVED}|[@/])*"
_URI = re.compile(
    rf"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):
    (?: //(?:{_UNRESERVED}*@)? (?P<host>\[[0-9A-Fa-fvV:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{{2}})*)
        (?: :\d*)? (?: /{_PATH})?
      | (?!//){_PATH} )
    (?: \?(?:{_UNRESERVED}|[@/?])*)? (?: \#(?:{_UNRESERVED}|[@/?])*)?""",
    re.VERBOSE | re.ASCII,
)

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:[zZ]|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_email(text: str) -> bool:
    """Check a mailbox after RFC 5321, 4.1.2."""
    if len(text) <= 64 and _ORDINARY.fullmatch(text):
        return True

    local, at, domain = text.rpartition("@")
    if not at or len(local) > 64 or len(domain) > 255 or not _LOCAL.fullmatch(local):
        return False
    if domain.startswith("[") and domain.endswith("]"):
        return _is_address(domain[1:-1])

    return _DOMAIN.fullmatch(domain) is not None


def is_uri(text: str) -> bool:
    """Check an absolute URI after RFC 3986; one of http or https also needs a host."""
    match = _URI.fullmatch(text)
    if not match:
        return False

    host = match["host"] or ""
    if host.startswith("["):
        return _is_address("IPv6:" + host[1:-1])
    return bool(host) or match["scheme"].lower() not in ("http", "https")


def is_date(text: str) -> bool:
    """Check a full date after RFC 3339, 5.6."""
    match = _DATE.fullmatch(text)
    if not match:
        return False

    year, month, day = map(int, match.groups())
    try:
        date(year % 400 + 400, month, day)  # leap years repeat every 400; Python has no year 0
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """Check a date and time with its offset after RFC 3339, 5.6."""
    match = _TIME.fullmatch(text[11:])
    if not match or text[10:11] not in ("T", "t") or not is_date(text[:10]):
        return False

    hour, minute, second, sign, off_hour, off_minute = match.groups()
    if second != "60":
        return True

    offset = int(f"{sign or '+'}1") * (int(off_hour or 0) * 60 + int(off_minute or 0))
    return (int(hour) * 60 + int(minute) - offset) % 1440 == 1439  # a leap second ends a day in UTC


def is_uuid(text: str) -> bool:
    """Check a UUID after RFC 9562, section 4."""
    return _UUID.fullmatch(text) is not None


def _is_address(text: str) -> bool:
    kind, address = (IPv6Address, text[5:]) if text.lower().startswith("ipv6:") else (IPv4Address, text)
    try:
        kind(address)
    except AddressValueError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "email": is_email,
    "uri": is_uri,
    "date": is_date,
    "date-time": is_date_time,
    "uuid": is_uuid,
}
