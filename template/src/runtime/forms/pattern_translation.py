"""What a JavaScript pattern is for the `regex` package: the same meaning, or a refusal.

After ECMAScript 2025, 22.2 (https://tc39.es/ecma262/#sec-regexp-regular-expression-objects), read as with the flag `u`.
What is an error there but has a meaning without the flag (annex B: `{,3}`, a lone `]`) is read as without it. Each
piece is recognized and written anew, so nothing reaches `regex` that means something else to it: `{e<=1}`, `(?R)`.
Not followed: that a group forgets what it found when the group around it is repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

Ranges = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
DIGITS: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACES: Ranges = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
SETS = {"d": DIGITS, "w": WORD, "s": SPACES}
NAMED = {"f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}
LARGEST = 100_000  # pieces when each repetition is written out, as `regex` does, who takes 250 bytes for each

# Tables 67 to 70 of the standard: `regex` knows more names, and is not particular about how they are written.
_CATEGORIES = """
    C Other Cc Control cntrl Cf Format Cn Unassigned Co Private_Use Cs Surrogate L Letter LC Cased_Letter
    Ll Lowercase_Letter Lm Modifier_Letter Lo Other_Letter Lt Titlecase_Letter Lu Uppercase_Letter M Mark Combining_Mark
    Mc Spacing_Mark Me Enclosing_Mark Mn Nonspacing_Mark N Number Nd Decimal_Number digit Nl Letter_Number
    No Other_Number P Punctuation punct Pc Connector_Punctuation Pd Dash_Punctuation Pe Close_Punctuation
    Pf Final_Punctuation Pi Initial_Punctuation Po Other_Punctuation Ps Open_Punctuation S Symbol Sc Currency_Symbol
    Sk Modifier_Symbol Sm Math_Symbol So Other_Symbol Z Separator Zl Line_Separator Zp Paragraph_Separator
    Zs Space_Separator
"""
_PROPERTIES = """
    ASCII ASCII_Hex_Digit AHex Alphabetic Alpha Any Assigned Bidi_Control Bidi_C Bidi_Mirrored Bidi_M Case_Ignorable CI
    Cased Changes_When_Casefolded CWCF Changes_When_Casemapped CWCM Changes_When_Lowercased CWL
    Changes_When_NFKC_Casefolded CWKCF Changes_When_Titlecased CWT Changes_When_Uppercased CWU Dash
    Default_Ignorable_Code_Point DI Deprecated Dep Diacritic Dia Emoji Emoji_Component EComp Emoji_Modifier EMod
    Emoji_Modifier_Base EBase Emoji_Presentation EPres Extended_Pictographic ExtPict Extender Ext Grapheme_Base Gr_Base
    Grapheme_Extend Gr_Ext Hex_Digit Hex IDS_Binary_Operator IDSB IDS_Trinary_Operator IDST ID_Continue IDC ID_Start IDS
    Ideographic Ideo Join_Control Join_C Logical_Order_Exception LOE Lowercase Lower Math Noncharacter_Code_Point NChar
    Pattern_Syntax Pat_Syn Pattern_White_Space Pat_WS Quotation_Mark QMark Radical Regional_Indicator RI
    Sentence_Terminal STerm Soft_Dotted SD Terminal_Punctuation Term Unified_Ideograph UIdeo Uppercase Upper
    Variation_Selector VS White_Space space XID_Continue XIDC XID_Start XIDS
"""
CATEGORIES, PROPERTIES = frozenset(_CATEGORIES.split()), frozenset(_PROPERTIES.split())

_CHARACTER = r"""
    \\u\{(?P<point>[0-9a-fA-F]+)\}
  | \\u(?P<pair>[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
  | \\u(?P<four>[0-9a-fA-F]{4})
  | \\x(?P<two>[0-9a-fA-F]{2})
  | \\c(?P<control>[A-Za-z])
  | \\(?P<nul>0)(?![0-9])
  | \\(?P<named>[fnrtv])
  | \\(?P<itself>[^0-9A-Za-z])
  | \\(?P<set>[dDsSwW])
  | (?P<property>\\[pP]\{(?:(?:Script|sc|Script_Extensions|scx|(?P<category>General_Category|gc))=)?(?P<name>\w+)\})
  | (?P<escape>\\.?)
  | (?P<literal>.)
"""
_MEMBER = re.compile(r"(?P<close>\])|(?P<backspace>\\b)|" + _CHARACTER, re.VERBOSE | re.DOTALL | re.ASCII)
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
    + _CHARACTER,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_REPEAT = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>[0-9]+)(?:(?P<comma>,)(?P<most>[0-9]*))?\})(?P<lazy>\??)")
_GROUP_OR_REFERENCE = re.compile(  # the rest is what looks like one in a class or behind a \
    r"(?P<group>\((?:\?<(?P<name>[A-Za-z_$][\w$]*)>|(?!\?)))|(?P<reference>\\(?:[1-9]|k<))|\[(?:\\.|[^\]\\])*\]|\\.",
    re.DOTALL | re.ASCII,
)


class PatternError(ValueError):
    """A pattern that JavaScript does not know, or that cannot be searched here."""


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


@dataclass(frozen=True)
class Member:
    """What a character or an escape stands for: some characters, or those that have a property."""

    ranges: Ranges
    having: str = ""

    @property
    def character(self) -> str | None:
        """Return the character, when it is only one."""
        return chr(self.ranges[0][0]) if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1] else None

    @property
    def text(self) -> str:
        """Return it as a class of `regex` has it."""
        ranges = (f"{_literal(low)}-{_literal(high)}" if low < high else _literal(low) for low, high in self.ranges)
        return self.having or "".join(ranges)


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

        return SIGNS[text] if match["sign"] else _term_of(_member(match))

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
        match = self._next(_MEMBER)
        while not match["close"]:
            members.append(self._range(_member(match)))
            match = self._next(_MEMBER)

        if not members:  # `[]` finds nothing and `[^]` everything
            members, negated = [Member(((0, LAST),))], not negated
        ranges = tuple(pair for member in members for pair in member.ranges)
        taken = _without(ranges) if negated else ranges
        text = f"[{'^' if negated else ''}{''.join(member.text for member in members)}]"
        return Term(text, _sample(taken), everything=not _without(taken))

    def _range(self, first: Member) -> Member:
        r"""Read the rest of a range such as `a-z`; a `-` beside a set, as in `\w-z`, means itself."""
        rest = _MEMBER.match(self._pattern, self._at + 1)
        if not self._pattern.startswith("-", self._at) or rest is None or rest["close"]:
            return first

        last = _member(rest)
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


def _member(match: re.Match[str]) -> Member:
    if match["escape"]:
        raise PatternError(f"JavaScript has no {match.group()}")
    if match["property"]:
        return Member((), _property(match))
    if match["set"]:
        ranges = SETS[match["set"].lower()]
        return Member(ranges if match["set"].islower() else _without(ranges))

    point = _point(match.groupdict())
    if point > LAST:
        raise PatternError(f"there is no character {match.group()}")
    return Member(((point, point),))


def _property(match: re.Match[str]) -> str:
    name, has_key = match["name"], "=" in match.group()
    known = name in CATEGORIES or (not has_key and name in PROPERTIES)
    if has_key and not match["category"]:
        known = name[0].isupper()  # a script; whether there is one of that name `regex` knows

    if not known:
        raise PatternError(f"JavaScript has no {match.group()}")
    return match.group()


def _point(found: dict[str, str | None]) -> int:
    """Return the character that a piece of a pattern stands for."""
    hexadecimal = found["point"] or found["four"] or found["two"]
    if hexadecimal:
        return int(hexadecimal, 16)
    if found["pair"]:
        return ord(bytes.fromhex(found["pair"].replace("\\u", "")).decode("utf-16-be"))
    if found["control"]:
        return ord(found["control"]) % 32
    if found["named"]:
        return NAMED[found["named"]]
    if found["nul"] or found.get("backspace"):
        return 0 if found["nul"] else 8

    return ord(found["itself"] or found["literal"] or "")


def _term_of(member: Member) -> Term:
    text = _literal(ord(member.character)) if member.character else f"[{member.text}]"
    return Term(text, _sample(member.ranges), everything=not _without(member.ranges))


def _edge(text: str) -> str:
    r"""Return `\b` or `\B` by what a word is to JavaScript."""
    word = f"[{Member(WORD).text}]"
    inside, outside = ("=", "!") if text == r"\B" else ("!", "=")
    return f"(?:(?<={word})(?{inside}{word})|(?<!{word})(?{outside}{word}))"


def _without(ranges: Ranges) -> Ranges:
    """Return the characters that some ranges leave out."""
    left, begin = [], 0
    for low, high in sorted(ranges):
        if begin < low:
            left.append((begin, low - 1))
        begin = max(begin, high + 1)
    return (*left, (begin, LAST)) if begin <= LAST else tuple(left)


def _sample(ranges: Ranges) -> str:
    """Return a character of some ranges, one that is easily read where there is one."""
    readable = (each for each in "a0A !," if any(low <= ord(each) <= high for low, high in ranges))
    return next(readable, chr(ranges[0][0]) if ranges else "")


def _literal(point: int) -> str:
    return f"\\U{point:08x}"
