"""Forms that were edited and forms that an update makes: what each side did is in the result."""

import copy
import random
from typing import Any

import pytest

from stacksync.openapi.description import Description
from stacksync.openapi.form_merging import lost_edits, merged_form
from stacksync.openapi.mapping import Mapper


def form(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"fields": list(fields), "ui_options": {"ui_order": [each["id"] for each in fields]}}


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "string", "label": name, **more}


def merge(base: Any, user: Any, new: Any) -> tuple[Any, list[str]]:
    made = merged_form(base, user, new)
    return made.form, ["/".join(each) for each in made.conflicts]


def test_a_label_of_the_user_and_a_new_description_are_both_there() -> None:
    base = form(field("a"), field("b"))
    user, new = form(field("a", label="Mine"), field("b")), form(field("a", description="New."), field("b"))

    assert merge(base, user, new) == (form(field("a", label="Mine", description="New."), field("b")), [])


def test_new_fields_come_where_the_new_form_has_them_and_the_users_order_stays() -> None:
    base, user = form(field("a"), field("b")), form(field("b"), field("mine"), field("a"))
    new = form(field("a"), field("c"), field("b"))

    made, conflicts = merge(base, user, new)

    assert (made["ui_options"]["ui_order"], conflicts) == (["b", "mine", "a", "c"], [])
    assert [each["id"] for each in made["fields"]] == ["b", "mine", "a", "c"]


def test_what_the_user_took_out_stays_out_and_what_is_gone_goes() -> None:
    base, user = form(field("a"), field("b"), field("c")), form(field("b"), field("c"))
    new = form(field("a", description="New."), field("c"))

    assert merge(base, user, new) == (form(field("c")), [])


def test_where_both_want_something_else_the_users_stays_and_is_named() -> None:
    base = form(field("a", default="1"), field("b"))
    user = form(field("a", default="2"), field("b", label="Mine"))
    new = form(field("a", default="3"))

    made, conflicts = merge(base, user, new)

    assert made == user
    assert conflicts == ["fields/a/default", "fields/b"]


def test_choices_merge_by_their_values() -> None:
    def choices(*values: str) -> Any:
        return form(field("a", choices={"values": [{"value": each, "label": each.upper()} for each in values]}))

    made, conflicts = merge(choices("x", "y"), choices("x", "y", "mine"), choices("x", "y", "z"))

    assert [each["value"] for each in made["fields"][0]["choices"]["values"]] == ["x", "y", "z", "mine"]
    assert conflicts == []


def test_a_lost_edit_is_seen() -> None:
    base, user = form(field("a")), form(field("a", label="Mine"))

    assert list(lost_edits(base, user, base)) == [("fields", "a", "label")]
    assert list(lost_edits(user, base, user)) == [("fields", "a", "label")]


def edited(source: random.Random, value: Any) -> Any:
    """Return a form with some edits: fields go, come, move and get other texts, at any depth."""
    made = copy.deepcopy(value)
    for holder in _holders(made):
        fields = holder["fields"]
        for _ in range(source.randint(0, 2)):
            what = source.choice(["label", "drop", "add", "move", "hide"])
            at = source.randrange(len(fields)) if fields else None
            if what == "add" or at is None:
                fields.insert(0, field(f"mine_{source.randrange(10**6)}"))
            elif what == "drop":
                fields.pop(at)
            elif what == "move":
                fields.append(fields.pop(at))
            else:
                fields[at][what] = f"edit {source.randrange(10**6)}"
        if "ui_options" in holder:
            holder["ui_options"] = {**holder["ui_options"], "ui_order": [each["id"] for each in fields]}
    return made


def _holders(value: Any) -> list[Any]:
    inner = [value["items"]] if isinstance(value.get("items"), dict) else value.get("fields", [])
    found = [each for one in inner for each in _holders(one)]
    return [*found, value] if isinstance(value.get("fields"), list) and value["fields"] else found


@pytest.mark.parametrize("seed", range(20))
def test_no_edit_of_the_user_is_lost(library: Description, seed: int) -> None:
    source = random.Random(seed)
    for mapped in Mapper(library).all():
        base = mapped.form
        user, new = edited(source, base), edited(source, base)

        made = merged_form(base, user, new).form  # raises when it loses one

        for holder in _holders(made):
            order = holder.get("ui_options", {}).get("ui_order")
            assert order is None or sorted(order) == sorted(each["id"] for each in holder["fields"])
