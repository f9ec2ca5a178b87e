"""What a JavaScript pattern is for the `regex` package: the same meaning, or a refusal.

After ECMAScript 2025, 22.2 (https://tc39.es/ecma262/#sec-regexp-regular-expression-objects), read as with the flag `u`.
What is an error there but has a meaning without the flag (annex B: `{,3}`, a lone `]`) is read as without it. Each
piece is recognized and written anew, so nothing reaches `regex` that means something else to it: `{e<=1}`, `(?R)`.
Not followed: that a group forgets what it found when the group around it is repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .pattern_characters import (
    CHARACTER,
    LAST,
    MEMBER,
    WORD,
    Member,
    PatternError,
    literal,
    read_member,
    sample_of,
    without,
)

LARGEST = 100_000  # pieces when each repetition is written out, as `regex` does, who takes 250 bytes for each

_PIECE = re.compile(
    r"""
    (?P<foreign>\[\[:\w+:\]\]|\(\?(?!<?[=!]|(?:-?i)?:|<[A-Za-z_$][\w$]*>)(?:P.|\w+[:)]|.)?)
  | (?P<look>\(\?<?[=!])
  | (?P<plain>\(\?(?:-?i)?:)
  | (?P<group>\((?:\?<[\w$]+>|(?!\?)))
  | (?P<class>\[\^?)
  | \\(?:k<(?P<reference>[\w$]+)>|(?P<number>[1-9][0-9]*))
  | (?P<edge>\\[bB])
  | (?P<repeat>[*+?]|\{[0-9]+(?:,[0-9]*)?\})
  | (?P<sign>[.^$])
  | """
    + CHARACTER,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_REPEAT = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>[0-9]+)(?:(?P<comma>,)(?P<most>[0-9]*))?\})(?P<lazy>\??)")
_GROUP_OR_REFERENCE = re.compile(  # the rest is what looks like one in a class or behind a \
    r"(?P<group>\((?:\?<(?P<name>[A-Za-z_$][\w$]*)>|(?!\?)))|(?P<reference>\\(?:[1-9]|k<))|\[(?:\\.|[^\]\\])*\]|\\.",
    re.DOTALL | re.ASCII,
)


@dataclass(frozen=True)
class Term:
    """A piece of a pattern.

    Args:
        text: as `regex` writes it.
        sample: characters it finds, one for each piece in it.
        optional: whether nothing at all is enough for it, wherever it is looked for.
        everything: whether it takes any character or, repeated without end, any text.
        atom: whether it may be repeated.
        size: how many pieces it is when its repetitions are written out.
    """

    text: str
    sample: str = ""
    optional: bool = False
    everything: bool = False
    atom: bool = True
    size: int = 1


BEGIN, END = Term("^", atom=False), Term(r"\Z", atom=False)  # `$` would be found before a last line break too
SIGNS = {"^": BEGIN, "$": END, ".": Term(r"[^\n\r\u2028\u2029]", "a")}


def translate(pattern: str) -> tuple[Term, bool]:
    """Translate a JavaScript pattern, and say whether it is found in every text.

    Raises:
        PatternError: JavaScript does not know it.
    """
    reader = _Reader(pattern)
    try:
        alternatives = reader.alternatives()
    except RecursionError:
        raise PatternError("its groups are nested too deeply") from None
    if not reader.is_done:
        raise PatternError("a ) closes no group")

    return _joined(alternatives), any(map(_is_always_found, alternatives))


def _is_always_found(terms: list[Term]) -> bool:
    signs = [term for term in terms if term in (BEGIN, END)]
    if not all(term.optional or term in signs for term in terms):
        return False
    if len(set(signs)) < 2:
        return True  # every text has a beginning and an end

    return signs == [BEGIN, END] == [terms[0], terms[-1]] and any(term.everything for term in terms)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0
        found = list(_GROUP_OR_REFERENCE.finditer(pattern))
        self._names = [each["name"] or "" for each in found if each["group"]]
        # To remember what a group found takes memory for each repetition, and only a reference asks for it.
        self._opening = "(" if any(each["reference"] for each in found) else "(?:"
        named = list(filter(None, self._names))
        if len(named) > len(set(named)):
            raise PatternError("two groups have one name")

    @property
    def is_done(self) -> bool:
        return self._at == len(self._pattern)

    def alternatives(self) -> list[list[Term]]:
        """Read to the end of the group."""
        found: list[list[Term]] = [[]]
        while not self.is_done and self._pattern[self._at] != ")":
            if self._pattern[self._at] == "|":
                self._at += 1
                found.append([])
            else:
                found[-1].append(self._repeated(self._term()))
        return found

    def _term(self) -> Term:
        match = self._next(_PIECE)
        text = match.group()
        if match["foreign"]:
            raise PatternError(f"JavaScript has no {text}")
        if match["repeat"]:
            raise PatternError(f"there is nothing before {text} to repeat")
        if match["look"]:
            return replace(self._closed(text), sample="", optional=False, everything=False, atom=False)
        if match["plain"] or match["group"]:
            return self._closed(match["plain"] or self._opening)
        if match["class"]:
            return self._class(negated=text == "[^")
        if match["reference"] or match["number"]:
            return self._reference(match)
        if match["edge"]:
            return Term(_edge(text), atom=False)

        return SIGNS[text] if match["sign"] else _term_of(read_member(match))

    def _closed(self, opening: str) -> Term:
        """Read a group whose opening has been read."""
        inner = _joined(self.alternatives())
        if self.is_done:
            raise PatternError("a ( is not closed")

        self._at += 1
        return replace(inner, text=f"{opening}{inner.text})")

    def _repeated(self, term: Term) -> Term:
        """Read how often a term may stand there; `regex` alone repeats a repetition: `a*+`, `a{2}{3}`."""
        match = _REPEAT.match(self._pattern, self._at)
        if match is None:
            return term
        if not term.atom:
            raise PatternError(f"there is nothing before {match.group()} to repeat")

        self._at = match.end()
        least, most = _numbers(match)
        size = _bounded(term.size * max(1, most or least))
        text = f"{term.text}{{{least},{'' if most is None else most}}}{match['lazy']}"
        everything = term.everything and (least, most) == (0, None)
        return Term(text, term.sample, term.optional or least == 0, everything, size=size)

    def _class(self, negated: bool) -> Term:
        """Read a class whose `[` has been read."""
        members = []
        match = self._next(MEMBER)
        while not match["close"]:
            members.append(self._range(read_member(match)))
            match = self._next(MEMBER)

        if not members:  # `[]` finds nothing and `[^]` everything
            members, negated = [Member(((0, LAST),))], not negated
        ranges = tuple(pair for member in members for pair in member.ranges)
        taken = without(ranges) if negated else ranges
        text = f"[{'^' if negated else ''}{''.join(member.text for member in members)}]"
        return Term(text, sample_of(taken), everything=not without(taken))

    def _range(self, first: Member) -> Member:
        r"""Read the rest of a range such as `a-z`; a `-` beside a set, as in `\w-z`, means itself."""
        rest = MEMBER.match(self._pattern, self._at + 1)
        if not self._pattern.startswith("-", self._at) or rest is None or rest["close"]:
            return first

        last = read_member(rest)
        if first.character is None or last.character is None:
            return first
        if last.character < first.character:
            raise PatternError(f"{first.character}-{last.character} is the wrong way round")

        self._at = rest.end()
        return Member(((ord(first.character), ord(last.character)),))

    def _reference(self, match: re.Match[str]) -> Term:
        name = match["reference"]
        number = int(match["number"][:6]) if name is None else self._names.index(name) + 1 if name in self._names else 0
        if not 0 < number <= len(self._names):
            raise PatternError(f"{match.group()} is no group's")

        return Term(f"(?({number})\\g<{number}>|)")  # where a group has found nothing, there is nothing to find again

    def _next(self, what: re.Pattern[str]) -> re.Match[str]:
        match = what.match(self._pattern, self._at)
        if match is None:
            raise PatternError("a [ is not closed")

        self._at = match.end()
        return match


def _joined(alternatives: list[list[Term]]) -> Term:
    text = "|".join("".join(term.text for term in each) for each in alternatives)
    sample = "".join(term.sample for each in alternatives for term in each)
    optional = any(all(term.optional for term in each) for each in alternatives)
    everything = any(len(each) == 1 and each[0].everything for each in alternatives)
    size = _bounded(sum(term.size for each in alternatives for term in each))
    return Term(text, sample, optional, everything, size=size)


def _bounded(size: int) -> int:
    if size > LARGEST:
        raise PatternError(f"its repetitions come to more than {LARGEST} pieces")

    return size


def _numbers(match: re.Match[str]) -> tuple[int, int | None]:
    if match["sign"]:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[match["sign"]]

    least = int(match["least"][:9])  # more digits are too many repetitions anyway
    if not match["most"]:
        return least, None if match["comma"] else least
    most = int(match["most"][:9])
    if most < least:
        raise PatternError(f"the numbers of {match.group()} are the wrong way round")
    return least, most


def _term_of(member: Member) -> Term:
    text = literal(ord(member.character)) if member.character else f"[{member.text}]"
    return Term(text, sample_of(member.ranges), everything=not without(member.ranges))


def _edge(text: str) -> str:
    r"""Return `\b` or `\B` by what a word is to JavaScript."""
    word = f"[{Member(WORD).text}]"
    inside, outside = ("=", "!") if text == r"\B" else ("!", "=")
    return f"(?:(?<={word})(?{inside}{word})|(?<!{word})(?{outside}{word}))"
