"""The files of `src/api/<name>/`, which anybody may have edited: each fault is told with its line."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.openapi.description import Description
from stacksync.openapi.held import held_api
from stacksync.openapi.importing import sorted_json
from tests.openapi.test_drift import stored

NOTE = "add_note.json"


@pytest.fixture(scope="module")
def files(library: Description) -> dict[str, bytes]:
    """Return the files of an import of the library."""
    held = stored(library)
    index = {**held.about, "operations": dict.fromkeys(held.operations, "GET /")}
    book = {"key": "books", "label": "Books", "operations": {"list": "list_books"}}
    resources = {"api.json": sorted_json(index), "resources.json": sorted_json({"/books": book})}
    return {**{f"{name}.json": sorted_json(each) for name, each in held.operations.items()}, **resources}


@pytest.fixture
def folder(files: dict[str, bytes], tmp_path: Path) -> Path:
    place = tmp_path / "src/api/library"
    place.mkdir(parents=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    return place


def fault_of(folder: Path) -> str:
    with pytest.raises(StacksyncError) as raised:
        held_api(Connector(folder.parents[2]))
    assert raised.value.exit_code == 1
    return str(raised.value).removeprefix("src/api/library/")


def test_what_an_import_wrote_is_read(folder: Path, library: Description) -> None:
    assert held_api(Connector(folder.parents[2])).operations == stored(library).operations


@pytest.mark.parametrize(
    "name, content, fault",
    [
        (NOTE, "{\n,", "2: is no JSON: Expecting property name enclosed in double quotes."),
        (NOTE, "", "1: is no JSON: Expecting value."),
        (NOTE, "[]", "1: is not as the import wrote it."),
        (NOTE, "{}", "1: is not as the import wrote it."),
        (NOTE, '{\n"plan": NaN}', "2: is no JSON: NaN is not JSON."),
        (NOTE, '{"a": {},\n"plan": {},\n"plan": {}}', "3: has 'plan' twice."),
        (NOTE, "[" * 100_000, "1: is no JSON: nested deeper than 200 levels."),
        ("resources.json", '{\n"/books": []}', "2: /books is not as the import wrote it."),
        ("api.json", b"\xff\xfe", "1: is no text in UTF-8."),
    ],
)
def test_what_is_no_json_of_an_import_is_told_with_its_line(
    folder: Path, name: str, content: str | bytes, fault: str
) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    assert fault_of(folder) == f"{name}:{fault}"


def body(stored: Any) -> Any:
    return stored["reading"]["body"]["members"]["text"]


DAMAGES: list[tuple[str, str, Callable[[Any], Any]]] = [
    (NOTE, "identity", lambda held: held.update(identity=[])),
    (NOTE, "identity/path", lambda held: held["identity"].update(path=1)),
    (NOTE, "plan/in_path", lambda held: held["plan"].update(in_path={})),
    (NOTE, "plan/in_path", lambda held: held["plan"].update(in_path=[1])),
    (NOTE, "plan/choices/a", lambda held: held["plan"].update(choices={"a": "b"})),
    (NOTE, "plan/body/fields/variants", lambda held: held["plan"]["body"]["fields"][0].update(variants=[])),
    (NOTE, "form/fields", lambda held: held["form"].update(fields=[{}])),
    (NOTE, "reading/body/members/text", lambda held: body(held).pop("type")),
    (NOTE, "reading/body/members/text/min_length", lambda held: body(held).update(min_length="a")),
    (NOTE, "reading/body/members/text/choices", lambda held: body(held).update(choices={})),
    (NOTE, "reading/body/members/text/required", lambda held: body(held).update(required="yes")),
    ("resources.json", "/books/key", lambda held: held["/books"].update(key=None)),
    ("resources.json", "/books/operations", lambda held: held["/books"].update(operations=["list"])),
    ("resources.json", "/books/versions/v2", lambda held: held["/books"].update(versions={"v2": 1})),
    ("api.json", "operations", lambda held: held.update(operations=["add_note"])),
    ("api.json", "known", lambda held: held.update(known="GET /books")),
    ("api.json", "security", lambda held: held.update(security=1)),
    ("api.json", "security/details", lambda held: held["security"].update(details=[])),
]


@pytest.mark.parametrize("name, place, damage", DAMAGES, ids=[f"{each[0]} {each[1]}" for each in DAMAGES])
def test_what_is_of_another_type_is_told_with_its_line(
    folder: Path, name: str, place: str, damage: Callable[[Any], Any]
) -> None:
    held = json.loads((folder / name).read_bytes())
    damage(held)
    text = sorted_json(held).decode()
    (folder / name).write_text(text, "utf-8")

    said = fault_of(folder)

    line = int(said.split(":")[1])
    assert said == f"{name}:{line}: {place} is not as the import wrote it."
    assert any(f'"{each}"' in text.splitlines()[line - 1] for each in [*place.split("/"), "/books"])


@pytest.mark.parametrize(
    "name, key, value",
    [
        ("api.json", "operations", {"../../../mine": "GET /books"}),
        ("api.json", "former", {"a/b": "GET /books"}),
    ],
)
def test_an_index_of_somebody_else_leads_nowhere(folder: Path, name: str, key: str, value: Any) -> None:
    held = json.loads((folder / name).read_bytes())
    (folder / name).write_bytes(sorted_json({**held, key: value}))

    assert fault_of(folder).endswith(": names an operation as no import does.")


def test_objects_of_somebody_else_lead_nowhere(folder: Path) -> None:
    held = {"/books": {"key": "b", "label": "B", "operations": {"list": "../../../mine"}}}
    (folder / "resources.json").write_bytes(sorted_json(held))

    assert fault_of(folder) == "resources.json:6: names '../../../mine', which is no operation."


def test_a_link_out_of_the_connector_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / NOTE).rename(tmp_path / "elsewhere.json")
    (folder / NOTE).symlink_to(tmp_path / "elsewhere.json")

    place = f"src/api/library/{NOTE} is a link to {tmp_path / 'elsewhere.json'}"
    assert fault_of(folder).startswith(place.removeprefix("src/api/library/"))


def test_what_is_not_there_or_no_file_is_told(folder: Path) -> None:
    (folder / NOTE).unlink()
    assert fault_of(folder) == f"{NOTE}:1: cannot be read: No such file or directory."

    os.mkfifo(folder / NOTE)
    assert fault_of(folder) == f"{NOTE}:1: cannot be read: no regular file."


def test_what_is_huge_is_not_read(folder: Path) -> None:
    with (folder / NOTE).open("wb") as file:
        file.truncate((64 << 20) + 1)  # of holes: it takes no room

    assert fault_of(folder) == f"{NOTE}:1: is larger than 64 MB."
