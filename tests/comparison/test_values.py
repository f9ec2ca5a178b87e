"""Two answers, value by value."""

from typing import Any

import pytest

from stacksync.comparison.values import LONGEST, value_differences


def told(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    return [(each.place, each.kind, each.before, each.after) for each in value_differences(before, after)]


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, []),  # JSON has one kind of number, and no order of keys
        (1, True, [("", "changed", 1, True)]),
        ({"a": None}, {}, [("a", "removed", None, None)]),
        ({"a": {"b": [1]}}, {"a": {"b": [1, 2]}}, [("a.b[1]", "added", None, 2)]),
        ([1, 2, 3], [0, 1, 2, 3], [("[0]", "added", None, 0)]),
        ([1, 2, 3], [1, 3], [("[1]", "removed", 2, None)]),
        ({"a": [1]}, {"a": {"0": 1}}, [("a", "changed", [1], {"0": 1})]),
        ("x", "y", [("", "changed", "x", "y")]),
    ],
)
def test_each_value_that_differs_is_told(before: Any, after: Any, expected: list[Any]) -> None:
    assert told(before, after) == expected


def test_a_record_is_recognized_by_its_id() -> None:
    before = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]
    after = [{"id": 0, "name": "New"}, {"id": 1, "name": "Ada L."}, {"id": 2, "name": "Bob"}]

    assert told(before, after) == [
        ("[0]", "added", None, {"id": 0, "name": "New"}),
        ("[1].name", "changed", "Ada", "Ada L."),
    ]


def test_long_lists_are_compared_place_by_place() -> None:
    before = list(range(LONGEST + 1))
    assert told(before, [*before[:5], -1, *before[6:]]) == [("[5]", "changed", 5, -1)]
