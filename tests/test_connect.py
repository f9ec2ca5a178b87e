"""`stacksync connect` in scripts: a file, the environment, and what is refused. On a terminal: tests/invoke."""

import json
import os
import stat
import subprocess
from typing import Any

import pytest

from tests.conftest import Stacksync

KEY = "key-5up3r-secret"


def saved(connector: Stacksync) -> list[dict[str, Any]]:
    """Return what Studio finds."""
    file = connector.cwd / ".stacksync/connections.json"
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["connections"]
    return found


def test_fields_come_from_the_environment(connector: Stacksync) -> None:
    done = connector("connect", "hub", "--type", "hubspot", "--from-env", "access_token=KEY", "--quiet", KEY=KEY)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (found,) = saved(connector)
    del found["id"]
    assert found == {"name": "hub", "app_type": "hubspot", "management": "custom", "value": {"access_token": KEY}}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_file_is_for_its_owner_alone(connector: Stacksync) -> None:
    connector("connect", "hub", "--type", "hubspot", "--from-env", "access_token=KEY", KEY=KEY)

    assert stat.S_IMODE((connector.cwd / ".stacksync/connections.json").stat().st_mode) == 0o600
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=connector.cwd, capture_output=True, text=True, check=True).stdout == ""


def test_fields_come_from_a_file_and_the_environment(connector: Stacksync) -> None:
    (connector.cwd / "key.json").write_text('\ufeff{"a": 1, "b": {"c": "x"}}', "utf-8")

    report = connector.json("connect", "x", "--type", "y", "--from-file", "key.json", "--management", "managed")

    expected = {"name": "x", "app_type": "y", "fields": ["a", "b"], "replaced": False}
    assert report == {**expected, "notes": [], "tried": None}
    assert saved(connector)[0]["value"] == {"a": 1, "b": {"c": "x"}}
    assert saved(connector)[0]["management"] == "managed"


def test_fields_come_from_standard_input(connector: Stacksync) -> None:
    command = connector.command("connect", "x", "--type", "y", "--from-file", "-")
    done = subprocess.run(
        command, cwd=connector.cwd, env=connector.environment, input='{"k": "v"}', capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, "Saved the connection x (y): k.\n")


def test_one_of_the_same_name_is_replaced_under_its_id(connector: Stacksync) -> None:
    connector("connect", "hub", "--type", "hubspot", "--from-env", "access_token=KEY", KEY=KEY)
    before = saved(connector)[0]["id"]

    done = connector("connect", "hub", "--type", "salesforce", "--from-env", "access_token=KEY", KEY="another")

    assert done.stdout == "Replaced the connection hub (salesforce): access_token.\n"
    (found,) = saved(connector)
    assert (found["id"], found["value"]) == (before, {"access_token": "another"})


def ask_for(connector: Stacksync, app_types: str) -> None:
    """Have the one form that asks for connections ask for others."""
    file = connector.cwd / "src/modules/create_contacts/v1/schema.json"
    file.write_text(file.read_text("utf-8").replace('["hubspot", "salesforce"]', app_types), "utf-8")


@pytest.mark.parametrize(
    "app_types, field, expected",
    [
        ('["hubspot", "salesforce"]', "access_token", "hubspot"),
        ('["hubspot", "salesforce"]', "instance_url", "salesforce"),
        ('["postgres", "hubspot"]', "access_token", "hubspot"),
        ('["my_crm"]', "anything", "my_crm"),
        ("[]", "api_credentials", "generic_api_credentials"),
    ],
)
def test_the_type_is_that_which_the_forms_ask_for_and_the_fields_fit(
    connector: Stacksync, app_types: str, field: str, expected: str
) -> None:
    ask_for(connector, app_types)

    done = connector("connect", "hub", "--from-env", f"{field}=KEY", KEY=KEY)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Saved the connection hub ({expected}): {field}.\n"


def test_the_type_of_most_forms_is_likely_and_the_common_one_before_others(connector: Stacksync) -> None:
    connector("add-module", "list_records", "--operation", "list", "--quiet")
    file = connector.cwd / "src/modules/list_records/v1/schema.json"
    form = json.loads(file.read_text("utf-8"))
    form["connections"] = {"required": True, "app_types": ["generic_api_credentials"]}
    file.write_text(json.dumps(form), "utf-8")

    done = connector("connect", "hub")

    assert "TIP: the fields of generic_api_credentials are api_credentials\n" in done.stderr


@pytest.mark.parametrize(
    "arguments, told",
    [
        (
            [],
            (
                "There is no terminal to ask for the values on: use --from-file or --from-env.\n"
                "TIP: the fields of hubspot are access_token, token_type, expiration_time\n"
            ),
        ),
        (
            ["--from-env", f"access_token={KEY}"],
            (
                "--from-env access_token: there is no environment variable of that name, or it is empty.\n"
                "TIP: name the variable that holds the value, not the value\n"
            ),
        ),
        (["--from-env", KEY], "--from-env number 1 is no FIELD=VARIABLE.\nTIP: --from-env api_key=MY_API_KEY\n"),
        (
            ["--from-env", "access_tokn=PATH"],
            (
                "--from-env: a connection of the type hubspot has no field 'access_tokn'.\n"
                "TIP: its fields are access_token, token_type, expiration_time; name another type with --type\n"
            ),
        ),
        (
            ["--from-file", "other.json"],
            "--from-file other.json: a connection of the type hubspot has no field 'api_key'.\n",
        ),
        (
            ["--type", "generic_api_credentials", "--from-env", "api_key=PATH"],
            (
                "--from-env: a connection of the type generic_api_credentials has no field 'api_key'.\n"
                "TIP: its one field is api_credentials: a key, or JSON with several values\n"
            ),
        ),
        (
            ["--oauth", "--from-env", "access_token=PATH"],
            "--oauth asks the provider for the fields: leave out --from-file and --from-env.\n",
        ),
        (["--redirect", "http://localhost:1/x"], "--redirect is for a login.\nTIP: add --oauth\n"),
        (["--from-file", "no.json"], "no.json cannot be read: No such file or directory.\n"),
        (["--from-file", "README.md"], "README.md:1: It is no JSON: "),
        (["--from-file", "empty.json"], "empty.json holds no fields.\n"),
        (["--from-file", "binary.json"], "binary.json is not text in UTF-8.\n"),
    ],
)
def test_what_cannot_be_used_is_told(connector: Stacksync, arguments: list[str], told: str) -> None:
    (connector.cwd / "empty.json").write_text("{}")
    (connector.cwd / "other.json").write_text('{"api_key": "x"}')
    (connector.cwd / "binary.json").write_bytes(b"\xff\xfe")

    done = connector("connect", "hub", *(() if "--type" in arguments else ("--type", "hubspot")), *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {told}")
    assert KEY not in done.stderr
    assert not (connector.cwd / ".stacksync").exists()
