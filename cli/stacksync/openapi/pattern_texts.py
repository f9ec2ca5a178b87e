"""A text that a pattern of a description lets through, for examples: the pattern read, one way through it taken.

What is made is searched for the pattern by the runtime, which limits the time; so what is not read here as it is meant
(assertions, backreferences) costs an example, and nothing else.
"""

import re
import warnings
from collections.abc import Iterator
from itertools import product

from stacksync.runtime.forms import Budget, PatternError, Unchecked, compile_pattern

# Longer ones are nobody's example, or made to take time.
LONGEST_PATTERN, LONGEST_TEXT, DEEPEST = 1_000, 300, 20
# What a class of characters may be asked for, what reads best first.
CHARACTERS = "a1A0 -_.,/:@#bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ23456789!\"$%&'()*+;<=>?[\\]^`{|}~\n\t"
CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t\\n"}
NOTHING = "bBAzZ"


class _UnreadError(ValueError):
    """The pattern is not one that is read here."""


def text_for(pattern: str, least: int = 0, most: int = LONGEST_TEXT) -> str | None:
    """Return a text that a pattern is found in; None where none is known.

    Args:
        pattern: The pattern, as JavaScript has it.
        least: How many characters it must have at least.
        most: How many it may have.
    """
    return next(texts_for(pattern, least, most), None)


def texts_for(pattern: str, least: int = 0, most: int = LONGEST_TEXT) -> Iterator[str]:
    """Yield texts that a pattern is found in, each once; none is empty."""
    if len(pattern) > LONGEST_PATTERN:
        return

    try:
        searched = compile_pattern(pattern)
        for text in dict.fromkeys(_texts(pattern, least)):
            if max(least, 1) <= len(text) <= most and searched.search(text, Budget()):
                yield text
    except (PatternError, Unchecked, _UnreadError):
        return


def matches(pattern: str, text: str) -> bool:
    """Say whether a pattern is found in a text; one that cannot be searched refuses nothing."""
    try:
        return compile_pattern(pattern).search(text, Budget())
    except (PatternError, Unchecked):
        return True


def _texts(pattern: str, least: int) -> Iterator[str]:
    """Yield texts for a pattern: by how often something is repeated, and which alternative is taken."""
    for repeat, pick in product((4, 1, 0, 2, 8, min(least, LONGEST_TEXT)), (0, 1, 2)):
        text = _Reading(pattern, repeat, pick).alternatives()
        yield text
        # What a pattern that is found anywhere does not say is filled up.
        yield text.ljust(least, "a")


class _Reading:
    """Reads a pattern, and writes a text for it.

    Args:
        pattern: The pattern.
        repeat: How often what may be repeated is, where its bounds let it.
        pick: Which of several alternatives is taken, or the last.
    """

    def __init__(self, pattern: str, repeat: int, pick: int) -> None:
        self._pattern, self._repeat, self._pick = pattern, repeat, pick
        self._at = self._depth = 0

    def alternatives(self) -> str:
        """Return the text of one of several, up to the end of the group or of the pattern."""
        found = [self._sequence()]
        while self._take("|"):
            found.append(self._sequence())
        return found[min(self._pick, len(found) - 1)]

    def _sequence(self) -> str:
        text = ""
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            text += self._repeated(self._piece())
            if len(text) > LONGEST_TEXT:
                raise _UnreadError
        return text

    def _piece(self) -> str:
        if self._take("("):
            return self._group()
        if self._take("["):
            return self._class()
        if self._take("\\"):
            return self._escape()

        letter = self._next()
        return "" if letter in "^$" else "a" if letter == "." else letter

    def _group(self) -> str:
        asserted = self._match(r"\?<?[=!]")
        self._match(r"\?(?::|P?<\w+>)")
        self._depth += 1
        if self._depth > DEEPEST:
            raise _UnreadError
        text = self.alternatives()
        self._depth -= 1
        if not self._take(")"):
            raise _UnreadError
        return "" if asserted else text

    def _class(self) -> str:
        """Return a character of a class; what is written in one means the same to Python."""
        written = self._match(r"\^?\]?(?:[^\]\\]|\\.)*\]", flags=re.DOTALL).replace("[", "\\[")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what Python will read otherwise some day
                wanted = re.compile(f"[{written}")
        except re.error:
            raise _UnreadError from None
        # Where it is none of the usual ones, the first that the class names.
        found = next((each for each in CHARACTERS if wanted.match(each)), written[0])
        if not wanted.match(found):
            raise _UnreadError
        return found

    def _escape(self) -> str:
        letter = self._next()
        if letter in NOTHING:
            return ""
        if letter.lower() in CLASSES:
            negated = "^" if letter.isupper() else ""
            return next(each for each in CHARACTERS if re.match(f"[{negated}{CLASSES[letter.lower()]}]", each))
        if letter in "pP":
            self._match(r"\{[^}]*\}")
            return "a" if letter == "p" else "1"
        if letter in "xu":
            code = self._match(r"[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}")
            return chr(int(code, 16)) if code else letter

        return {"n": "\n", "t": "\t", "r": "\r"}.get(letter, letter)

    def _repeated(self, text: str) -> str:
        bounds = self._match(r"\{\d{1,4}(?:,\d{0,4})?\}|[*+?]")
        if not bounds:
            return text

        self._match(r"[?+]")  # lazy or possessive, which lets the same texts through
        least, most = self._bounds(bounds)
        return text * min(max(self._repeat, least), most, LONGEST_TEXT)

    def _bounds(self, bounds: str) -> tuple[int, int]:
        known = {"*": (0, LONGEST_TEXT), "+": (1, LONGEST_TEXT), "?": (0, 1)}
        if bounds in known:
            return known[bounds]

        least, comma, most = bounds[1:-1].partition(",")
        return int(least), int(most) if most else LONGEST_TEXT if comma else int(least)

    def _match(self, wanted: str, flags: int = 0) -> str:
        found = re.compile(wanted, flags).match(self._pattern, self._at)
        if found:
            self._at = found.end()
        return found[0] if found else ""

    def _take(self, letter: str) -> bool:
        is_there = self._pattern.startswith(letter, self._at)
        self._at += is_there
        return is_there

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise _UnreadError
        self._at += 1
        return self._pattern[self._at - 1]
