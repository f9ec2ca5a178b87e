"""Values as a form asks for them: numbers that were sent as text, and choices that were sent as objects.

A field of a scalar type takes `{"id", "label"}` for the `id`, because the platform offers choices of either kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .binding import Fields
from .field import Field
from .values import key_of, to_number
from .vocabulary import NUMBERS, SCALARS

Convert = Callable[[Any], Any]


def as_it_is(value: Any) -> Any:
    """Return a value unchanged."""
    return value


def conversion(fields: Fields) -> Convert:
    """Return what converts the values in an object with these fields; the object given is left as it is."""
    inner = {each.id: convert for each in reversed(fields) if (convert := _of(each)) is not as_it_is}
    return partial(_in_object, inner) if inner else as_it_is


def _of(field: Field) -> Convert:
    if field.type in SCALARS:
        return _of_scalar(field)
    if field.type == "object":
        return conversion(field.fields or ())
    if field.type == "array":
        return _of_array(field)

    return as_it_is


def _of_scalar(field: Field) -> Convert:
    number = partial(to_number, whole=field.type == "integer") if field.type in NUMBERS else as_it_is
    if not field.takes_choice_objects:
        return number

    return lambda value: number(_chosen(value))


def _chosen(value: Any) -> Any:
    chosen = key_of(value)
    return value if isinstance(chosen, (dict, list)) else chosen  # no choice has such an `id`: it is a fault


def _of_array(field: Field) -> Convert:
    every = _of(field.items) if field.items else as_it_is
    variants = {id(item): _of(item) for item in {id(item): item for item in field.each}.values()}
    if every is as_it_is and all(each is as_it_is for each in variants.values()):
        return as_it_is

    return partial(_in_list, [variants[id(item)] for item in field.each], every)


def _in_object(inner: dict[str, Convert], value: Any) -> Any:
    if not isinstance(value, dict):
        return value

    made = {name: convert(value[name]) for name, convert in inner.items() if name in value}
    return {**value, **made} if any(new is not value[name] for name, new in made.items()) else value


def _in_list(first: list[Convert], every: Convert, value: Any) -> Any:
    if not isinstance(value, list):
        return value

    made = [(first[index] if index < len(first) else every)(item) for index, item in enumerate(value)]
    return made if any(new is not item for new, item in zip(made, value, strict=True)) else value
