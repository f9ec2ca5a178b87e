"""Two versions of a module beside each other."""

import json
import re
from pathlib import Path
from typing import Any

from stacksync.comparison.connectors import forms_of
from stacksync.connector import Connector
from stacksync.studio.versions.beside import Beside, beside
from tests.studio.conftest import Studio
from tests.test_diff import CONFIG, write


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "string", "label": name, **more}


def put_beside(root: Path, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Beside:
    (root / "app_config.yaml").write_text(CONFIG)
    write(root, "one", "v1", before)
    write(root, "one", "v2", after)
    forms = forms_of(Connector(root))
    return beside(forms["one", "v1"], forms["one", "v2"], {})


def rows(found: Beside) -> list[tuple[str, str, bool, bool]]:
    return [(row.name, row.severity, bool(row.before), bool(row.after)) for row in found.rows]


def test_fields_stand_where_they_belong(tmp_path: Path) -> None:
    box = field("box", type="object", fields=[field("in"), field("gone")])
    before = [field("first"), field("a"), field("b", label="B"), box, field("last"), field("same")]
    box = field("box", type="object", fields=[field("in", type="integer"), field("new")])
    hidden = field("last", ui_options={"ui_widget": "hidden"})
    after = [field("a"), field("c", label="B"), box, hidden, field("same"), field("more")]

    found = put_beside(tmp_path, before, after)
    assert rows(found) == [
        ("first", "breaking", True, False),
        ("a", "", True, True),
        ("c", "breaking", True, True),
        ("box", "breaking", True, True),
        ("last", "look", True, False),
        ("same", "", True, True),
        ("more", "fine", False, True),
    ]
    assert [row.why for row in found.rows if not (row.before and row.after)] == [
        ("Hidden", "Not in this version"),
        ("Hidden", "Hidden"),
        ("Not in this version", "Hidden"),
    ]
    assert found.counts == {"breaking": 4, "to look at": 1, "fine": 2}


def test_differences_are_marked_in_the_drawn_fields(tmp_path: Path) -> None:
    item = {"type": "object", "fields": [field("cell"), field("lost")]}
    before = [field("rows", type="array", items=item)]
    item = {"type": "object", "fields": [field("cell", validation={"required": True})]}
    [row] = put_beside(tmp_path, before, [field("rows", type="array", items=item)]).rows

    def marked(html: str) -> list[tuple[str, str]]:
        return re.findall(r'data-pointer="([^"]+)" data-field-type="\w+" data-severity="(\w+)"', html)

    assert marked(row.before) == [("/v1/rows/0/cell", "breaking"), ("/v1/rows/0/lost", "breaking")]
    assert marked(row.after) == [("/v2/rows/0/cell", "breaking")]
    assert re.findall(r'<li data-severity="(\w+)">(.*?)</li>', row.before) == [("breaking", "breaking: gone")]
    assert re.findall(r'<li data-severity="(\w+)">(.*?)</li>', row.after) == [("breaking", "breaking: required now")]


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
        changes = page.partition('<ul class="changes">')[2].partition("</ul>")[0]
        [change] = re.findall(r"<li data-severity.*?</li>", changes, re.DOTALL)
        assert re.sub(r"<.*?>|\s+", " ", change).split()[:5] == ["fine", "a.b", "label", "changed", "DIF030"]
        assert "src/modules/placed/v1/schema.json" in change
        assert "<code>Dotted</code>" in change
        assert "<code>Spotted</code>" in change
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))

        (folder / "schema.json").write_text(json.dumps({"fields": [field("other")]}))
        page = studio.get(link).text
        assert '<strong class="severity" data-severity="breaking">breaking</strong> ' in page
        (folder / "schema.json").write_text("{")
        assert 'data-line="1"' in studio.get(link).text or "schema.json:1" in studio.get(link).text
    finally:
        with studio.connector.next_state("ready"):
            for each in folder.iterdir():
                each.unlink()
            folder.rmdir()
    assert "/beside/" not in studio.get("/m/placed/v1").text
