"""Forms by code: each builder makes what the platform reads, and what check has nothing to say of."""

import pytest

from src.runtime import Choice
from src.runtime.forms import (
    FormValidator,
    boolean,
    code,
    comma_separated,
    connections,
    dropdown,
    form,
    group,
    object_selector,
    read_form,
    records,
    remarks,
    split,
    text,
)

FIELDS = [
    text("name", "Name", required=True),
    code("body", "Body"),
    code("page", "Page", "html", required=True),
    dropdown("size", "Size", choices=[("s", "Small"), Choice("l", "Large")]),
    dropdown("owner", "Owner", content="users", depends_on=["name"], reloads=["teams"]),
    boolean("active", "Active"),
    comma_separated("tags", "Tags"),
    object_selector(),
    group("address", "Address", text("city", "City"), group("geo", "Place", text("lat", "Latitude"))),
    records("rows", "Rows", text("email", "Email"), dropdown("kind", "Kind", choices=[("a", "A")])),
    records("more", "More", text("email", "Email"), min_items=0),
]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: str(field["id"]))
def test_each_makes_a_field_that_nothing_is_to_be_said_of(field):
    built = form(*([] if field is FIELDS[0] else FIELDS[:1]), field)

    assert [note.message for note in remarks(read_form(built))] == []


def test_a_form_has_the_order_of_its_fields_at_every_level():
    built = form(*FIELDS, connections=connections("shop"))
    group_, rows = built["fields"][8], built["fields"][9]

    assert built["ui_options"]["ui_order"] == [field["id"] for field in FIELDS]
    assert (group_["ui_options"]["ui_order"], rows["items"]["ui_options"]["ui_order"]) == (
        ["city", "geo"],
        ["email", "kind"],
    )
    assert group_["fields"][1]["ui_options"]["ui_order"] == ["lat"]


def test_a_choice_may_be_a_pair_or_a_choice():
    assert dropdown("size", "Size", choices=[("s", "Small"), Choice("l", "Large")])["choices"]["values"] == [
        {"value": "s", "label": "Small"},
        {"value": "l", "label": "Large"},
    ]


def test_what_an_author_writes_wins_over_the_builders_own():
    field = dropdown("size", "Size", choices=[("s", "Small")], validation={"pattern": "^s"}, required=True)

    assert field["validation"] == {"required": True, "pattern": "^s"}


@pytest.mark.parametrize(
    "given, expected",
    [("a, b ,,c", ["a", "b", "c"]), ("", []), (None, []), (5, ["5"]), (" , ", [])],
)
def test_a_comma_separated_text_is_split(given, expected):
    assert split(given) == expected


def test_a_template_fits_where_the_platform_takes_one():
    validator = FormValidator(form(*FIELDS[3:5]))

    assert validator.validate({"size": "{{ MODULE.x.output }}", "owner": "anything"}).errors == ()
