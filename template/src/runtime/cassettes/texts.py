"""Texts that are replaced in others, in whatever spelling they stand there."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
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
        self._plain: dict[str, str] = {}
        self._by_spelling: dict[str, str] = {}
        self._by_digits: dict[str, str] = {}
        self._is_ready = True

    def put(self, text: str, instead: str) -> None:
        """Have `instead` stand for a text from now on; the first to be put stays."""
        if len(text) >= SHORTEST and self._level(text) not in self._known:
            self._known[self._level(text)] = self._plain[text] = instead
            self._is_ready = False

    def get(self, text: object) -> str | None:
        """Return what stands for a text as a whole."""
        return self._known.get(self._level(str(text)))

    def _level(self, text: str) -> str:
        return text.lower() if self._escapes else text

    def of_text(self, text: str) -> str:
        """Return a text with all of them replaced."""
        self._prepare()
        replaced = self._in_plain(text)
        digits = [each for each in self._by_digits if each in replaced]
        if digits:
            replaced = ENCODED.sub(lambda word: self._encoded(word[0], digits), replaced)
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

    def _prepare(self) -> None:
        """Spell what is looked for, once for all texts until there is more."""
        if self._is_ready:
            return
        spelled = {self._level(each): instead for text, instead in self._known.items() for each in _spellings(text)}
        self._by_spelling = {each: spelled[each] for each in sorted(spelled, key=lambda each: (-len(each), each))}
        encoded = ((each, instead) for text, instead in self._plain.items() for each in _in_base64(text))
        self._by_digits = {each: instead for each, instead in encoded if instead.startswith(OPENED)}
        self._is_ready = True

    def _in_plain(self, text: str) -> str:
        # One pattern of all spellings takes seconds for a megabyte; nearly none of them is in any one text.
        level = self._level(text)
        there = [_whole(each) for each in self._by_spelling if each in level]
        if not there and "${" not in text:
            return text

        flags = re.IGNORECASE if self._escapes else re.RegexFlag(0)
        return re.sub("|".join([self._mark, *there]), self._instead, text, flags=flags)

    def _instead(self, found: re.Match[str]) -> str:
        # What is known comes first: a password may begin with a dollar.
        mark = "$${" if found[0] == "${" else found[0]
        return self._by_spelling.get(self._level(found[0]), mark)

    def _encoded(self, word: str, digits: Iterable[str]) -> str:
        found = next((each for each in digits if each in word), None)
        return word if found is None else f"{OPENED}base64.{self._by_digits[found][1:]}"


def is_address(value: object) -> bool:
    """Say whether a text is a whole address."""
    return isinstance(value, str) and bool(re.match(r"https?://[^\s/]+", value, re.IGNORECASE))


def is_here(address: str) -> bool:
    """Say whether an address is on this machine, where no host is a secret."""
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


@lru_cache(maxsize=4096)
def _spellings(text: str) -> frozenset[str]:
    escaped = json.dumps(text)[1:-1]
    encoded = {quote(text, safe=""), quote(text), quote_plus(text)}
    return frozenset({text, escaped, json.dumps(text, ensure_ascii=False)[1:-1], html.escape(text), *encoded})


def _whole(text: str) -> str:
    pattern = re.escape(text)
    if is_address(text):
        return rf"{pattern}(?![:.-]?\w)"  # not the beginning of another host

    return rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])" if len(text) < SURE else pattern


@lru_cache(maxsize=4096)
def _in_base64(text: str) -> frozenset[str]:
    """Return what base64 makes of a text, which depends on its place modulo 3.

    The first and the last digit also hold bits of what stands beside it, so they are left out.
    """
    found: set[str] = set()
    for data in {text.encode("utf-8", "surrogatepass"), text.encode("latin-1", "ignore")}:
        for before in range(3) if len(data) >= SHORTEST + 2 else ():
            digits = base64.b64encode(b"\0" * before + data).decode()
            inner = digits[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
            found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return frozenset(found)
