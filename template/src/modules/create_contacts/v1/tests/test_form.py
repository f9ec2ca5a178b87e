"""The form: the objects and fields of the CRM that the connection leads to."""

from typing import Any

import pytest

from src.runtime.forms import read_form, remarks
from src.runtime.testing import ModuleClient

from .conftest import Caller
from .stand_in import Crms

HUBSPOT_FIELDS = ["email", "firstname", "lifecyclestage", "interests", "newsletter", "children", "birthday"]
SALESFORCE_FIELDS = ["LastName", "Email", "LeadSource", "Languages__c", "DoNotCall", "Level__c", "Birthdate"]


def test_opens_without_a_connection(module: ModuleClient) -> None:
    reply = module.schema({}, credentials={})

    assert reply.status_code == 200
    assert reply.json is not None
    assert remarks(read_form(reply.json["data"]["schema"])) == ()
    assert [field["id"] for field in reply.json["data"]["schema"]["fields"]][-3:] == [
        "select_object",
        "duplicate_fields",
        "all_or_none",
    ]


def test_choices_are_empty_without_a_connection(module: ModuleClient) -> None:
    reply = module.content(["objects"], credentials={})

    assert reply.json is not None
    assert reply.json["data"]["content_objects"][0]["data"] == []


def test_lists_the_objects_of_the_crm(hubspot: Caller, salesforce: Caller, crm: Crms) -> None:
    assert hubspot.objects() == ["contacts", "companies", "deals", "tickets", "p1_pets"]
    assert salesforce.objects() == ["Contact", "Lead"]

    crm.hubspot.custom_objects = False
    assert hubspot.objects() == ["contacts", "companies", "deals", "tickets"]


def test_choices_are_empty_where_the_crm_fails(caller: Caller, crm: Crms) -> None:
    crm.fail(401)

    assert caller.objects() == []


@pytest.mark.parametrize(
    "name, chosen, rows, ids",
    [
        ("hubspot", "contacts", "contacts", HUBSPOT_FIELDS),
        ("hubspot", "p1_pets", "p1_pets", ["name", "kind"]),
        ("salesforce", "Contact", "Contacts", SALESFORCE_FIELDS),
    ],
)
def test_an_object_brings_its_fields(
    module: ModuleClient, crm: Crms, name: str, chosen: str, rows: str, ids: list[str]
) -> None:
    form = Caller(module, crm, name).form(select_object=chosen)

    assert remarks(read_form(form)) == ()
    assert form["ui_options"]["ui_order"][-4:] == ["select_object", rows, "duplicate_fields", "all_or_none"]
    found = fields(form, rows)
    assert list(found) == ids
    assert found[ids[0]].get("validation", {}).get("required", False) is (name == "salesforce" or chosen == "p1_pets")


def test_fields_are_as_the_crm_describes_them(hubspot: Caller, salesforce: Caller) -> None:
    for form, rows, choice, several, box, number in (
        (hubspot.form(select_object="contacts"), "contacts", "lifecyclestage", "interests", "newsletter", "children"),
        (salesforce.form(select_object="Contact"), "Contacts", "LeadSource", "Languages__c", "DoNotCall", "Level__c"),
    ):
        found = fields(form, rows)
        values = [each["value"] for each in found[choice]["choices"]["values"]]
        assert values in (["lead", "customer"], ["Web"])
        assert found[choice]["validation"]["pattern"] == ".*"
        assert found[choice]["description"] in ("How far the contact is.", "Where the contact comes from.")
        assert found[several]["description"] in (
            "Any of these, with commas between them: tea, chess.",
            "Any of these, with commas between them: English, French.",
        )
        assert (found[box]["type"], found[box]["disable_replacement"]) == ("boolean", True)
        assert (found[number]["type"], found[number]["description"]) == ("string", "A number.")


def test_a_crm_that_fails_is_told(caller: Caller, crm: Crms) -> None:
    crm.fail(403)

    reply = caller.module.send("schema", caller.asking({"select_object": "Contact"}))

    assert reply.status_code == 502


def fields(form: Any, rows: str) -> dict[str, Any]:
    """Return the fields of a record, by their ids."""
    (found,) = [field for field in form["fields"] if field["id"] == rows]
    assert found["default"] == [{}]
    by_id = {field["id"]: field for field in found["items"]["fields"]}
    assert found["items"]["ui_options"]["ui_order"] == list(by_id)
    return by_id
