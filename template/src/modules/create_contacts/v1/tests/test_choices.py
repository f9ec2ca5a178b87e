"""The choices of the form, as the CRM has them."""

from typing import Any

import pytest

from src.runtime.calling import ModuleClient

from .calls import form
from .upstream import CrmServer


def choices(module: ModuleClient, content: str, data: dict[str, Any]) -> list[str]:
    reply = module.content([content], data)
    assert reply.status_code == 200, reply.text
    assert reply.json is not None
    return [choice["value"] for choice in reply.json["data"]["content_objects"][0]["data"]]


@pytest.mark.parametrize(
    "name, content, expected",
    [
        ("hubspot", "object_types", ["contacts", "companies", "deals", "tickets", "p1_pets"]),
        ("hubspot", "object_fields", ["email", "firstname"]),
        ("salesforce", "object_types", ["Contact", "Lead"]),
        ("salesforce", "object_fields", ["Email", "LastName"]),
    ],
)
def test_lists_what_the_crm_has(
    module: ModuleClient, crm: CrmServer, name: str, content: str, expected: list[str]
) -> None:
    assert choices(module, content, form(crm, name)) == expected


def test_hubspot_without_custom_objects_has_the_standard_ones(module: ModuleClient, crm: CrmServer) -> None:
    crm.hubspot.custom_types = False

    assert choices(module, "object_types", form(crm, "hubspot")) == ["contacts", "companies", "deals", "tickets"]


def test_no_fields_before_a_type_is_chosen(module: ModuleClient, crm: CrmServer) -> None:
    assert choices(module, "object_fields", form(crm, "hubspot", object_type=None)) == []
