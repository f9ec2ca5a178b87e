"""What a rule's change leaves of a field."""

from __future__ import annotations

from dataclasses import replace

from .binding import Fields
from .either import Either
from .field import Field
from .rule import Change


def changed_by(field: Field, change: Change) -> Field:
    """Return the field as a change leaves it; its id stays, and its type where the change names none."""
    if not change.replaces:
        return _merged(field, change.field)

    kept = field.type if "type" not in change.field.given else change.field.type
    return replace(change.field, id=field.id, type=kept)


def _merged(field: Field, partial: Field) -> Field:
    if isinstance(field, Either):
        return field.mapped(lambda branch: _merged(branch, partial))

    given = {name: getattr(partial, name) for name in partial.given - {"id", "validation", "messages"}}
    if partial.fields and field.fields:
        given["fields"] = _merged_fields(field.fields, partial.fields)
    if partial.items and field.items:
        given["items"] = _merged(field.items, partial.items)
        variants = {id(item): _merged(item, partial.items) for item in field.each}
        given["each"] = tuple(variants[id(item)] for item in field.each)
    given["validation"] = partial.validation.over(field.validation)
    given["messages"] = {**field.messages, **partial.messages}
    return replace(field, given=field.given | partial.given, **given)


def _merged_fields(fields: Fields, partials: Fields) -> Fields:
    """Merge fields by id; those that were not there come after."""
    by_id = {partial.id: partial for partial in partials}
    known = {each.id for each in fields}
    merged = (_merged(each, by_id[each.id]) if each.id in by_id else each for each in fields)
    return (*merged, *(partial for partial in partials if partial.id not in known))
