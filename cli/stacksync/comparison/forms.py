"""A difference between two forms, and what a form says, as data that can be compared."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form, Path, Rule

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"
# What of a field is compared as it is; the rest below. `reload_content_objects` and `load_…` are what its change loads.
ATTRIBUTES = (
    *("type", "label", "description", "placeholder", "default", "format", "widget", "language", "item_label"),
    *("disable_replacement", "load_schema", "load_content", "reload_content_objects", "app_types"),
    *("management_types", "messages", "secret"),
)


@dataclass(frozen=True)
class FormDifference:
    """One thing that differs.

    Args:
        path: The ids that lead to the field, `items` for what a list holds; empty for the form itself.
        kind: added, removed, renamed or changed. That a field was renamed is a guess: one like it is gone.
        aspect: What of it: `field` for the field as a whole, else the attribute, such as `type`, `required`, `choices`.
        before: What it was, as JSON; None where it was not there. Of a renamed field the id that it had.
        after: What it is.
        when: For which data this differs, where rules make it so; "" for all.
        sources: Where it stands in the schema of the one and of the other; None where it does not.
    """

    path: tuple[str, ...]
    kind: str
    aspect: str
    before: Any = None
    after: Any = None
    when: str = ""
    sources: "tuple[Path | None, Path | None]" = field(default=(None, None), compare=False, repr=False)


def renamed(gone: "list[Field]", come: "list[Field]") -> "dict[str, Field]":
    """Return, by its new id, the former self of each field that seems to have been renamed: all else is the same."""
    found = {}
    for new in come:
        alike = [each for each in gone if _without_id(each) == _without_id(new)]
        twins = [each for each in come if _without_id(each) == _without_id(new)]
        if len(alike) == len(twins) == 1:
            found[new.id] = alike[0]
    return found


def _without_id(of: "Field") -> Any:
    return {**described(of), "inner": [described(each) for each in of.walk() if each is not of]}


def described(of: "Field") -> dict[str, Any]:
    """Return what a schema says of a field itself, as JSON, without its id: what it does not say is left out."""
    return {name: value for name, value in aspects(of).items() if value not in (None, "", [], {}, False)}


def aspects(of: "Field") -> dict[str, Any]:
    """Return all that a schema can say of a field itself, as JSON, without its id."""
    content = of.content.objects if of.content else ()
    return {
        **{name: _plain(getattr(of, name)) for name in ATTRIBUTES},
        **asdict(of.validation),
        "choices": [{"value": each.value, "label": each.label} for each in of.choices],
        "content": [{"id": each.id, "depends_on": list(each.depends_on)} for each in content],
        "order": list(of.order),
        "rules": [_rule(each) for each in of.rules],
    }


def form_aspects(form: "Form") -> dict[str, Any]:
    """Return all that a schema says of the form itself, as JSON."""
    asked = form.connections
    return {
        "connection": _plain(asdict(replace(asked, source=()))) if asked else None,
        "order": list(form.order),
        "layout": _plain(asdict(form.layout)) if form.layout else None,
        "rules": [_rule(each) for each in form.rules],
    }


def _rule(rule: "Rule") -> dict[str, Any]:
    """Return a rule without the places where it stands."""
    conditions = {
        name: [{"id": each.id, "operator": each.operator, "value": each.value} for each in getattr(rule, name)]
        for name in ("all", "any")
    }
    changes = [{"id": each.field.id, "replaces": each.replaces, "sets": _set_by(each.field)} for each in rule.changes]
    return {**conditions, "changes": changes}


def _set_by(partial: "Field") -> dict[str, Any]:
    inner = [each for each in partial.walk() if each is not partial]
    return {
        **described(partial),
        **({"fields": [{"id": each.id, **described(each)} for each in inner]} if inner else {}),
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: lists for tuples."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}

    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
