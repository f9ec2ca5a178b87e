"""Studio beside a connector whose modules are written for Stacksync's own SDK."""

import re

from playwright.sync_api import expect

from tests.studio.browser.studio_page import StudioPage

ROUTE = """\
from flask import request as flask_request
from main import router

from workflows_cdk import ManagedError, Request, Response


@router.route("/execute", methods=["POST"])
def execute():
    city = Request(flask_request).data.get("city")
    if city == "atlantis":
        raise ManagedError("It has sunk.")
    return Response(data={"city": city}, metadata={"affected_rows": 1})


@router.route("/content", methods=["POST"])
def content():
    form_data = Request(flask_request).data["form_data"]
    cities = {"pt": ["lisbon", "porto"], "gr": ["atlantis"]}[form_data["country"]]
    choices = [{"value": {"id": city, "label": city.title()}, "label": city.title()} for city in cities]
    return Response(data={"content_objects": [{"content_object_name": "cities", "data": choices}]})
"""
FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "country",
            "type": "string",
            "label": "Country",
            "choices": {"values": [{"value": "pt", "label": "Portugal"}, {"value": "gr", "label": "Greece"}]},
            "ui_options": {"ui_widget": "SelectWidget"},
        },
        {
            "id": "city",
            "type": "string",
            "label": "City",
            "choices": {"values": []},
            "content": {
                "type": ["managed"],
                "content_objects": [{"id": "cities", "content_object_depends_on_fields": [{"id": "country"}]}],
            },
            "ui_options": {"ui_widget": "SelectWidget"},
            "validation": {"required": True},
        },
    ],
}


def test_form_choices_run_and_reload(sdk_studio: StudioPage) -> None:
    with sdk_studio.module("visit", ROUTE, FORM) as folder:
        country, city = sdk_studio.control("Country"), sdk_studio.control("City")
        sdk_studio.button("Refresh City").click()
        expect(sdk_studio.field("/city")).to_contain_text("Fill in country first")

        country.select_option(label="Portugal")
        expect(city.locator("option")).to_have_text(["Choose…", "Lisbon", "Porto"])
        city.select_option(label="Porto")
        answer = sdk_studio.run()
        expect(answer.locator("pre")).to_contain_text('"city": "porto"')

        sdk_studio.served.edit(f"{folder}/route.py", '"city": city}', '"visited": city}')
        expect(sdk_studio.page.locator("#said")).to_have_text("The connector is ready.")
        expect(sdk_studio.run().locator("pre")).to_contain_text('"visited": "porto"')

        country.select_option(label="Greece")
        expect(city.locator("option", has_text="Atlantis")).to_have_count(1)
        city.select_option(label="Atlantis")
        sdk_studio.run()
        expect(answer.locator(".status")).to_have_text("400")
        expect(answer.locator("pre")).to_contain_text("It has sunk.")


def test_a_file_that_does_not_load_is_shown_where_it_is(sdk_studio: StudioPage) -> None:
    with sdk_studio.module("leave", ROUTE, FORM) as folder:
        banner = sdk_studio.page.locator("#errors")

        sdk_studio.served.edit(f"{folder}/route.py", "from main import router", "from main import rooter")

        expect(banner).to_contain_text(re.compile(rf"{folder}/route\.py:2 "))
        expect(banner).to_contain_text("The last good version still serves.")
        sdk_studio.served.edit(f"{folder}/route.py", "from main import rooter", "from main import router")
        expect(banner).to_be_hidden()
