"""Records of an API: fields that become a form, values that become what the API holds, and what became of each."""

import re
from typing import Any

import pytest

from src.runtime import Choice, ManagedError
from src.runtime import records as module
from src.runtime.forms import form, read_form, remarks
from src.runtime.http import ApiError
from src.runtime.records import (
    Outcome,
    RecordField,
    for_each,
    form_fields,
    path_segment,
    read_ids,
    read_limit,
    read_record,
    read_rows,
    rows_id,
    without_empty,
)

FIELDS = [
    RecordField("name", "Name"),
    RecordField("age", "Age", "number", description="In years."),
    RecordField("vip", "VIP", "boolean"),
    RecordField("tags", "Tags", "several", choices=[Choice("a", "A"), Choice("b", "B")]),
    RecordField("stage", "Stage", required=True, choices=[Choice("lead", "Lead")]),
    RecordField("born", "Born", "date", required=True),
]


# --- the form ------------------------------------------------------------------------------------


def test_fields_become_a_form_as_the_platform_wants_it() -> None:
    built = {field["id"]: field for field in form_fields(FIELDS)}

    assert remarks(read_form(form(*built.values()))) == ()
    assert list(built) == ["stage", "born", "name", "age", "vip", "tags"]
    assert {name: field["type"] for name, field in built.items() if name != "vip"} == dict.fromkeys(
        ["stage", "born", "name", "age", "tags"], "string"
    )
    assert (built["vip"]["type"], built["vip"]["disable_replacement"]) == ("boolean", True)
    assert built["stage"]["validation"] == {"pattern": ".*", "required": True}
    assert [built[name].get("description") for name in ("name", "age", "born", "tags")] == [
        None,
        "In years. A number.",
        "As 2026-01-31.",
        "Any of these, with commas between them: a, b.",
    ]


def test_where_nothing_is_required_a_box_can_say_nothing() -> None:
    built = {field["id"]: field for field in form_fields(FIELDS, optional=True)}

    assert remarks(read_form(form(*built.values()))) == ()
    assert list(built) == [field.name for field in FIELDS]
    assert not any(field.get("validation", {}).get("required") for field in built.values())
    assert [choice["value"] for choice in built["vip"]["choices"]["values"]] == ["", "true", "false"]


@pytest.mark.parametrize("chosen, expected", [("contacts", "contacts"), ("Contact", "Contacts")])
def test_the_rows_are_named_after_the_object(chosen: str, expected: str) -> None:
    assert rows_id(chosen) == expected


# --- what comes from it --------------------------------------------------------------------------


def test_texts_become_what_the_api_holds() -> None:
    row = {"name": "Ada", "age": " 2.5 ", "vip": "TRUE", "tags": "a, b", "other": "7", "stage": "", "born": None}

    assert read_record(row, FIELDS) == {"name": "Ada", "age": 2.5, "vip": True, "tags": ["a", "b"], "other": "7"}


def test_what_is_no_text_stays_as_it_is() -> None:
    row = {"age": 3, "vip": False, "tags": ["a"], "name": 0}

    assert read_record(row, FIELDS) == row


@pytest.mark.parametrize(
    "row, fault",
    [
        ("Ada", "A record must be an object."),
        ({}, "Nothing is filled in."),
        ({"name": "", "tags": []}, "Nothing is filled in."),
        ({"age": "old"}, "Age must be a number, not 'old'."),
        ({"vip": "maybe"}, "VIP must be true or false, not 'maybe'."),
    ],
)
def test_what_is_no_record_is_told(row: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        read_record(row, FIELDS)


def test_a_template_may_stand_for_all_the_records_or_ids() -> None:
    assert read_rows('[{"name": "Ada"}]') == read_rows([{"name": "Ada"}])
    assert read_ids('["1", 2]') == read_ids([1, "2"]) == read_ids(" 1,2 , ") == ["1", "2"]
    assert without_empty('{"a": 1, "b": ""}') == {"a": 1}
    assert without_empty(None) == {}


@pytest.mark.parametrize("value", [None, "", [], "{", "Ada", {"name": "Ada"}, "[" * 100_000])
def test_records_must_be_given(value: Any) -> None:
    with pytest.raises(ManagedError) as caught:
        read_rows(value)

    assert (caught.value.error, caught.value.status_code) == ("Give at least one record.", 400)


def test_filters_must_be_an_object() -> None:
    with pytest.raises(ValueError, match=re.escape("Fields and their values are needed, not 'x'.")):
        without_empty("x")


@pytest.mark.parametrize("value, limit", [(None, 50), ("", 50), ("7", 7), (" 7 ", 7), (7.0, 7), ("99", 50)])
def test_a_limit_is_a_number_up_to_the_highest(value: Any, limit: int) -> None:
    assert read_limit(value, 50) == limit


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", True, "1e999", [1]])
def test_what_is_no_limit_is_told(value: Any) -> None:
    with pytest.raises(ValueError, match="must be a whole number above 0"):
        read_limit(value, 50)


@pytest.mark.parametrize(
    "value, segment", [("a b", "a%20b"), ("../x?y#z", "..%2Fx%3Fy%23z"), (7, "7"), ("é", "%C3%A9")]
)
def test_an_id_is_one_part_of_a_path(value: Any, segment: str) -> None:
    assert path_segment(value) == segment


@pytest.mark.parametrize("value", ["", None, ".", "..", " "])
def test_an_id_that_leads_elsewhere_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="id"):
        path_segment(value)


# --- what became of each -------------------------------------------------------------------------


def failing(status: int | None, retry_after: float | None = None) -> ApiError:
    return ApiError("", None, None, 502).tell(f"api answered {status}", status=status, retry_after=retry_after)


class Api:
    """Does what a list says, one after the other: an error is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    def work(self, row: Any) -> Outcome:
        self.asked.append(row)
        answer = self.answers.pop(0) if self.answers else "id"
        if isinstance(answer, Exception):
            raise answer
        return Outcome("created", answer)


def states(answer: Any) -> list[str]:
    return [result["status"] for result in answer.get_json()["data"]["results"]]


def messages(answer: Any) -> list[str]:
    return [result["message"] for result in answer.get_json()["data"]["results"]]


def test_each_record_is_reported() -> None:
    answer = for_each("abc", Api("1", ValueError("Age must be a number."), "3").work)

    assert answer.get_json()["data"] == {
        "total": 3,
        "successful": 2,
        "failed": 1,
        "results": [
            {"index": 0, "status": "created", "id": "1", "message": ""},
            {"index": 1, "status": "failed", "id": None, "message": "Age must be a number."},
            {"index": 2, "status": "created", "id": "3", "message": ""},
        ],
    }
    assert answer.get_json()["metadata"] == {"affected_records": 2}


@pytest.mark.parametrize(
    "fault, message",
    [
        (failing(404), "api answered 404"),
        (failing(500), "api answered 500; it may have been carried out."),
        (failing(None), "api answered None; it may have been carried out."),
        (ManagedError("No.", status_code=409), "No."),
    ],
)
def test_one_that_fails_does_not_stop_the_others_and_is_not_repeated(fault: Exception, message: str) -> None:
    api = Api("1", fault, "3")

    answer = for_each("abc", api.work)

    assert states(answer) == ["created", "failed", "created"]
    assert messages(answer)[1] == message
    assert api.asked == ["a", "b", "c"]


def test_too_many_calls_are_made_again_because_they_were_not_carried_out() -> None:
    api = Api(failing(429), failing(429), "1", "2")

    assert states(for_each("ab", api.work)) == ["created", "created"]
    assert api.asked == ["a", "a", "a", "b"]


@pytest.mark.parametrize("fault, tries", [(failing(401), 1), (failing(429, 3600), module.MOST_TRIES)])
def test_the_rest_is_not_sent_to_an_api_that_takes_no_more(fault: ApiError, tries: int) -> None:
    api = Api("1", *[fault] * tries)

    answer = for_each("abcd", api.work)

    assert states(answer) == ["created", "failed", "failed", "failed"]
    assert messages(answer)[2:] == ["It was not sent."] * 2
    assert len(api.asked) == 1 + tries


def test_the_rest_is_not_sent_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_RUN", -1.0)
    api = Api()

    assert messages(for_each("ab", api.work)) == ["It was not sent."] * 2
    assert api.asked == []


@pytest.mark.parametrize("status, count", [(None, 2), (500, 2), (401, 1), (503, 2)])
def test_an_api_that_fails_for_all_is_an_error(status: int | None, count: int) -> None:
    api = Api(*[failing(status)] * 2)

    with pytest.raises(ApiError) as caught:
        for_each("ab", api.work)

    assert (caught.value.status, len(api.asked)) == (status, count)


def test_records_that_are_all_refused_are_reported() -> None:
    assert states(for_each("ab", Api(failing(422), failing(500)).work)) == ["failed", "failed"]


def test_an_error_of_the_code_is_one() -> None:
    with pytest.raises(KeyError):
        for_each("ab", Api(KeyError("x")).work)
