"""Secrets in calls: a placeholder stands in the place of each, which a shell can fill in again.

What is hidden: what connections, `.env` and password fields hold, wherever it stands; and what stands where secrets do,
in headers, addresses and members of bodies that are called so.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote_plus

from stacksync.inspection.secret_values import is_secret_name
from stacksync.masking import LONG, MASK, SHORTEST, mask


@dataclass(frozen=True)
class Hidden:
    """The place of a secret.

    Args:
        name: The variable that a shell would have it in.
        written: How it is written there, if not as it is.
    """

    name: str
    written: str = ""


Text = tuple[str | Hidden, ...]

UNNAMED = "SECRET"
PART = "HIDDEN"  # what only resembles a secret, or is a part of one
# `Authorization: Bearer <token>`: the scheme is none. RFC 9110, section 11.
_SCHEME = re.compile(r"(?i)(bearer|token|basic|digest|apikey|api-key|oauth|zoho-oauthtoken|genie-key)[ =]+")
_SECRET_HEADER = re.compile(
    r"(?i)auth(?!or(s|ity)?$)|cookie|token|secret|passw|session|signature|credential|(api|access|\b|_)-?key$"
)
_PUBLIC_HEADER = re.compile(r"(?i)^(www|proxy)-authenticate$|idempotency|ratelimit|^sec-|csrf|^etag$")
_USER_IN_URL = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")
_PARAMETER = re.compile(r"(?<![^?&])([^?&=#\s]+)=([^&#\s]*)")
# Of JSON, cut off or not: a member, and its value where that is no object and no list.
_MEMBER = re.compile(r'"([\w .$@-]{1,99})"(\s*:\s*)("[^"\\]*(?:\\.[^"\\]*)*(?:"|$)|[^\s,{}\[\]"]+)')
# What each of those names has in it: a text without any of these words need not be read for them.
_WORDS = re.compile(r"(?i)key|token|passw|pwd|secret|credential|authorization")
_ELEMENT = re.compile(r"<([\w:.-]+)(?:\s[^<>]*)?>([^<>]+)(?=</)")
_PART = re.compile(r'(?i)(?<=name=")([^"\r\n]+)"[^\r\n]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n)*\r?\n([^\r\n]*)')
_HARMLESS = frozenset({"null", "true", "false", '""'})
# Names of parameters that may be secret; what is short under them is a word.
_KEYS, _SHORTEST_KEY = frozenset({"key", "hapikey", "sig", "signature"}), 16


def shown(text: Text) -> str:
    """Return a text as people see it: a mask in the place of each secret."""
    return "".join(each if isinstance(each, str) else MASK for each in text)


class Hiding:
    """Hides the secrets of one run, and those that it learns on the way: tokens that were fetched, for example.

    Args:
        secrets: What is secret, with the name of a variable for each.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._names = {text: name for text, name in secrets.items() if len(text) >= SHORTEST}
        self._spelled: dict[str, Hidden] = {}
        for text, name in self._names.items():
            self._spell(text, name)

    def text(self, text: str) -> Text:
        """Return a text without secrets."""
        return tuple(self._by_value(text))

    def address(self, url: str) -> Text:
        """Return an address; in its query, parameters that are called as secrets are."""
        before, mark, query = url.partition("?")
        spans = [(*each.span(), "USER") for each in _USER_IN_URL.finditer(before)]
        spans += [(begin + len(before) + 1, end + len(before) + 1, name) for begin, end, name in _parameters(query)]
        return self._without(before + mark + query, spans)

    def header(self, name: str, value: str) -> Text:
        """Return the value of a header."""
        if not _SECRET_HEADER.search(name) or _PUBLIC_HEADER.search(name):
            return self.text(value)

        scheme = _SCHEME.match(value)
        begin = scheme.end() if scheme else 0
        variable = "TOKEN" if scheme and scheme[1].lower() in ("bearer", "token", "oauth") else _variable(name)
        if scheme and scheme[1].lower() == "basic":
            variable = "BASIC_CREDENTIALS"
        return self._without(value, [(begin, len(value), variable)])

    def body(self, text: str, content_type: str) -> Text:
        """Return a body: of forms, JSON and XML without members that are called as secrets are."""
        if "x-www-form-urlencoded" in content_type:
            return self._without(text, list(_parameters(text)))

        found = [*_members(text), *_elements(text), *_parts(text)] if _WORDS.search(text) else []
        return self._without(text, found)

    def _without(self, text: str, spans: "list[tuple[int, int, str]]") -> Text:
        pieces: list[str | Hidden] = []
        at = 0
        for begin, end, name in sorted(spans):
            if begin < at or begin == end:
                continue
            secret = text[begin:end]
            pieces += [*self._by_value(text[at:begin]), self._learned(secret, name)]
            at = end
        return (*pieces, *self._by_value(text[at:]))

    def _learned(self, secret: str, name: str) -> Hidden:
        """Return what stands for a secret that its name gives away, and remember it: it may stand elsewhere too."""
        if secret in self._spelled:
            return self._spelled[secret]

        free = _free(name, set(self._names.values()))
        if len(secret) >= LONG:
            self._names[secret] = free
            self._spell(secret, free)
        return Hidden(free)

    def _spell(self, secret: str, name: str) -> None:
        for spelling in (quote(secret, safe=""), quote_plus(secret)):
            self._spelled[spelling] = Hidden(name, "percent-encoded")
        self._spelled[json.dumps(secret)[1:-1]] = Hidden(name, "as in JSON")
        self._spelled[secret] = Hidden(name)

    def _by_value(self, text: str) -> Iterator[str | Hidden]:
        """Yield a text in pieces, without what is known to be secret; what is only part of one has no name."""
        spellings = {each: hidden for each, hidden in self._spelled.items() if each in text}
        if not spellings:
            yield from self._masked(text)
            return

        wanted = re.compile("|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True)))
        at = 0
        for found in wanted.finditer(text):
            yield from self._masked(text[at : found.start()])
            yield spellings[found[0]]
            at = found.end()
        yield from self._masked(text[at:])

    def _masked(self, text: str) -> Iterator[str | Hidden]:
        first, *others = mask(text, self._names).split(MASK)
        if first:
            yield first
        for each in others:
            yield Hidden(PART)
            if each:
                yield each


def _parameters(query: str) -> "Iterator[tuple[int, int, str]]":
    for each in _PARAMETER.finditer(query):
        name = unquote_plus(each[1])
        if _is_secret(name) or (name.lower() in _KEYS and len(each[2]) >= _SHORTEST_KEY):
            yield (*each.span(2), _variable(name))


def _members(text: str) -> "Iterator[tuple[int, int, str]]":
    for each in _MEMBER.finditer(text):
        if each[3] not in _HARMLESS and _is_secret(each[1]):
            is_text = each[3].startswith('"')
            end = each.end(3) - (is_text and len(each[3]) > 1 and each[3].endswith('"'))
            yield each.start(3) + is_text, end, _variable(each[1])


def _elements(text: str) -> "Iterator[tuple[int, int, str]]":
    for each in _ELEMENT.finditer(text):
        if _is_secret(each[1].rpartition(":")[2]):
            yield (*each.span(2), _variable(each[1]))


def _parts(text: str) -> "Iterator[tuple[int, int, str]]":
    for each in _PART.finditer(text) if 'name="' in text else ():
        if _is_secret(each[1]):
            yield (*each.span(2), _variable(each[1]))


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    return len(name) < 100 and is_secret_name(re.sub(r"[.\[\]]+", "_", name).strip("_"))


def _variable(name: str) -> str:
    """Return the name of a shell's variable for what is called so: `X-API-Key` is `API_KEY`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_").removeprefix("X_")
    return plain if re.match("[A-Z]", plain) else UNNAMED


def _free(name: str, taken: "set[str]") -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def named(secrets: Mapping[str, str]) -> "dict[str, str]":
    """Return secrets with the name of a variable for each, none twice.

    Args:
        secrets: What is secret, with what it is called; "" where nobody knows.
    """
    found: dict[str, str] = {}
    for text, name in sorted(secrets.items()):
        found[text] = _free(_variable(name) if name else UNNAMED, set(found.values()))
    return found
