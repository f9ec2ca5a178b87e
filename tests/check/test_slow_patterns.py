"""Slow patterns are found by trying them."""

import pytest

from stacksync.rules.slow_patterns import slow_text
from stacksync.runtime import forms


@pytest.mark.parametrize(
    "pattern, text",
    [
        ("(a+)+$", 'many "a"'),
        ("(x+x+)+y", 'many "x"'),
        ("^(?:a|b|ab)*c$", 'many "ab"'),
        ("^id:(?:a|aa)*$", 'many "a" after "id:"'),
        ("(.*)(.*)(.*)(.*)x$", 'many "x"'),
        *((pattern, "") for pattern in ["", ".*", "^a$", r"\s+$", r"^\d+(\.\d+)?$", r"^[\w.%+-]+@[\w.-]+\.[a-z]{2,}$"]),
        (r"^#?([a-f0-9]{6}|[a-f0-9]{3})$", ""),
        (r"^(?=.*\d)(?=.*[a-z]).{8,}$", ""),
        (r"^https?:\/\/(?:www\.)?[-\w@:%.+~#=]{1,256}\.[a-z()]{1,6}\b(?:[-\w()@:%+.~#?&\/=]*)$", ""),
    ],
)
def test_a_text_that_keeps_a_pattern_busy_is_found(pattern, text):
    assert slow_text(forms.compile_pattern(pattern)) == text
