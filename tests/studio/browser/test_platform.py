"""A module in the style of the platform's guides, from opening it to a run: the one that our own guide builds."""

import json
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.platform.sample import APP_TYPE, MODULE, SampleApi, sample_api, write_sample
from tests.polling import poll
from tests.studio.browser.audit import faults, least_contrast, sideways
from tests.studio.browser.studio_page import Served, StudioPage

EMAIL = "{{ MODULE.crm.output.email }}"


@pytest.fixture
def api(served: Served) -> Iterator[SampleApi]:
    """Return the API of the module, which the connector serves meanwhile."""
    module = write_sample(served.root)
    poll(lambda: f"/{MODULE}/" in served.routes())
    with sample_api(module) as api:
        yield api
    shutil.rmtree(module.parent)
    poll(lambda: f"/{MODULE}/" not in served.routes())
    (served.root / ".stacksync/connections.json").unlink(missing_ok=True)


def labels(dropdown: Locator) -> Locator:
    return dropdown.locator("option")


def connect(studio: StudioPage, api: SampleApi) -> None:
    studio.button("New connection for the form").click()
    dialog = studio.page.get_by_role("dialog", name="New connection")
    dialog.get_by_label("Name").fill("Sample")
    expect(dialog.get_by_label("App type")).to_have_value(APP_TYPE)
    dialog.get_by_label(re.compile("^API credentials")).fill(json.dumps(api.connection))
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def test_the_module_of_the_guide_runs_with_a_template_replaced(studio: StudioPage, api: SampleApi) -> None:
    studio.open(MODULE)
    workspace, chosen = studio.control("Workspace"), studio.control("Object")

    # It opens without a connection: the form that its handler makes, whose dropdowns wait.
    for dropdown in (workspace, chosen):
        expect(dropdown).to_be_disabled()
        expect(labels(dropdown).first).to_have_text("Choose a connection first")

    # The connection fills the first list, and each choice what depends on it.
    connect(studio, api)
    expect(studio.control("Connection").locator("option:checked")).to_have_text(f"Sample ({APP_TYPE})")
    expect(labels(workspace)).to_have_text(["Choose…", "Sales", "Support", "Text or a template…"])
    workspace.select_option(label="Sales")
    expect(labels(chosen)).to_have_text(["Choose…", "Customer", "Order"])

    # The object brings the fields of its records, with one row, and another one brings others.
    chosen.select_option(label="Order")
    number = studio.control("Number")
    expect(number).to_be_visible()
    chosen.select_option(label="Customer")
    email = studio.control("Email")
    expect(email).to_be_visible()
    expect(number).to_have_count(0)
    expect(workspace.locator("option:checked")).to_have_text("Sales")
    expect(studio.field("/customers").locator("> fieldset > .items > .field")).to_have_count(1)

    # A template is asked for, and a run without a value for it is refused.
    email.fill(EMAIL)
    studio.control("Tier").select_option(label="Text or a template…")
    own = studio.page.get_by_label("Tier, as text")
    expect(own).to_be_focused()
    own.fill("gold")
    studio.page.get_by_label("Newsletter").check()
    value = studio.page.get_by_label(EMAIL)
    expect(value).to_be_visible()
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_have_text("Not sent: 1 field needs attention.")
    expect(email).to_be_focused()
    expect(studio.field("/customers/0/email").locator(".error")).to_contain_text("has no value for this run")

    # With one it runs, and says what was replaced.
    value.fill("ada@example.com")
    answer = studio.run()
    expect(answer.locator(".status")).to_have_text("200")
    expect(answer.locator("pre")).to_contain_text('"successful": 1')
    expect(studio.field("/customers/0/email").locator(".templates")).to_have_text(
        f"{EMAIL} is replaced with ada@example.com in a run"
    )
    request = studio.tab("Request")
    sent = json.loads(request.locator("pre").text_content() or "")
    assert sent["data"] == {
        "workspace": "sales",
        "select_object": "customer",
        "customers": [{"email": "ada@example.com", "tier": "gold", "newsletter": True}],
    }
    assert sent["credentials"]["connection_data"]["value"] == {"api_credentials": "••••••"}
    expect(request.locator(".replaced li")).to_have_text(f"/customers/0/email {EMAIL} → ada@example.com")
    assert api.key not in studio.page.content()


def test_what_users_see_and_what_developers_see(studio: StudioPage, api: SampleApi) -> None:
    studio.open(MODULE)
    switch = studio.page.get_by_role("switch", name="Developer view")
    origin = studio.page.get_by_text("Choices from workspaces")
    ids = studio.page.locator("#form .field-id")
    expect(switch).to_be_checked()
    expect(origin).to_be_visible()

    switch.click()

    expect(switch).not_to_be_checked()
    expect(origin).to_be_hidden()
    expect(ids.first).to_be_hidden()
    studio.open(MODULE)
    expect(switch).not_to_be_checked()
    switch.press("Space")
    expect(ids.first).to_be_visible()


def test_a_list_may_be_a_template(studio: StudioPage, api: SampleApi) -> None:
    studio.open(MODULE)
    connect(studio, api)
    studio.control("Workspace").select_option(label="Sales")
    studio.control("Object").select_option(label="Customer")

    studio.button("Use a template for Records").click()

    records = studio.control("Records")
    expect(records).to_be_focused()
    expect(records).to_have_value("{{ }}")
    records.fill("{{ rows }}")
    studio.page.get_by_label("{{ rows }}").fill('[{"email": "a@example.com"}, {"email": "b@example.com"}]')
    expect(studio.run().locator("pre")).to_contain_text('"successful": 2')

    studio.button("Fill in Records here").click()
    expect(studio.control("Email")).to_be_visible()


def fill_in(studio: StudioPage) -> None:
    studio.control("Workspace").select_option(label="Sales")
    studio.control("Object").select_option(label="Customer")
    studio.control("Email").fill(EMAIL)
    studio.control("Tier").select_option(label="Text or a template…")
    studio.page.get_by_label("Tier, as text").fill("{{ tier }}")
    studio.page.get_by_label(EMAIL).fill("ada@example.com")
    expect(studio.field("/customers/0/email").locator(".templates")).to_contain_text("ada@example.com")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_used_by_everybody(studio: StudioPage, api: SampleApi, scheme: str) -> None:
    studio.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    studio.page.set_viewport_size({"width": 1440, "height": 1200})
    found = {"waiting": faults(studio.open(MODULE).page)}
    connect(studio, api)
    fill_in(studio)
    found["filled in"] = faults(studio.page)
    assert least_contrast(studio.page) >= 4.5
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_contain_text("Not sent")
    found["refused"] = faults(studio.page)
    studio.page.get_by_label("{{ tier }}").fill("gold")
    studio.run()
    studio.tab("Request")
    found["sent"] = faults(studio.page)
    studio.page.get_by_role("switch", name="Developer view").click()
    found["as users see it"] = faults(studio.page)
    studio.page.set_viewport_size({"width": 320, "height": 900})
    found["narrow"] = [*faults(studio.page), *sideways(studio.page)]

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
