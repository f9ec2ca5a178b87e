"""Looking for many texts in another, at a cost that grows with the text searched, however many they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# A text is looked up by its first characters, compared up to so many, and only then as a whole.
KEY = 8
COMPARED = 64
# So many keys are found sooner one after the other than by looking at each place: ten times sooner, if it is one.
FEW = 64
LONGEST_PART = 20_000
WORD_OF_A_PART = re.compile(r"[a-z0-9_-]{10,}")
# One character each, so that places stay: spaces as quote_plus writes them, and a letter with two small forms.
LEVEL = str.maketrans({"+": " ", "\n": " ", "\r": " ", "\t": " ", "ς": "σ"})


def levelled(text: str) -> str:
    """Return `text` in one case; each character stays in its place."""
    # The only letter that lower() makes two of.
    return text.replace("İ", "i").lower().translate(LEVEL)


class TextSearch:
    """A search for texts, whatever their case.

    Args:
        texts: The texts; those with fewer than `shortest` characters are left out.
        shortest: From how many characters on a text is looked for; below `KEY` only as a word of its own.
        in_part: Whether a word of the other text that is a part of one of these counts too.
    """

    def __init__(self, texts: Iterable[str], *, shortest: int = KEY, in_part: bool = False) -> None:
        self.longer: dict[str, str] = {}
        self.by_key: dict[str, set[int]] = {}
        short: set[str] = set()
        parts: list[str] = []
        for text in texts:
            stripped = text.strip()
            if len(stripped) < shortest:
                continue
            needle = levelled(stripped[:COMPARED])
            if len(needle) < KEY:
                short.add(needle)
                continue
            self.longer[needle] = stripped
            self.by_key.setdefault(needle[:KEY], set()).add(len(needle))
            if in_part:
                parts.append(levelled(stripped[:LONGEST_PART]))
        words = "|".join(re.escape(needle) for needle in sorted(short))
        self.short = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None
        self.parts = "\n".join(parts)

    def find(self, text: str, names: str = "") -> Iterator[tuple[int, int]]:
        """Find where one of the texts stands in `text`, which is levelled, unless it is a part of `names`."""
        if self.short:
            yield from (found.span() for found in self.short.finditer(text))
        if self.parts:
            yield from (word.span() for word in WORD_OF_A_PART.finditer(text) if word[0] in self.parts)
        if self.by_key:
            yield from self._find_long(text, names)

    def _find_long(self, text: str, names: str) -> Iterator[tuple[int, int]]:
        end = 0
        for at in self._places(text):
            until = self._end(text, at, self.by_key[text[at : at + KEY]], names) if at >= end else None
            if until is not None:
                yield at, until
                end = until

    def _places(self, text: str) -> Iterable[int]:
        """Return where a key stands in `text`, from left to right."""
        if len(self.by_key) <= FEW:
            return sorted(at for key in self.by_key for at in _places_of(key, text))

        return (at for at in range(len(text) - KEY + 1) if text[at : at + KEY] in self.by_key)

    def _end(self, text: str, at: int, lengths: Iterable[int], names: str) -> int | None:
        for length in sorted(lengths, reverse=True):
            needle = text[at : at + length]
            whole = self.longer.get(needle)
            if whole is None or needle in names or _is_inside_a_word(text, at, needle):
                continue
            return at + _common(text[at : at + len(whole)], whole)

        return None


def _places_of(key: str, text: str) -> Iterator[int]:
    at = text.find(key)
    while at >= 0:
        yield at
        at = text.find(key, at + 1)


def _is_inside_a_word(text: str, at: int, needle: str) -> bool:
    """Say whether `list` was found in `listener`; what is not all letters is no word."""
    around = text[at - 1 : at] + text[at + len(needle) : at + len(needle) + 1]
    return needle.isalpha() and any(character.isalnum() for character in around)


def _common(text: str, whole: str) -> int:
    """Return how many characters two texts share from their beginning on."""
    other = levelled(whole[: len(text)])
    if text == other:
        return len(text)

    return next((place for place, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), len(text))
