"""What a change of files means."""

from pathlib import Path

import pytest

from stacksync.connector import Connector
from stacksync.dev.watching.changes import changed, sort_changes


@pytest.mark.parametrize(
    "path",
    [
        "main.py",
        ".env",
        "app_config.yaml",
        "config/settings.yml",
        "src/modules/contacts/v1/module_config.yaml",
        "src/modules/contacts/v1/countries.json",
        "src/modules/contacts/schema.json",
        "src/modules/contacts/v1/more/schema.json",
        "src/testing.py",
        "tests/stand_in.py",
        "src/modules/contacts/v1/tests/stand_in.py",
    ],
)
def test_code_and_configuration_must_be_loaded(tmp_path: Path, path: str):
    changes = sort_changes(Connector(tmp_path), [path])
    assert (changes.code, changes.forms) == ((path,), {})


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "conftest.py",
        "test_all.py",
        "tests/data.json",
        "src/modules/contacts/v1/tests/test_execute.py",
        "src/modules/contacts/v1/examples/first.json",
        "src/modules/contacts/v1/cassettes/first.json",
        "documentation/schema.json",
        "token_cache.json",
        "src/.env",
    ],
)
def test_other_files_need_not(tmp_path: Path, path: str):
    changes = sort_changes(Connector(tmp_path), [path])
    assert (changes.code, changes.forms) == ((), {})


def test_forms_are_found_where_the_modules_are(tmp_path: Path):
    (tmp_path / "app_config.yaml").write_text("app_settings:\n  routes_directory: actions\n")
    paths = ["actions/contacts/v1/schema.json", "src/modules/contacts/v1/schema.json"]
    changes = sort_changes(Connector(tmp_path), paths)
    assert changes.forms == {"actions/contacts/v1/schema.json": ("contacts", "v1")}
    assert changes.code == ("src/modules/contacts/v1/schema.json",)


def test_the_reason_names_one_file_and_counts_the_others():
    assert changed(["main.py"]) == "changed: main.py"
    assert changed(["main.py", ".env", "a.py"]) == "changed: main.py and 2 more"
