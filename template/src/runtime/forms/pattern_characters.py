"""The characters of a JavaScript pattern: escapes, sets and properties, and how `regex` writes them.

After ECMAScript 2025, 22.2.1 (https://tc39.es/ecma262/#sec-patterns), read as with the flag `u`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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

CHARACTER = r"""
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
MEMBER = re.compile(r"(?P<close>\])|(?P<backspace>\\b)|" + CHARACTER, re.VERBOSE | re.DOTALL | re.ASCII)


class PatternError(ValueError):
    """A pattern that JavaScript does not know, or that cannot be searched here."""


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
        ranges = (f"{literal(low)}-{literal(high)}" if low < high else literal(low) for low, high in self.ranges)
        return self.having or "".join(ranges)


def read_member(match: re.Match[str]) -> Member:
    """Return what a match of `CHARACTER` stands for.

    Raises:
        PatternError: JavaScript has no such character.
    """
    if match["escape"]:
        raise PatternError(f"JavaScript has no {match.group()}")
    if match["property"]:
        return Member((), _property(match))
    if match["set"]:
        ranges = SETS[match["set"].lower()]
        return Member(ranges if match["set"].islower() else without(ranges))

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


def without(ranges: Ranges) -> Ranges:
    """Return the characters that some ranges leave out."""
    left, begin = [], 0
    for low, high in sorted(ranges):
        if begin < low:
            left.append((begin, low - 1))
        begin = max(begin, high + 1)
    return (*left, (begin, LAST)) if begin <= LAST else tuple(left)


def sample_of(ranges: Ranges) -> str:
    """Return a character of some ranges, one that is easily read where there is one."""
    readable = (each for each in "a0A !," if any(low <= ord(each) <= high for low, high in ranges))
    return next(readable, chr(ranges[0][0]) if ranges else "")


def literal(point: int) -> str:
    """Return a character as `regex` takes it, wherever it stands."""
    return f"\\U{point:08x}"
