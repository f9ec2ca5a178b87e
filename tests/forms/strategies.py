"""Random forms, and random data for them."""

from typing import Any

from hypothesis import strategies as st

from src.runtime.forms import Field, Form
from src.runtime.forms.vocabulary import FORMATS, OPERATORS

IDS = ("a", "b", "c", "items", "id")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([0.5, 5.0, 1e9]),
    st.sampled_from(["", "x", "yes", "5"]),
)
TEXTS = st.one_of(
    st.sampled_from(["", "x", "yes", "5", " 7.5 ", "ada@example.com", "https://example.com/", "2026-02-30", "é\n"]),
    st.text(max_size=4),
)
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=6)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=20,
)


def _sometimes(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


def _ids(count: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(IDS), unique=True, max_size=count)


REFERENCES = st.lists(st.sampled_from(IDS), min_size=1, max_size=3).map(".".join)
CHOICE_VALUES = st.one_of(SCALARS, st.fixed_dictionaries({"id": SCALARS}, optional={"label": st.just("L")}))
CHOICES = st.fixed_dictionaries({"values": st.lists(st.fixed_dictionaries({"value": CHOICE_VALUES}), max_size=3)})
CONTENT = st.just({"type": ["managed"], "content_objects": [{"id": "things"}]})
VALIDATION = _sometimes(
    required=st.booleans(),
    min_length=st.integers(0, 3),
    max_length=st.integers(0, 5),
    minimum=st.integers(-2, 5),
    maximum=st.integers(0, 9),
    pattern=st.sampled_from([r"^\w+$", "x|y", r"\d", "(", r"(?<n>x)\k<n>"]),
    minItems=st.integers(0, 2),
    maxItems=st.integers(0, 3),
)
UI = st.fixed_dictionaries({"ui_widget": st.sampled_from(["hidden", None, "input", "textarea"])})


def _conditions() -> st.SearchStrategy[list[dict[str, Any]]]:
    value = st.one_of(SCALARS, st.lists(CHOICE_VALUES, max_size=2), CHOICE_VALUES)
    condition = {"id": REFERENCES, "operator": st.sampled_from(OPERATORS), "value": value}
    return st.lists(st.fixed_dictionaries(condition), max_size=2)


def _rules(depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    as_ = st.sampled_from(["merge", "merge", "fully_replace"])
    change = st.builds(
        lambda field, name, apply_as: {**field, "id": name, "apply_as": apply_as}, _partial(depth), REFERENCES, as_
    )
    then = st.fixed_dictionaries({"fields": st.lists(change, max_size=2)})
    asked = st.fixed_dictionaries({}, optional={"and": _conditions(), "or": _conditions()})
    return st.lists(st.fixed_dictionaries({"if": asked, "then": then}), max_size=2)


def _partial(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    parts: dict[str, Any] = {"validation": VALIDATION, "ui_options": UI, "choices": CHOICES, "type": st.just("string")}
    if depth > 0:
        parts["fields"] = fields(depth - 1, ruled=False)
        parts["items"] = field(depth - 1, ruled=False)
    return _sometimes(**parts)


def field(depth: int, ruled: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Make a field without an id."""
    types = ["string", "number", "integer", "boolean", "connection", "object", "array", "array", "object", "odd"]
    optional: dict[str, Any] = {
        "validation": VALIDATION,
        "ui_options": UI,
        "choices": CHOICES,
        "content": CONTENT,
        "format": st.sampled_from(FORMATS),
    }
    if ruled:
        optional["rules"] = _rules(depth - 1)
    if depth > 0:
        optional["fields"] = fields(depth - 1, ruled)
        optional["items"] = field(depth - 1, ruled)
    return st.fixed_dictionaries({"type": st.sampled_from(types)}, optional=optional)


def fields(depth: int, ruled: bool = True) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Make a list of fields, now and then two of one id."""
    named = st.builds(lambda inner, name: {"id": name, **inner}, field(depth, ruled), st.sampled_from(IDS))
    return st.lists(named, max_size=4)


def schemas(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Make a form schema, of any shape that is not broken, and of some that are."""
    return st.fixed_dictionaries({"fields": fields(depth)}, optional={"rules": _rules(depth)})


def data_for(form: Form) -> st.SearchStrategy[Any]:
    """Make data that has a chance to be what a form asks for."""
    return _object(form.fields)


def _object(fields_: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={each.id: _value(each) for each in fields_ if each.id})


def _value(each: Field) -> st.SearchStrategy[Any]:
    by_type: dict[str, Any] = {
        "string": TEXTS,
        "number": st.one_of(st.integers(-3, 12), st.floats(-3, 12), st.sampled_from(["5", "7.5", "x"])),
        "integer": st.one_of(st.integers(-3, 12), st.sampled_from(["5", 5.0, 7.5])),
        "boolean": st.booleans(),
        "object": st.one_of(_object(each.fields or ()), st.fixed_dictionaries({"id": SCALARS})),
        "array": st.lists(_value(each.items), max_size=3) if each.items else st.lists(SCALARS, max_size=3),
    }
    chosen = [st.sampled_from([choice.value for choice in each.choices])] if each.choices else []
    return st.one_of(by_type.get(each.type, SCALARS), by_type.get(each.type, SCALARS), SCALARS, *chosen)
