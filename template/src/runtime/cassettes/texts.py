"""Texts that are replaced in others, in whatever spelling they stand there."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

# Shorter values ("eu", "v1", 443) are everywhere and give nothing away; those below SURE are replaced as whole words.
SHORTEST, SURE = 4, 8
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
# Private-use characters: what they enclose is a placeholder, which nothing replaces again.
OPENED, CLOSED = "\ue000", "\ue001"


class Texts:
    """Texts that are replaced wherever they stand: in any case, escaped, URL-encoded or in base64.

    Args:
        escapes: Whether `${` is text, and has to be told from placeholders. Else it is one, and is left as it is; then
            keys stay too, and letters count as they are written, for what is replaced may be a word such as Email.
    """

    def __init__(self, *, escapes: bool = True) -> None:
        self._escapes = escapes
        self._mark = r"\$\{" if escapes else r"\$\$\{|\$\{[^${}]*\}"
        self._known: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._by_spelling: dict[str, str] = {}

    def put(self, text: str, instead: str) -> None:
        """Have `instead` stand for a text from now on; the first to be put stays."""
        if len(text) >= SHORTEST and self._level(text) not in self._known:
            self._known[self._level(text)] = instead
            self._pattern = None

    def get(self, text: object) -> str | None:
        """Return what stands for a text as a whole."""
        return self._known.get(self._level(str(text)))

    def _level(self, text: str) -> str:
        return text.lower() if self._escapes else text

    def of_text(self, text: str) -> str:
        """Return a text with all of them replaced."""
        replaced = self._search().sub(self._instead, text)
        replaced = ENCODED.sub(self._encoded, replaced)
        return replaced.replace(OPENED, "${").replace(CLOSED, "}")

    def of(self, value: Any) -> Any:
        """Return JSON with all of them replaced, also in keys; a number that is one stays a number when played back."""
        if isinstance(value, str):
            return self.of_text(value)
        if isinstance(value, Mapping):
            return {self.of_text(key) if self._escapes else key: self.of(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner) for inner in value]
        if value is None or isinstance(value, bool):
            return value

        return self._of_number(value)

    def _of_number(self, value: Any) -> Any:
        instead = self.get(value)
        if instead is None:
            return value
        if instead.startswith(OPENED):
            return f"${{number.{instead[1:-1]}}}"

        return json.loads(instead) if re.fullmatch(r"-?[0-9]+", instead) else instead

    def _search(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._by_spelling = {
                self._level(each): instead for text, instead in self._known.items() for each in _spellings(text)
            }
            longest_first = sorted(self._by_spelling, key=lambda each: (-len(each), each))
            flags = re.IGNORECASE if self._escapes else re.RegexFlag(0)
            self._pattern = re.compile("|".join([self._mark, *map(_whole, longest_first)]), flags)
        return self._pattern

    def _instead(self, found: re.Match[str]) -> str:
        # What is known comes first: a password may begin with a dollar.
        mark = "$${" if found[0] == "${" else found[0]
        return self._by_spelling.get(self._level(found[0]), mark)

    def _encoded(self, word: re.Match[str]) -> str:
        for plain in _decodings(word[0]):
            for found in self._search().finditer(plain):
                instead = self._by_spelling.get(self._level(found[0]), "")
                if instead.startswith(OPENED):
                    return f"{OPENED}base64.{instead[1:]}"
        return word[0]


def is_address(value: object) -> bool:
    """Say whether a text is a whole address."""
    return isinstance(value, str) and bool(re.match(r"https?://[^\s/]+", value, re.IGNORECASE))


def is_here(address: str) -> bool:
    """Say whether an address is on this machine, where no host is a secret."""
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


def _spellings(text: str) -> Iterable[str]:
    escaped = json.dumps(text)[1:-1]
    encoded = {quote(text, safe=""), quote(text), quote_plus(text)}
    return {text, escaped, json.dumps(text, ensure_ascii=False)[1:-1], html.escape(text), *encoded}


def _whole(text: str) -> str:
    pattern = re.escape(text)
    if is_address(text):
        return rf"{pattern}(?![:.-]?\w)"  # not the beginning of another host

    return rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])" if len(text) < SURE else pattern


def _decodings(word: str) -> Iterator[str]:
    """Read a word as base64; what it is joined to may shift where that begins."""
    plain = word.rstrip("=").replace("-", "+").replace("_", "/")
    for first in range(4):
        part = plain[first:]
        whole = part[:-1] if len(part) % 4 == 1 else part
        try:
            decoded = base64.b64decode(whole + "=" * (-len(whole) % 4))
        except (ValueError, binascii.Error):
            continue
        yield decoded.decode("utf-8", "replace")
        if not decoded.isascii():
            yield decoded.decode("latin-1")
