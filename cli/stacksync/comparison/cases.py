"""Data with which the rules of two forms do all that they can do to one field: each is a case to compare them in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, pairwise, product
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

if TYPE_CHECKING:
    from stacksync.runtime.forms import Condition, EffectiveForms, Steps

    Conditions = Mapping[Steps, list[Condition]]
    Choices = Mapping[Steps, list[list[Any]]]

# More combinations than this are not tried all: then each value alone, and each pair.
MOST_CASES = 500
# No text that anybody compares with: it stands for all values that no condition names.
OTHER = "\N{REPLACEMENT CHARACTER} another value"
NOT_GIVEN = forms.MISSING


@dataclass(frozen=True)
class Case:
    """Values of the fields that rules ask for, by the steps to each; `NOT_GIVEN` for one without a value."""

    values: "tuple[tuple[Steps, Any], ...]" = ()

    @property
    def data(self) -> dict[str, Any]:
        """Return data with these values."""
        data: dict[str, Any] = {}
        for steps, value in self.values:
            _put(data, steps, value)
        return data

    def but(self, steps: "Steps", value: Any) -> "Case":
        """Return the case with another value of one field."""
        return Case(tuple((each, value if each == steps else old) for each, old in self.values))

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what tells it from others, in which 1 is not true."""
        return tuple((type(value), repr(value)) for _, value in self.values)


@dataclass(frozen=True)
class Cases:
    """The cases for one field.

    Args:
        choices: The values that are tried of each field that rules ask for, each with all those that it stands for:
            itself, and others that make no other difference.
        all: Every case, the one in which nothing is given first.
        complete: Whether they are all there are.
    """

    choices: "Choices"
    all: tuple[Case, ...] = (Case(),)
    complete: bool = True


def cases_of(names: Collection[str], sides: "Sequence[EffectiveForms]") -> Cases:
    """Return the cases in which rules of either form may make something else of a field.

    Args:
        names: Its id, or both, where it seems to have been renamed.
        sides: The older form and the newer one.
    """
    asked = _asked_for(names, sides)
    choices = {steps: _values(steps, conditions, sides) for steps, conditions in asked.items()}
    count = 1
    for values in choices.values():
        count *= len(values)
    if count > MOST_CASES:
        return Cases(choices, tuple({case.key: case for case in _some(choices)}.values()), complete=False)

    combined = product(*([alike[0] for alike in values] for values in choices.values()))
    return Cases(choices, tuple(Case(tuple(zip(choices, each, strict=True))) for each in combined))


def _some(choices: "Choices") -> Iterator[Case]:
    """Yield a part of the cases: of each two fields all values, and of the others the first one."""
    tried = {steps: [alike[0] for alike in values] for steps, values in choices.items()}
    first = {steps: values[0] for steps, values in tried.items()}
    pairs = ((one, other, *pair) for one, other in combinations(tried, 2) for pair in product(tried[one], tried[other]))
    for one, other, value, its in islice(pairs, MOST_CASES):
        yield Case(tuple({**first, one: value, other: its}.items()))


def _asked_for(names: Collection[str], sides: "Sequence[EffectiveForms]") -> "Conditions":
    """Return the conditions of the rules that may change a field, by the steps to what they ask for."""
    found: dict[Steps, list[Condition]] = {}
    for side in sides:
        for bound in side.rules.bound:
            if any(reference.known and reference.steps[0] in names for reference, _ in bound.changes):
                for reference, condition in (each for clause in bound.clauses for each in clause):
                    found.setdefault(reference.steps, []).append(condition)
    return found


def _values(steps: "Steps", conditions: "list[Condition]", sides: "Sequence[EffectiveForms]") -> list[list[Any]]:
    """Return values of a field: those together for which the same conditions hold."""
    offered = _only_choices(steps, sides)
    # What is left empty counts as not given, and is still what a condition sees.
    tried = [NOT_GIVEN, "", {"id": ""}, *(offered or [*_named(conditions), OTHER])]
    by_outcome: dict[tuple[Any, ...], list[Any]] = {}
    for value in tried:
        seen = None if value is NOT_GIVEN else value
        outcome = tuple(forms.passes(each, seen) for each in conditions)
        # An empty text counts as not given in a field of another type, so no other stands for it.
        by_outcome.setdefault((_kind(value), forms.is_empty(seen), *outcome), []).append(value)
    return list(by_outcome.values())


def _kind(value: Any) -> str:
    """Return what a field's type may make another value of: `"5"` is 5 to a number, 5 is `"5"` to a text."""
    kinds = {bool: "boolean", int: "number", float: "number", dict: "object"}
    return kinds.get(type(value), "text")


def _named(conditions: "list[Condition]") -> Iterator[Any]:
    """Yield the values that conditions name, their texts and numbers, and what lies between them."""
    numbers = set()
    for each in conditions:
        for value in each.value if isinstance(each.value, list) else [each.value]:
            key = forms.key_of(value)
            number = forms.to_number(key, whole=False) if isinstance(key, str) else key
            if isinstance(number, int | float) and not isinstance(number, bool):
                numbers.add(number)
            if key is not None:  # as if it were not given
                yield from (key, {"id": key})  # a choice as an object is compared by its id
            if isinstance(key, bool):
                yield from ("true" if key else "false", not key, "false" if key else "true")
        if isinstance(each.value, list):
            yield each.value
    yield from _between(sorted(numbers))


def _between(numbers: list[int | float]) -> Iterator[Any]:
    inner = [(low + high) / 2 for low, high in pairwise(numbers)]
    ends = [numbers[0] - 1, numbers[-1] + 1] if numbers else []
    for number in (*numbers, *inner, *ends):
        yield number
        yield str(number)


def _only_choices(steps: "Steps", sides: "Sequence[EffectiveForms]") -> list[Any]:
    """Return what a field takes in the older form, where that is nothing but its choices whatever rules do."""
    *_, field = [None, *forms.fields_on(sides[0].rules.form.fields, steps)]
    if field is None or not field.is_enum or field.type == "array" or _is_changed(steps, sides[0]):
        return []

    return [choice.key for choice in field.choices if not isinstance(choice.key, list | dict)]


def _is_changed(steps: "Steps", side: "EffectiveForms") -> bool:
    return any(reference.steps == steps[: len(reference.steps)] for b in side.rules.bound for reference, _ in b.changes)


def _put(data: Any, steps: "Steps", value: Any) -> None:
    """Put a value into data; the lists on the way get two items: the first, and one that stands for any other."""
    *above, last = steps
    here = data
    for index, step in enumerate(above):
        inner: Any = [{}, {}] if isinstance(steps[index + 1], int) else {}
        if isinstance(step, int):
            step = _place(step)
            if not isinstance(here[step], type(inner)):
                here[step] = inner
        elif not isinstance(here.get(step), type(inner)):
            if value is NOT_GIVEN and not any(isinstance(each, int) for each in steps[index + 1 :]):
                return
            here[step] = inner
        here = here[step]
    if value is NOT_GIVEN:
        return
    here[_place(last) if isinstance(last, int) else last] = value


def _place(step: int) -> int:
    return 1 if step == forms.EACH else 0
