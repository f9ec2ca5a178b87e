"""Secrets in texts that are shown or kept: a mask stands in their place, however they are written.

This is the one function that finds them in what Studio and `dev` show and keep: log lines, answers, requests, examples.
What a connector itself logs is redacted by its runtime.
"""

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "••••••"
# Words like "v1" or "true" are everywhere and give nothing away.
SHORTEST = 4
# From this length on a secret is also found in other spellings, and a part of it is as bad as the whole.
LONG = 8
# The least that is shown of a long secret: what an API quotes in "invalid key sk_live_51Hx...".
PART = 12
# So many bytes at every so many places of a text are looked up: a part of 8 bytes holds one of these pieces whole.
PIECE, STEP = 6, 3
MOST_PLACES = 4  # of one piece in secrets that repeat themselves

Span = tuple[int, int]


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return a text with every secret in it masked: whole, shortened, escaped, encoded, in small or capital letters."""
    known = frozenset(secret for secret in secrets if len(secret) >= SHORTEST)
    if not known:
        return text

    data = text.encode("utf-8", "surrogatepass")
    kept: list[bytes] = []
    end = 0
    for begin, until in sorted(_whole_letters(data, span) for span in _found(data, known)):
        if begin > end or not kept:
            kept += [data[end:begin], MASK.encode()]
        end = max(end, until)
    return b"".join([*kept, data[end:]]).decode("utf-8", "surrogatepass") if kept else text


def _whole_letters(data: bytes, span: Span) -> Span:
    begin, end = span
    while begin > 0 and data[begin] & 0xC0 == 0x80:
        begin -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return begin, end


def mask_in(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON with every secret masked in its texts, its keys and its numbers."""
    known = frozenset(secrets)
    if isinstance(value, Mapping):
        return {mask(str(key), known): mask_in(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [mask_in(inner, known) for inner in value]
    if value is None or isinstance(value, bool):
        return value

    hidden = MASK if str(value) in known else mask(str(value), known)
    return value if hidden == str(value) else hidden


def mask_all(value: Any) -> Any:
    """Return a value with every text and number in it masked, its keys kept."""
    if isinstance(value, Mapping):
        return {key: mask_all(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [mask_all(inner) for inner in value]

    return value if value is None or isinstance(value, bool) else MASK


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text and number within a value, as text."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _found(data: bytes, secrets: frozenset[str]) -> Iterator[Span]:
    """Yield where secrets stand."""
    for secret in secrets:
        if len(secret) < LONG:
            for spelling in {secret, json.dumps(secret)[1:-1]}:
                yield from _places(data, spelling.encode("utf-8", "surrogatepass"))

    small = data.lower()  # of bytes: letters of other alphabets keep their length
    long = frozenset(each for secret in secrets if len(secret) >= LONG for each in _spellings(secret))
    for each in long:
        if len(each) < PART:
            yield from _places(small, each)
    yield from _parts(small, long)


def _places(data: bytes, wanted: bytes) -> Iterator[Span]:
    at = data.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = data.find(wanted, at + len(wanted))


def _parts(data: bytes, spellings: frozenset[bytes]) -> Iterator[Span]:
    """Yield where spellings stand, or parts of them: pieces of the text are looked up, and grown as far as they fit.

    It is one look at the text, however many secrets there are.
    """
    pieces, end = _pieces(spellings), 0
    for at in [at for at in range(0, len(data) - PIECE + 1, STEP) if data[at : at + PIECE] in pieces]:
        if at + PIECE <= end:
            continue
        for spelling, begin in pieces[data[at : at + PIECE]]:
            low = _common(data[max(0, at - begin) : at][::-1], spelling[:begin][::-1])
            high = _common(data[at : at + len(spelling) - begin], spelling[begin:])
            if low + high >= max(LONG, min(PART, len(spelling) // 2)):
                end = max(end, at + high)
                yield at - low, at + high


@lru_cache(maxsize=8)
def _pieces(spellings: frozenset[bytes]) -> dict[bytes, list[tuple[bytes, int]]]:
    """Return where in the spellings each piece stands."""
    found: dict[bytes, list[tuple[bytes, int]]] = {}
    for spelling in spellings:
        for begin in range(len(spelling) - PIECE + 1):
            places = found.setdefault(spelling[begin : begin + PIECE], [])
            if len(places) < MOST_PLACES:
                places.append((spelling, begin))
    return found


def _common(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts have in common from their beginning."""
    if one == other:
        return len(one)

    return next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))  # noqa: B905


@lru_cache(maxsize=512)
def _spellings(secret: str) -> frozenset[bytes]:
    """Return how a long secret may be written, in small letters."""
    data = secret.encode("utf-8", "surrogatepass")
    plain = data.decode("utf-8", "replace")
    texts = {plain, quote(plain, safe=""), quote(plain), quote_plus(plain), html.escape(plain), repr(plain)[1:-1]}
    texts |= {json.dumps(plain, ensure_ascii=False)[1:-1], data.hex()}
    texts |= {escaped := json.dumps(plain)[1:-1], json.dumps(escaped)[1:-1]}  # the latter for JSON within JSON
    return frozenset(text.encode().lower() for text in texts) | _in_base64(data) | {data.lower()}


def _in_base64(data: bytes) -> frozenset[bytes]:
    """Return what base64 makes of a text wherever it stands in a longer one: that depends on its place modulo 3.

    The first and the last digit also hold bits of what stands beside it, so they are left out.
    """
    found = set()
    for before in range(3):
        digits = base64.b64encode(b"\0" * before + data)
        inner = digits[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return frozenset(each.lower() for each in found)
