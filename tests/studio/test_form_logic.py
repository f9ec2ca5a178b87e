"""What the page shows, keeps and saves goes by the form as its rules make it, and by the place of each field."""

import json
from html import unescape

import pytest

from tests.studio.browsing import page
from tests.studio.conftest import Studio

SECRET = "t0p-s3cret-0f-a-rule"


def sent_in(studio: Studio, number: str) -> dict[str, object]:
    text = page(studio.get(f"/history/{number}").text).find("pre")[0].text
    found: dict[str, object] = json.loads(text)
    return found


def test_a_password_of_a_rule_is_in_nothing_that_is_shown_or_saved(studio: Studio) -> None:
    typed = {"kind": "key", "token": SECRET}
    answer = studio.post("/m/guarded/v1/run", **typed).get_json()
    assert answer["sent"]
    number = answer["run"].split("-")[1]
    saved = studio.post("/m/guarded/v1/examples", **typed, _example="by_rule").get_json()["file"]
    text = (studio.root / saved).read_text()
    (studio.root / saved).unlink()

    shown = [studio.get(path).text for path in (f"/history/{number}", f"/history/{number}/response")]
    again = studio.post(f"/history/{number}/replay").text
    for each in (
        *shown,
        again,
        answer["form"],
        answer["response"],
        text,
        studio.post("/m/guarded/v1/form", **typed).text,
    ):
        assert SECRET not in each
    assert json.loads(text)["request"]["data"] == {"kind": "key", "token": "${token}"}


def test_what_no_rule_makes_a_password_is_saved_as_it_is(studio: Studio) -> None:
    saved = studio.post("/m/guarded/v1/examples", kind="plain", token="shown", _example="by_no_rule").get_json()["file"]
    text = (studio.root / saved).read_text()
    (studio.root / saved).unlink()

    assert json.loads(text)["request"]["data"] == {"kind": "plain", "token": "shown"}


def test_a_password_in_a_group_that_a_rule_hides_stays_with_the_page_and_is_sent(studio: Studio) -> None:
    drawn = studio.post("/m/guarded/v1/form", **{"kind": "open", "/box/pin": SECRET}).text
    (kept,) = page(drawn).find("input", name="/box/pin")
    assert (kept["type"], SECRET in drawn) == ("password", False)

    data = json.dumps({"kind": "open", "box": {"pin": "••••"}})
    answer = studio.post("/m/guarded/v1/run", **{"_data": data, "kind": "open", "/box/pin": SECRET}).get_json()

    assert answer["sent"]
    assert SECRET not in answer["response"] + answer["form"]
    assert "••••••" in answer["response"], "the module answers with what it was sent"


@pytest.mark.parametrize("steps", ["address", "rows/0", "rows/2"])
def test_choices_depend_on_the_field_beside_them(studio: Studio, steps: str) -> None:
    typed = {f"/{steps}/country": "nl"}
    missing = studio.post("/m/placed/v1/form", operation=f"refresh:/{steps}/city", **{f"/{steps}/country": ""}).text
    assert "Fill in country first" in missing

    filled = studio.post("/m/placed/v1/form", **typed)
    assert "X-Stacksync-Wants-Content" in filled.headers
    loaded = page(studio.post("/m/placed/v1/content", **typed).text)

    labels = [each.text for each in loaded.find("select", name=f"/{steps}/city")[0].find("option")]
    assert labels[1].startswith("Here, as of {")
    assert "nl" in labels[1]


def test_each_row_has_its_own_choices(studio: Studio) -> None:
    typed = {"/rows/0/country": "nl", "/rows/1/country": "", "/rows/2/country": "be"}

    loaded = page(studio.post("/m/placed/v1/content", **typed).text)

    counts = [len(loaded.find("select", name=f"/rows/{row}/city")[0].find("option")) for row in range(3)]
    assert counts == [3, 2, 3], "without a country nothing is asked for"
    calls = page(studio.get("/m/placed/v1/content-calls").text).find("details")
    assert len(calls) == 2


@pytest.mark.parametrize("name", ["a.b", "c/d~"])
def test_a_fault_is_said_at_its_field_whatever_the_id(studio: Studio, name: str) -> None:
    at = "/" + name.replace("~", "~0").replace("/", "~1")

    answer = studio.post("/m/placed/v1/run", **{at: "too long"}).get_json()

    assert not answer["sent"]
    (control,) = page(answer["form"]).find("input", name=at)
    assert control["aria-invalid"] == "true"
    assert "at most 3 characters" in unescape(answer["response"])
