"""Values as their fields declare them, for what arrives is often text (decision 13 of the form specification).

Only a value that does not fit as it is becomes another: one that was valid before stays what it was. Two things aside:
a dropdown of a scalar type takes `{"id", "label"}` for the `id`, and `""` in a field of another type than text counts
as not given. Below are the formats a text can be asked to have, checked with nothing but the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

from .model import Field
from .values import from_json, is_choice_object, key_of, same, to_boolean, to_number, to_text
from .vocabulary import SCALARS
from .walking import MISSING

Convert = Callable[[Any], Any]


def as_it_is(value: Any) -> Any:
    """Return a value unchanged."""
    return value


class Keys:
    """The values that stand for a field's choices, as a set: `1` is `1.0`, and neither is `true`."""

    def __init__(self, field: Field) -> None:
        keys = [choice.key for choice in field.choices]
        self.scalars = {(isinstance(key, bool), key) for key in keys if not isinstance(key, (dict, list))}
        self.others = [key for key in keys if isinstance(key, (dict, list))]
        self.texts = frozenset(key for key in keys if isinstance(key, str) and key)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, (dict, list)):
            return any(same(key, value) for key in self.others)

        return (isinstance(value, bool), value) in self.scalars


def conversion(field: Field) -> Convert:
    """Return what converts a value of a field: to MISSING where it counts as not given."""
    convert = PLAIN.get(field.type, as_it_is)
    if field.is_dropdown and field.type != "array":
        convert = partial(_of_dropdown, field, Keys(field), convert)
    if field.type in ("string", "any"):
        return convert

    return lambda value: MISSING if value == "" else _given(convert(value))


def _given(made: Any) -> Any:
    return MISSING if made == "" else made  # such as the `id` of {"id": ""}


def _of_dropdown(field: Field, keys: Keys, convert: Convert, value: Any) -> Any:
    if field.type in SCALARS:
        value = _scalar_of(field, value)
    if value in keys or _is_any_json(field):
        return value

    made = convert(value)
    if made is value and isinstance(value, str):
        return next((other for other in (to_number(value, whole=False), to_boolean(value)) if other in keys), value)
    return made


def _scalar_of(field: Field, value: Any) -> Any:
    """Return the `id` of a choice that was sent as an object; content of a text field may be any other object."""
    if not field.takes_choice_objects or (_is_any_json(field) and not is_choice_object(value)):
        return value

    key = key_of(from_json(value, dict) if field.is_enum or field.type != "string" else value)
    return value if isinstance(key, (dict, list)) else key


def _is_any_json(field: Field) -> bool:
    return field.content is not None and field.type == "string"


PLAIN: dict[str, Convert] = {
    "string": to_text,
    "number": partial(to_number, whole=False),
    "integer": partial(to_number, whole=True),
    "boolean": to_boolean,
    "object": partial(from_json, kind=dict),
    "array": partial(from_json, kind=list),
}


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
