"""Placeholders: `${name}` stands in a cassette for what must not be written, and made-up values come back for it."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit

# Shorter values ("eu", "v1", 443) are everywhere and give nothing away; those below SURE are replaced as whole words.
SHORTEST, SURE, LONG = 4, 8, 16
SECRET_NAME = re.compile(
    r"(?i)(token|secret|passw(or)?d|passphrase|pwd|jwt|credential|signature|assertion|cookie|code_verifier"
    r"|(api|access|private|secret|subscription|functions|shared|auth)[_-]?key|session([_-]?(id|key))?|(^|[_-])sid"
    r"|authori[sz]ation|^(x-)?auth|bearer|otp)s?$"
)
# They mark a place in a list or a text, and open nothing.
HARMLESS_NAME = re.compile(
    r"(?i)(page|next|prev(ious)?|cursor|continuation|sync|csrf|xsrf|stop|pad|max|min)[_-]?tokens?$"
)
NAMED_TEXT = re.compile(r"""["'<]?([\w-]{2,40})["']?\s*(?:[:=]|(?<=\w)>)\s*["']?([^\s"'<>&,;]{8,})""")
PAIR = re.compile(r"(^|[?&])([^=&#?\s]+)=([^&#\s]*)")
WHOLE = re.compile(r"\$\{[^${}]*\}")
PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^${}]*)\}")
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
# Private-use characters: what they enclose is a placeholder, which nothing replaces again.
OPENED, CLOSED = "\ue000", "\ue001"


def is_secret_name(name: str) -> bool:
    """Say whether what has this name is likely to be a secret."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return bool(SECRET_NAME.search(words)) and not HARMLESS_NAME.search(words)


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


class Placeholders(Texts):
    """Values by the names that stand for them.

    Args:
        numbers: Whether another value of a name is told from the first, as `${name.2}`; not so when a run is played
            back, where a secret of the environment may be any.
    """

    def __init__(self, *, numbers: bool = True) -> None:
        super().__init__()
        self.values: dict[str, object] = {}
        self._numbers = numbers

    def learn(self, name: str, value: object) -> None:
        """Have `${name}` stand for a value."""
        text = str(value)
        if len(text) < SHORTEST or isinstance(value, bool) or WHOLE.fullmatch(self.of_text(text)):
            return

        plain = _word(name)
        numbered = (f"{plain}.{number}" for number in range(2, 1_000_000))
        is_new = plain not in self.values or not self._numbers
        chosen = plain if is_new else next(each for each in numbered if each not in self.values)
        self.values.setdefault(chosen, value)
        self.put(text, f"{OPENED}{chosen}{CLOSED}")

    def learn_secret(self, name: str, value: object) -> None:
        """Learn a value by a name that secrets have; a mere word is hidden under that name, and not everywhere."""
        text = str(value)
        if is_secret_name(name) and len(text) >= SURE and (re.search(r"[0-9]", text) or len(text) >= LONG):
            self.learn(name, value)

    def of(self, value: Any) -> Any:
        """Return JSON with all of them replaced, and whatever stands under a name that secrets have."""
        if not isinstance(value, Mapping):
            return super().of(value)

        return {self.of_text(key): self._hidden(str(key), inner, self.of(inner)) for key, inner in value.items()}

    def of_pairs(self, text: str) -> str:
        """Return an address or a form with all of them replaced, and the values of secret names."""
        return PAIR.sub(self._of_pair, self.of_text(text))

    def _of_pair(self, pair: re.Match[str]) -> str:
        name = unquote_plus(pair[2])
        is_open = is_secret_name(name) and pair[3] and "${" not in pair[3]
        return f"{pair[1]}{pair[2]}=${{{_word(name)}}}" if is_open else pair[0]

    def _hidden(self, name: str, value: Any, made: Any) -> Any:
        if made != value or isinstance(value, (bool, type(None), Mapping, list)) or not is_secret_name(name):
            return made
        if isinstance(value, str):
            # What has spaces in it is a message about the secret.
            return f"${{{_word(name)}}}" if value and not re.search(r"\s", value) else made
        return f"${{number.{_word(name)}}}"

    def learn_connection(self, prefix: str, values: Mapping[str, Any]) -> None:
        """Learn what a connection holds; of an address its host as well."""
        for name, value in _leaves(prefix, values):
            if is_address(value):
                value = value.rstrip("/")
                self.learn(name, value)
                if not is_here(value):
                    self.learn(f"{name}.host", urlsplit(value).netloc)
            self.learn(name, value)

    def learn_secrets(self, value: Any) -> None:
        """Learn what stands in JSON under names that secrets have."""
        for name, inner in _named(value):
            self.learn_secret(name, inner)

    def learn_text(self, text: str) -> None:
        """Learn what stands in another text under such names: `token=…`, `<sessionId>…`."""
        for name, value in NAMED_TEXT.findall(text):
            self.learn_secret(name, value)

    def made_up(self, value: Any) -> Any:
        """Return a connection's value as a cassette has it: what is replaced anywhere is made up."""
        if isinstance(value, Mapping):
            return {key: self.made_up(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.made_up(inner) for inner in value]
        inner = parsed(value)
        if inner is not None:
            return json.dumps(self.made_up(inner), sort_keys=True)

        name = self.get(value.rstrip("/") if is_address(value) else value)
        return value if name is None or isinstance(value, bool) else made_up(name.strip(OPENED + CLOSED), value)


def made_up(name: str, like: object = "") -> Any:
    """Return a value for a name, of the kind of the one that it stands for; the same each time."""
    number = zlib.crc32(name.removeprefix("number.").encode()) % 10**9 + 10**9
    if name.startswith("number.") or isinstance(like, (int, float)):
        return number
    if str(like).isdecimal():
        return str(number)

    word = re.sub(r"[^a-z0-9]+", "-", name.lower().removeprefix("connection.")).strip("-")
    if is_address(like):
        return "http://127.0.0.1" if is_here(str(like)) else f"https://{word}.example"
    return f"made-up-{word}"


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """Return JSON with the values of names in the place of placeholders."""
    if isinstance(value, str):
        return _filled_text(value, names)
    if isinstance(value, Mapping):
        return {_filled_text(key, names): filled(inner, names) for key, inner in value.items()}

    return [filled(inner, names) for inner in value] if isinstance(value, list) else value


def _filled_text(text: str, names: Mapping[str, Any]) -> Any:
    whole = PLACEHOLDER.fullmatch(text)
    if whole and whole[1] and whole[1].startswith("number."):
        return made_up(whole[1])

    return PLACEHOLDER.sub(
        lambda found: "${" if found[1] is None else str(names.get(found[1], made_up(found[1]))), text
    )


def is_address(value: object) -> bool:
    """Say whether a text is a whole address."""
    return isinstance(value, str) and bool(re.match(r"https?://[^\s/]+", value, re.IGNORECASE))


def is_here(address: str) -> bool:
    """Say whether an address is on this machine, where no host is a secret."""
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


def parsed(value: object) -> Any:
    """Return the JSON object that a text holds, as a connection of the type generic_api_credentials may; else None."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _word(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    inner = parsed(value)
    if inner is not None:
        yield from _leaves(name.rpartition(".")[0] or name, inner)
    elif isinstance(value, Mapping):
        for key, each in sorted(value.items()):
            yield from _leaves(f"{name}.{key}", each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(f"{name}.{index}", each)
    elif value is not None:
        yield name, value


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, (str, int, float)) and not isinstance(inner, bool):
                yield str(key), inner
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


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
