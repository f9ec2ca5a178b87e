"""The one reader of JSON: what it refuses, why and where."""

import pytest

from src.runtime.strict_json import JsonError, decode

REFUSED = [
    ('{"a": NaN}', "number", "NaN is not JSON", (6, 9)),
    ('{"NaN": "NaN",\n "b": [-Infinity]}', "number", "-Infinity is not JSON", (22, 31)),
    ("[1, 1e999]", "number", "1e999 is out of range", (4, 9)),
    ('{"a": 1,\n "b" 2}', "syntax", "Expecting ':' delimiter", (14, 15)),
    ("", "syntax", "Expecting value", (0, 1)),
    ("[" * 202 + "]" * 202, "limit", "nested deeper than 200 levels", (0, 1)),
    ("[" * 100_000, "limit", "nested deeper than 200 levels", (0, 1)),
    ("[" + "[]," * 300_000 + "0]", "limit", "more than 300000 lists and objects", (0, 1)),
]


@pytest.mark.parametrize("text,kind,reason,span", REFUSED)
def test_says_what_is_wrong_and_where(text: str, kind: str, reason: str, span: tuple[int, int]):
    with pytest.raises(JsonError) as caught:
        decode(text)

    assert (caught.value.kind, caught.value.reason, caught.value.span) == (kind, reason, span)


def test_a_number_that_python_does_not_read_is_found():
    with pytest.raises(JsonError) as caught:
        decode('{"a": 1,\n "b": ' + "9" * 5000 + "}")

    assert (caught.value.kind, caught.value.lineno, caught.value.column) == ("number", 2, 7)


def test_whoever_asks_may_take_larger_ones():
    assert len(decode("[" + "[]," * 300_000 + "0]", most_parts=400_000)) == 300_001


def test_repeated_keys_are_told_to_whoever_wants_to_know():
    assert decode('\ufeff{"a": 1, "a": {"b": 2}}', lambda pairs: pairs) == [("a", 1), ("a", [("b", 2)])]
