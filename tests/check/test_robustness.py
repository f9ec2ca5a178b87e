"""Whatever is done to the files of a sound connector, `check` reports and does not raise."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacksync.inspection.fixing import fix
from stacksync.inspection.inspection import inspect
from stacksync.reports import machine, text
from tests.check.sample import APP, CODE, CONFIG, CONNECTOR, FORM, ROUTE, SCHEMA, SDK_CODE, said, write
from tests.form_schemas import FORM_SCHEMAS

hard = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

PIECES = st.sampled_from(
    [
        *(
            "",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            '"',
            "'",
            "\n",
            "\t",
            " ",
            "&a ",
            "*a",
            "!!x ",
            "<<: ",
            "- ",
            "? ",
            "#",
            "0",
        ),
        *(
            "1e999",
            "NaN",
            "null",
            "\x00",
            "\ufeff",
            "\ud7ff",
            "é",
            "📏",
            "@",
            "def ",
            "lambda",
            "(",
            ")",
            "=",
            "\\",
            "%",
        ),
        "2024-13-45",
    ]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), PIECES), min_size=1, max_size=6)


def edited(content, edits):
    """Return a text in which pieces were replaced by others."""
    for where, length, piece in edits:
        start = int(where * len(content))
        content = content[:start] + piece + content[start + length :]
    return content


def reported(root):
    """Check a connector, report in every format, and mend what can be."""
    inspection = inspect(root)
    for finding in inspection.findings:
        assert said(finding)
        assert finding.place.line >= 1
        assert finding.place.column >= 1
    assert list(text.lines(inspection))
    json.loads(machine.as_json(inspection))
    json.loads(machine.as_sarif(inspection))
    machine.as_github(inspection)
    fix(root)


@pytest.mark.parametrize("name", [APP, CONFIG, SCHEMA, ROUTE, "requirements.txt"])
def test_random_edits(tmp_path_factory, name):
    root = write(tmp_path_factory.mktemp("edits"), {})
    sound = [SDK_CODE, CODE] if name == ROUTE else [CONNECTOR[name]]

    @hard
    @given(st.sampled_from(sound), EDITS)
    def edit(content, edits):
        write(root, {name: edited(content, edits)})
        reported(root)

    edit()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["a", "kind"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def paths(value, path=()):
    """Yield the path of every value."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from paths(inner, (*path, key))


def put(value, path, new):
    """Return a value with another at a path."""
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: put(value[key], rest, new)}
    return [put(each, rest, new) if index == key else each for index, each in enumerate(value)]


@hard
@given(st.sampled_from(list(paths(FORM))), JSON)
def test_any_value_at_any_place_of_a_form(tmp_path_factory, path, new):
    root = write(tmp_path_factory.mktemp("form"), {SCHEMA: json.dumps(put(FORM, path, new))})

    reported(root)


def test_whole_schemas(tmp_path):
    for number, file in enumerate(FORM_SCHEMAS):
        folder = f"src/modules/m{number}/v1"
        write(tmp_path, {f"{folder}/schema.json": file.read_text("utf-8"), f"{folder}/route.py": ""})

    before = inspect(tmp_path).findings
    for number, file in enumerate(FORM_SCHEMAS):
        findings = [finding for finding in before if finding.file == f"src/modules/m{number}/v1/schema.json"]
        codes = {finding.code for finding in findings if finding.code.startswith("SCH")}
        unknown = {finding.place.start for finding in findings if finding.code in ("SCH007", "SCH008")}
        assert len(unknown) >= count_unknown(json.loads(file.read_text("utf-8"))), file.name
        if codes <= {"SCH007", "SCH008"}:
            assert not [said(each) for each in findings if each.severity == "error" and each.code.startswith("SCH")]

    fix(tmp_path)
    _, again = fix(tmp_path)
    assert again == 0


SPECIFIED = {
    *("id", "type", "label", "description", "default", "validation", "validation_messages", "format", "choices"),
    *("content", "ui_options", "on_action", "rules", "fields", "properties", "items", "apply_as"),
    *("allowed_app_types", "allowed_connection_management_types", "disable_replacement", "reload_content_objects"),
}


def count_unknown(form):
    """Return how many keys of fields, at any depth, the specification has not; written down here once more."""
    fields = form.get("fields") if isinstance(form, dict) else None
    return sum(map(unknown_in_field, fields)) if isinstance(fields, list) else 0


def unknown_in_field(field):
    if not isinstance(field, dict):
        return 0
    inner = field.get("fields") or field.get("properties") or []
    inner = list(inner.values()) if isinstance(inner, dict) else inner
    items = [field["items"]] if isinstance(field.get("items"), dict) else []
    own = len(field.keys() - SPECIFIED) + ("properties" in field)
    return own + sum(map(unknown_in_field, [*inner, *items]))


def test_random_bytes(tmp_path):
    chance = random.Random(0)
    for _ in range(30):
        root = write(tmp_path, {})
        for name in (APP, CONFIG, SCHEMA, ROUTE):
            (root / name).write_bytes(chance.randbytes(200))
        inspect(root)
