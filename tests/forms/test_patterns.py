"""Patterns mean what they mean in JavaScript."""

import pytest

from src.runtime.forms import FormValidator, read_form, remarks
from src.runtime.forms.pattern_tokens import PatternError
from src.runtime.forms.patterns import compiled, found, is_searchable, not_javascript
from src.runtime.forms.slow_patterns import is_slow


@pytest.mark.parametrize(
    "pattern, finds, misses",
    [
        ("b+", ["abc", "b"], ["ac", ""]),
        ("^b+$", ["bb"], ["abb", "b\n", "b\nb"]),
        (r"^\d+$", ["12"], ["٣"]),
        (r"^\w+$", ["a_1"], ["é", "a b"]),
        (r"^\s$", ["\u00a0", "\ufeff", "\t", "\u2003"], ["\x1c", "a"]),
        (r"^\S$", ["a", "\x1c"], ["\u00a0"]),
        (r"^[\s\S]$", ["a", "\n", "\u00a0"], ["ab"]),
        (r"^[^]$", ["a", "\n"], ["", "ab"]),
        ("a[]", [], ["a", "a[]"]),
        ("^[[]$", ["["], ["]"]),
        ("^[a[]$", ["a", "["], ["b"]),
        ("^.$", ["a", "\u00a0"], ["\n", "\r", "\u2028"]),
        (r"^\.\$[.$]$", [".$.", ".$$"], [".$a"]),
        (r"^(?<y>\d)-\k<y>$", ["1-1"], ["1-2"]),
        (r"^(a)(?<y>b)(?:c)\2$", ["abcb"], ["abca"]),
        (r"(?<=\$)\d", ["$1"], ["1"]),
        (r"^\u{1F600}$", ["\U0001f600"], ["u"]),
        (r"^\u00e9\x41\cJ\0\/\-$", ["éA\n\0/-"], ["eA"]),
        (r"^\p{L}+$", ["Éa", "日本"], ["a1", ""]),
        (r"^[\p{L}\p{Nd} '-]+$", ["O'Neil-SS 3"], ["a_b"]),
        (r"^\P{Lu}$", ["a"], ["A"]),
        (r"^[\b]$", ["\b"], ["b"]),
        (r"\bfoo\b", ["a foo."], ["afoo"]),
        (r"[a&&b]", ["&"], ["c"]),
    ],
)
def test_translation(pattern, finds, misses):
    assert [text for text in finds if not found(pattern, text)] == []
    assert [text for text in misses if found(pattern, text)] == []


@pytest.mark.parametrize(
    "pattern", ["(", "[", "a{2,1}", "*", r"\p{Nonsense}", r"\q", "(?<a>x)(?<a>y)", r"\k<a>", "(?<=a+)b", r"[\P{L}]"]
)
def test_what_cannot_be_searched(pattern):
    assert not is_searchable(pattern)
    with pytest.raises(PatternError):
        compiled(pattern)
    field = {"id": "x", "type": "string", "validation": {"pattern": pattern}}
    assert FormValidator({"fields": [field]}).validate({"x": "anything"}).errors == ()
    assert [note.kind for note in remarks(read_form({"fields": [field]})) if note.path] == ["pattern-invalid"]


@pytest.mark.parametrize(
    "pattern, syntax",
    [
        ("(?P<a>x)", "(?P<"),
        ("(?i)x", "(?i)"),
        (r"\Ax", r"\A"),
        (r"x\Z", r"\Z"),
        ("a++", "++"),
        ("(?>a)", "(?>"),
        ("(?#x)a", "(?#"),
        ("[[:alpha:]]", "[[:alpha:]"),
        (r"a\++", None),
        ("(?<a>x)", None),
        ("(?<!a)x", None),
        ("(?:a)+", None),
    ],
)
def test_syntax_javascript_lacks(pattern, syntax):
    assert not_javascript(pattern) == syntax


@pytest.mark.parametrize(
    "pattern, slow",
    [
        ("(a+)+$", True),
        ("(a*)*", True),
        (r"^(\w+\s?)+$", True),
        ("((a+))*", True),
        ("(a|b+)*", True),
        ("(?:a+b?)+c", True),
        ("(a+){20}", True),
        (r"x(?=(a+)+$)", True),
        (r"^([\w-]+\.)+[a-z]{2,4}$", False),
        (r"\d+", False),
        ("(?:ab)*", False),
        ("(a+b)+", False),
        ("(a+){3}", False),
        (r"^[\w.%+-]+@[\w.-]+\.[a-z]{2,}$", False),
        ("(", False),
    ],
)
def test_patterns_that_take_time_without_end(pattern, slow):
    assert is_slow(pattern) is slow


def test_no_search_holds_up_a_server():
    assert found("(a+)+$", "a" * 25)
    assert not found("(a+)+$", "a" * 24 + "!")
    field = {"id": "x", "type": "string", "validation": {"pattern": "(a+)+$"}}
    errors = FormValidator({"fields": [field]}).validate({"x": "a" * 100_000 + "!"}).errors
    assert [error.message for error in errors] == ["x must be at most 25 characters long to be checked against (a+)+$"]
    field = {"id": "x", "type": "string", "validation": {"pattern": r"\s+$"}}
    assert len(FormValidator({"fields": [field]}).validate({"x": " " * 1_000_000 + "!"}).errors) == 1
