"""Patterns mean what they mean in JavaScript."""

import json
import shutil
import subprocess
import sys

import pytest

from src.runtime.forms import Budget, FormValidator, PatternError, compile_pattern, read_form, remarks
from stacksync.runtime.source import TEMPLATE

# Patterns with texts that JavaScript finds them in, and others.
KNOWN = [
    ("b+", ["abc", "b"], ["ac", ""]),
    ("^b+$", ["bb"], ["abb", "b\n", "b\nb"]),
    (r"^\d+$", ["12"], ["٣"]),
    (r"^[^\D]$", ["1"], ["٣", "a"]),
    (r"^\w+$", ["a_1"], ["é", "a b"]),
    (r"^[\W]$", ["é", " "], ["a", "_"]),
    (r"^\s$", ["\u00a0", "\ufeff", "\t", "\u2003"], ["\x1c", "a"]),
    (r"^\S$", ["a", "\x1c"], ["\u00a0"]),
    (r"^[\s\S]$", ["a", "\n", "\u00a0"], ["ab"]),
    (r"^[^]$", ["a", "\n"], ["", "ab"]),
    ("a[]", [], ["a", "a[]"]),
    ("a[]*", ["a"], [""]),
    ("^[[]$", ["["], ["]"]),
    ("^[a[]$", ["a", "["], ["b"]),
    (r"^[a\]b]$", ["]"], ["\\"]),
    ("^.$", ["a", "\u00a0", "\U0001f600"], ["\n", "\r", "\u2028"]),
    ("^.*$", ["", "abc"], ["a\nb"]),
    (r"^\.\$[.$]$", [".$.", ".$$"], [".$a"]),
    (r"^(?<y>\d)-\k<y>$", ["1-1"], ["1-2"]),
    (r"^(a)(?<y>b)(?:c)\2$", ["abcb"], ["abca"]),
    (r"^(?:(a)|b)\1$", ["aa", "b"], ["ab", "ba"]),
    (r"^\1(a)$", ["a"], ["aa"]),
    (r"(?<=\$)\d", ["$1"], ["1"]),
    ("(?<=a+)b", ["aab"], ["b"]),
    ("(?<!a)b", ["b", "cb"], ["ab"]),
    (r"^(?=.*\d)(?!.*x).{3,}$", ["ab1"], ["abc", "x12", "1"]),
    (r"^\u{1F600}$", ["\U0001f600"], ["u"]),
    (r"^\ud83d\ude00$", ["\U0001f600"], ["\ud83d"]),
    (r"^[\ud83d\ude00a]$", ["\U0001f600", "a"], ["\ude00"]),
    (r"^\u00e9\x41\cJ\0\/\-$", ["éA\n\0/-"], ["eA"]),
    (r"^\p{L}+$", ["Éa", "日本"], ["a1", ""]),
    (r"^[\p{L}\p{Nd} '-]+$", ["O'Neil-SS 3"], ["a_b"]),
    (r"^\P{Lu}$", ["a"], ["A"]),
    (r"^[\P{L}]$", ["1"], ["a"]),
    (r"^\p{Script=Greek}\p{gc=Lu}\p{sc=Grek}$", ["ωΩω"], ["aAa"]),
    (r"^[\b]$", ["\b"], ["b"]),
    (r"\bfoo\b", ["a foo.", "éfoo"], ["afoo"]),
    (r"^a\B.$", ["ab"], ["a."]),
    (r"[a&&b]", ["&"], ["c"]),
    ("^a{,3}$", ["a{,3}"], ["aa", ""]),
    ("^x{e<=1}$", ["x{e<=1}"], ["x", "y"]),
    ("^a{2}b{1,}c{0,1}?$", ["aabbc", "aab"], ["ab"]),
    (r"^[\w-z]$", ["-", "y"], ["?"]),
    ("^[a-]]$", ["a]", "-]"], ["b]"]),
]


@pytest.mark.parametrize("pattern, finds, misses", KNOWN)
def test_translation(pattern, finds, misses):
    compiled = compile_pattern(pattern)
    assert [text for text in finds if not compiled.search(text, Budget())] == []
    assert [text for text in misses if compiled.search(text, Budget())] == []


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js, whose answers these are")
def test_the_texts_are_found_by_javascript_itself():
    program = """
    const known = JSON.parse(require("fs").readFileSync(0, "utf8"))
    const regexp = (text) => { try { return new RegExp(text, "u") } catch { return new RegExp(text) } }
    const wrong = ([text, finds, misses]) =>
        !finds.every((each) => regexp(text).test(each)) || misses.some((each) => regexp(text).test(each))
    console.log(JSON.stringify(known.filter(wrong).map(([text]) => text)))
    """
    done = subprocess.run(["node", "-e", program], input=json.dumps(KNOWN), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    "pattern, reason",
    [
        ("(", "a ( is not closed"),
        (")", "a ) closes no group"),
        ("[", "a [ is not closed"),
        ("(" * 5000, "its groups are nested too deeply"),
        ("a{2,1}", "the numbers of {2,1} are the wrong way round"),
        ("[b-a]", "b-a is the wrong way round"),
        ("*", "there is nothing before * to repeat"),
        ("^*", "there is nothing before * to repeat"),
        ("a{999999999999999}", "its repetitions come to more than 100000 pieces"),
        ("((a{0,1000}){1000}b){9}", "its repetitions come to more than 100000 pieces"),
        ("a{60000}b{60000}", "its repetitions come to more than 100000 pieces"),
        ("a++", "there is nothing before + to repeat"),
        ("a{2}{3}", "there is nothing before {3} to repeat"),
        (r"\p{Nonsense}", r"JavaScript has no \p{Nonsense}"),
        (r"\p{letter}", r"JavaScript has no \p{letter}"),
        (r"\p{Greek}", r"JavaScript has no \p{Greek}"),
        (r"\p{gc=Emoji}", r"JavaScript has no \p{gc=Emoji}"),
        (r"\p{Script=Nonsense}", "unknown property value at position 20"),
        (r"\q", r"JavaScript has no \q"),
        (r"\u{110000}", r"there is no character \u{110000}"),
        (r"\01", r"JavaScript has no \0"),
        (r"(?<a>x)(?<a>y)", "two groups have one name"),
        (r"\k<a>", r"\k<a> is no group's"),
        (r"(a)\2", r"\2 is no group's"),
        ("(?P<a>x)", "JavaScript has no (?P<"),
        ("(?i)x", "JavaScript has no (?i)"),
        (r"\Ax", r"JavaScript has no \A"),
        (r"x\Z", r"JavaScript has no \Z"),
        (r"\X", r"JavaScript has no \X"),
        (r"\L<a>", r"JavaScript has no \L"),
        ("(?>a)", "JavaScript has no (?>"),
        ("(?#x)a", "JavaScript has no (?#"),
        ("(?R)", "JavaScript has no (?R)"),
        ("(?|a)", "JavaScript has no (?|"),
        ("[[:alpha:]]", "JavaScript has no [[:alpha:]]"),
    ],
)
def test_what_javascript_does_not_know_checks_nothing_and_is_told(pattern, reason):
    with pytest.raises(PatternError) as error:
        compile_pattern(pattern)
    assert str(error.value) == reason
    field = {"id": "x", "type": "string", "validation": {"pattern": pattern}}
    assert FormValidator({"fields": [field]}).validate({"x": "anything"}).errors == ()
    notes = [(note.kind, note.message) for note in remarks(read_form({"fields": [field]})) if note.path]
    assert notes == [("pattern-invalid", f"the pattern checks nothing: {reason}")]


@pytest.mark.parametrize(
    "pattern, always",
    [
        *((each, True) for each in ["", ".*", "(.*)", "^", "$", "^.*", ".*$", r"^[\s\S]*$", "^[^]*$", r"^([\d\D]*)$"]),
        *((each, True) for each in ["a*", "a?b*", "(?:a|)", "x|", "(?:a*){2}", "^a|.*", "(a?)+", "a{0,3}?"]),
        *((each, False) for each in ["^.*$", "^a*$", "a", ".+", r"\b", "$^", "^$", "$[^]*^", "(?=a)", r"^\w*$|x"]),
        *((each, False) for each in [r"^[\s\S]+$", "(^)*^a?$", r"(a)?\1b", "a*b"]),
    ],
)
def test_a_pattern_that_is_found_in_every_text_is_known_as_such(pattern, always):
    assert compile_pattern(pattern).always is always


@pytest.mark.parametrize("pattern, engine", [(".*", False), ("^a", True)])
def test_the_engine_is_imported_for_patterns_that_need_it(pattern, engine):
    schema = {"fields": [{"id": "x", "type": "string", "validation": {"pattern": pattern}}]}
    program = f"""
import sys
from src.runtime.forms import FormValidator
assert not FormValidator({schema!r}).validate({{"x": "abc"}}).errors
print("regex" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=TEMPLATE, capture_output=True, text=True, check=True)
    assert done.stdout == f"{engine}\n"
