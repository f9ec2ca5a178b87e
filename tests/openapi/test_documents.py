"""JSON, YAML as 1.2 has it, and texts that are made to be too much."""

from contextlib import suppress
from typing import Any

import pytest

from stacksync.openapi.documents import MOST_DEPTH, DocumentError, read_document


@pytest.mark.parametrize(
    "text, value",
    [
        ("opens: 18:00", {"opens": "18:00"}),
        ("on: no", {"on": "no"}),
        ("day: 2026-01-31", {"day": "2026-01-31"}),
        ("at: 2026-01-31T12:00:00Z", {"at": "2026-01-31T12:00:00Z"}),
        ("version: 1_000", {"version": "1_000"}),
        ("number: 010", {"number": 10}),
        ("number: 0o17", {"number": 15}),
        ("number: 0x1F", {"number": 31}),
        ("number: -1.5e3", {"number": -1500.0}),
        ("truth: True\nnothing: ~\nempty:", {"truth": True, "nothing": None, "empty": None}),
        ("200: done\nnull: none", {"200": "done", "null": "none"}),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2", {"a": {"x": 1}, "b": {"x": 1, "y": 2}}),
        ('{"a": [1, "18:00", null]}', {"a": [1, "18:00", None]}),
        ("\ufeff{a: [1, yes]}", {"a": [1, "yes"]}),
    ],
)
def test_values_are_what_yaml_1_2_says(text: str, value: Any) -> None:
    assert read_document(text.encode()) == value


def doubled(times: int) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, times)]
    return "\n".join(lines)


def merged(times: int) -> str:
    lines = ["m0: &m0 {" + ", ".join(f"k{at}: 1" for at in range(50)) + "}"]
    lines += [f"m{at}: &m{at}\n  <<: [{', '.join([f'*m{at - 1}'] * 20)}]" for at in range(1, times)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text, fault",
    [
        ("a: [1", "2: not valid YAML: did not find expected ',' or ']'"),
        ('{"a": 1,, "b": 2}', "1: not valid JSON: Expecting property name enclosed in double quotes"),
        ("a: !!python/object/apply:os.system [ls]", "1: not valid YAML: could not determine a constructor"),
        ("[" * 100_000, "nested deeper than 200 levels"),
        ("a: " + "[" * 400 + "]" * 400, f"nested deeper than {MOST_DEPTH} levels"),
        ("- " * 5_000, ""),
        (doubled(12), "more than 4000000 values, once its aliases are followed"),
        ("a: &a\n  b: *a", "unconstructable recursive node"),
        ("? [a]\n: b", "a key is no text"),
        ('{"a": NaN}', "NaN is not JSON"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(text: str, fault: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(text.encode())

    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_merges_that_would_grow_without_end_do_not() -> None:
    # PyYAML 6.0.4 takes each key once; older ones are stopped.
    with suppress(DocumentError):
        assert len(read_document(merged(12).encode())["m11"]) == 50


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DocumentError, match="not a text in UTF-8"):
        read_document(b"openapi: \xff")


def test_a_document_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stacksync.openapi.documents.MOST_BYTES", 1 << 20)

    with pytest.raises(DocumentError, match="larger than 1 MB"):
        read_document(b" " * ((1 << 20) + 1))
