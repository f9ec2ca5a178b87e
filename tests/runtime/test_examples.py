from pathlib import Path

import pytest

from src.runtime.testing import difference, read_example


@pytest.mark.parametrize(
    "expected,got,told",
    [
        ({}, {"a": 1}, None),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 2, "d": 3}], "e": 4}}, None),
        ({"a": 1}, {}, "reply.a is missing"),
        ({"a": [1]}, {"a": [1, 2]}, "reply.a is [1, 2], not [1]"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "reply.a[1].b is 3, not 2"),
        ({"a": 1}, [1], "reply is [1], not {'a': 1}"),
        (1, True, "reply is True, not 1"),
        (None, 0, "reply is 0, not None"),
    ],
)
def test_difference(expected: object, got: object, told: str | None):
    assert difference(expected, got) == told


def test_names_of_the_stand_in_are_filled_in(tmp_path: Path):
    file = tmp_path / "example.json"
    file.write_text('{"request": {"data": {"url": "${base_url}/x", "cost": "5 $", "rows": ["${base_url}", 1]}}}')
    example = read_example(file, {"base_url": "http://127.0.0.1:1"})
    assert example.request == {
        "data": {"url": "http://127.0.0.1:1/x", "cost": "5 $", "rows": ["http://127.0.0.1:1", 1]}
    }
    assert (example.endpoint, example.status, example.reply) == ("execute", 200, {})
