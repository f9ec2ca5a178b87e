"""What an operation becomes: by the platform's rules, sentence by sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.description import read_description
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.runtime.forms import effective, read_form


def fields(mapped: Mapped) -> dict[str, Any]:
    return {each["id"]: each for each in mapped.form["fields"]}


def made(tmp_path: Path, schema: Any, method: str = "post", version: str = "3.1.0", **beside: Any) -> Mapped:
    """Map one operation whose body has a schema."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    document = {"openapi": version, "paths": {"/things": {method: {"requestBody": body}}}, **beside}
    (tmp_path / "api.json").write_text(json.dumps(document))
    (mapped,) = Mapper(read_description(str(tmp_path / "api.json"))).all()
    return mapped


def test_what_is_needed_comes_first_and_further_fields_last(mapped: dict[str, Mapped]) -> None:
    ids = mapped["createBook"].form["ui_options"]["ui_order"]

    assert ids[:2] == ["title", "pages"]
    assert ids[-1] == "more_fields"
    # Read-only and deprecated members are left out, and the deprecated one can be given as JSON.
    assert not {"id", "isbn10"} & set(ids)
    assert "isbn10" in fields(mapped["createBook"])["more_fields"]["description"]


def test_scalars_are_texts_that_take_templates(mapped: dict[str, Mapped]) -> None:
    shown = fields(mapped["createBook"])

    assert shown["pages"] == {
        "id": "pages",
        "type": "string",
        "label": "Pages",
        "validation": {"required": True},
        "description": "How many pages it has. A whole number. At least 1.",
    }
    assert shown["published"]["description"] == "As 2026-01-31."
    assert shown["in_stock"] == {
        "id": "in_stock",
        "type": "boolean",
        "label": "In stock",
        "default": True,
        "disable_replacement": True,
        "description": "By default true.",
    }
    assert shown["rating"]["description"] == "A text or a whole number."
    assert shown["shelf_mark"]["ui_options"]["ui_widget"] == "CodeblockWidget"


def test_booleans_are_dropdowns_in_an_update(mapped: dict[str, Mapped]) -> None:
    box = fields(mapped["updateBook"])["in_stock"]

    assert [each["value"] for each in box["choices"]["values"]] == ["", "true", "false"]
    assert box["validation"] == {"pattern": ".*"}


def test_lists_groups_and_records(mapped: dict[str, Mapped]) -> None:
    shown = fields(mapped["createBook"])

    told = "Separate several with commas, or give a JSON array. Any of novel, poem, sea, stories."
    assert shown["genres"]["description"] == told
    assert shown["publisher"]["ui_options"]["ui_order"] == ["name", "address"]
    assert shown["copies"]["items"]["ui_options"]["ui_order"] == ["shelf", "worn"]
    # What is needed in a group is needed once something of it is filled in.
    (city, _) = shown["publisher"]["fields"][1]["fields"]
    assert city["validation"] == {"required": True}


def test_an_object_union_is_a_dropdown_that_shows_its_fields(mapped: dict[str, Mapped]) -> None:
    form = read_form(mapped["createBook"].form)

    def shown(kind: str) -> list[str]:
        held = effective(form, {"cover_kind": kind})
        return [each.id for each in held.fields if each.id.startswith("cover_") and not each.hidden]

    assert shown("") == ["cover_kind"]
    assert shown("plain") == ["cover_kind", "cover_plain"]
    assert shown("picture") == ["cover_kind", "cover_picture"]


def test_what_goes_round_in_a_circle_is_json(mapped: dict[str, Mapped]) -> None:
    shown = fields(mapped["searchShelves"])

    assert shown["inner"]["ui_options"]["ui_widget"] == "CodeblockWidget"
    assert shown["inner"]["description"] == "A JSON object with all, field, inner, broken."
    assert shown["broken"]["ui_options"]["ui_widget"] == "CodeblockWidget"


def test_an_update_has_fields_to_clear_and_asks_for_nothing(mapped: dict[str, Mapped]) -> None:
    update = mapped["updateBook"]
    shown = fields(update)

    assert (
        shown["fields_to_clear"]["description"] == "Names of fields to empty, with commas between them: subtitle, note."
    )
    assert update.plan["body"]["clear"]["members"] == {"subtitle": "", "note": None}
    needed = [name for name, each in shown.items() if each.get("validation", {}).get("required")]
    assert needed == ["bookId"]
    # PUT replaces, so that what the API needs stays needed.
    replaced = fields(mapped["replaceBook"])
    assert [name for name, each in replaced.items() if each.get("validation", {}).get("required")] == [
        "bookId",
        "title",
        "pages",
    ]


def test_a_version_header_is_in_no_form(mapped: dict[str, Mapped]) -> None:
    assert mapped["getBook"].plan["constant_headers"] == {"Library-Version": "2026-01-31"}
    assert list(fields(mapped["getBook"])) == ["bookId"]


def test_files_are_left_out_by_name_or_refused(mapped: dict[str, Mapped]) -> None:
    assert mapped["addNote"].losses == ("scan is a file, and files are not sent yet.",)
    assert mapped["uploadCover"].refused == "it needs a file, Image, and files are not sent yet"


def test_security_of_an_operation_stays_in_its_plan(mapped: dict[str, Mapped]) -> None:
    assert mapped["lend-a-book"].plan["security"] == []
    assert mapped["getBook"].plan["security"] == [["key"]]


def test_the_same_description_gives_the_same_bytes(library: Any) -> None:
    def text() -> str:
        return json.dumps([each.stored for each in Mapper(library).all()], sort_keys=True)

    assert text() == text()


def test_an_operation_becomes_the_same_alone_and_among_others(library: Any) -> None:
    among = [each.stored for each in Mapper(library).all()]
    alone = [Mapper(library).map(each).stored for each in Mapper(library).operations]

    assert alone == among


def test_a_big_form_shows_what_is_needed_and_a_dozen(tmp_path: Path) -> None:
    properties = {f"field_{at}": {"type": "string"} for at in range(100)}
    mapped = made(tmp_path, {"type": "object", "required": ["field_70"], "properties": properties})

    ids = list(fields(mapped))
    assert ids[0] == "field_70"
    assert len(ids) == 1 + 12 + 1
    assert ids[-1] == "more_fields"


@pytest.mark.parametrize(
    "schema, version",
    [
        ({"type": "string", "nullable": True}, "3.0.3"),
        ({"type": ["string", "null"]}, "3.1.0"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "3.1.0"),
        ({"oneOf": [{"type": "null"}, {"enum": ["a", "b"]}]}, "3.1.0"),
        ({"enum": ["a", None]}, "3.1.0"),
        ({"allOf": [{"type": "string"}], "nullable": True}, "3.0.3"),
    ],
)
def test_what_may_be_null_is_not_asked_for_and_sent_as_null(tmp_path: Path, schema: Any, version: str) -> None:
    whole = {"type": "object", "required": ["name"], "properties": {"name": schema}}
    mapped = made(tmp_path, whole, version=version)

    assert "required" not in fields(mapped)["name"].get("validation", {})
    assert mapped.plan["body"]["fields"][0]["empty"] is None


@pytest.mark.parametrize(
    "schema",
    [
        True,
        False,
        [],
        "text",
        {"type": "nothing"},
        {"type": 7},
        {"allOf": [{"$ref": "#/a"}]},
        {"oneOf": []},
        {"oneOf": [{}]},
        {"enum": []},
        {"enum": [{"a": 1}]},
        {"properties": []},
        {"type": "object", "properties": {"": {}}},
        {"type": "object", "properties": {"a b": {}, "a_b": {}, "a-b": {}}},
        {"type": "object", "required": True, "properties": {"a": None}},
        {"type": "array"},
        {"type": "array", "items": [{"type": "string"}]},
        {"type": "object", "properties": {"more_fields": {"type": "string"}, "body_kind": {}}},
    ],
)
def test_no_schema_is_too_odd(tmp_path: Path, schema: Any) -> None:
    mapped = made(tmp_path, schema)

    ids = [each["id"] for each in mapped.form["fields"]]
    assert len(ids) == len(set(ids)) >= 1
    read_form(mapped.form)


@pytest.mark.parametrize(
    "union",
    [
        {"$ref": "#/components/schemas/A"},
        {"$ref": "#/components/schemas/B"},
    ],
)
def test_unions_of_themselves_end(tmp_path: Path, union: Any) -> None:
    a = {
        "properties": {"x": {"type": "string"}},
        "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
    }
    b = {"anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}, {"type": "null"}]}

    mapped = made(tmp_path, {"type": "object", "properties": {"u": union}}, components={"schemas": {"A": a, "B": b}})

    assert "u" in " ".join(fields(mapped))
