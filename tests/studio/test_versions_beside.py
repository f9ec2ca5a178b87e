"""Two versions of a module beside each other."""

import re
from typing import Any

from stacksync.runtime import forms
from stacksync.studio.versions.rows import beside
from tests.studio.conftest import Studio


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "string", "label": name, **more}


def rows(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[str, str]]:
    read = [forms.read_form({"fields": fields}) for fields in (before, after)]
    return [("/".join(row.path), row.kind) for row in beside(*read).rows]


def test_fields_stand_where_they_belong() -> None:
    box = field("box", type="object", fields=[field("in"), field("gone")])
    before = [field("first"), field("a"), field("b", label="B"), box, field("last")]
    box = field("box", type="object", fields=[field("in", type="integer"), field("new")])
    after = [field("a"), field("c", label="B"), box, field("last", label="Last")]

    assert rows(before, after) == [
        ("first", "removed"),
        ("a", "the same"),
        ("c", "renamed"),
        ("box", "the same"),
        ("box/in", "changed"),
        ("box/gone", "removed"),
        ("box/new", "added"),
        ("last", "changed"),
    ]


def test_what_is_within_a_renamed_field_is_the_same() -> None:
    inner = [field("x"), field("list", type="array", items={"type": "string"})]
    before, after = (
        [field("old", type="object", label="O", fields=inner)],
        [field("new", type="object", label="O", fields=inner)],
    )
    assert [kind for _, kind in rows(before, after)] == ["renamed", "the same", "the same", "the same"]


def test_two_versions_have_a_page(studio: Studio) -> None:
    folder = studio.root / "src/modules/placed/v2"
    folder.mkdir()
    file = folder.parent / "v1/schema.json"
    with studio.connector.next_state("ready") as ready:
        (folder / "schema.json").write_text(file.read_text().replace('"Dotted"', '"Spotted"'))
        (folder / "route.py").write_text((folder.parent / "v1/route.py").read_text())
    assert ready["modules"]["placed/v2"] == "ok"
    try:
        [link] = re.findall(r'href="(/m/placed/v1/beside/v2)"', studio.get("/m/placed/v2").text)
        page = studio.get(link).text
        assert re.findall(r'data-kind="changed">\s*<th scope="row"><code>(.*?)</code>', page) == ["a.b"]
        assert "<del>Dotted</del>" in page
        assert "<ins>Spotted</ins>" in page
        assert "1 field of the forms as they stand in schema.json differs." in page
    finally:
        with studio.connector.next_state("ready"):
            for each in folder.iterdir():
                each.unlink()
            folder.rmdir()
    assert "/beside/" not in studio.get("/m/placed/v1").text
