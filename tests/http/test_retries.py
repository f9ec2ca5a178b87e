"""What is tried again, how often, and when a call is given up."""

import time
from email.utils import formatdate

import pytest

from src.runtime import ManagedError
from src.runtime.http import Retries, session

QUICK = Retries(backoff=0.001)


def call(api, method="GET", retries=QUICK, **kwargs):
    return session(api.url, retries=retries).request(method, "things", **kwargs)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_fault_is_tried_again(api, answer, status):
    api.answer(answer(status), answer(status), answer(200, {"ok": True}))

    assert call(api).json() == {"ok": True}
    assert len(api.asked) == 3


def test_the_attempts_are_limited_and_the_last_status_is_told(api, answer):
    api.answer(answer(503))

    with pytest.raises(ManagedError) as caught:
        call(api)

    assert str(caught.value.error) == "127.0.0.1 answered 503"
    assert caught.value.status_code == 502
    assert caught.value.metadata["status"] == 503
    assert len(api.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500, 501])
def test_a_lasting_fault_is_not_tried_again(api, answer, status):
    api.answer(answer(status))

    with pytest.raises(ManagedError):
        call(api)

    assert len(api.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_method_that_changes_something_each_time_is_sent_once(api, answer, method, status):
    api.answer(answer(status))

    with pytest.raises(ManagedError):
        call(api, method)

    assert len(api.asked) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_idempotent_method_is_tried_again(api, answer, method):
    api.answer(answer(502), answer(200))

    call(api, method)

    assert [asked.method for asked in api.asked] == [method, method]


def test_a_session_for_searches_may_repeat_post(api, answer):
    api.answer(answer(429), answer(200, {"found": 1}))
    searches = Retries(backoff=0.001, methods=frozenset({"POST"}))

    assert call(api, "POST", searches, json={"q": "a"}).json() == {"found": 1}
    assert [asked.body for asked in api.asked] == [b'{"q": "a"}'] * 2


def test_a_broken_connection_is_tried_again(api, answer):
    api.answer(answer(cut=True), answer(200, {"ok": True}))

    assert call(api).json() == {"ok": True}
    assert len(api.asked) == 2


def test_a_broken_connection_is_not_tried_again_after_a_post(api, answer):
    api.answer(answer(cut=True))

    with pytest.raises(ManagedError) as caught:
        call(api, "POST")

    assert str(caught.value.error) == "127.0.0.1 cannot be reached, or broke off the connection"
    assert caught.value.status_code == 502
    assert len(api.asked) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_listening_is_a_502(api, method):
    api.close()

    with pytest.raises(ManagedError) as caught:
        call(api, method)

    assert (caught.value.status_code, caught.value.metadata["service"]) == (502, "127.0.0.1")


def test_a_post_that_found_nobody_is_not_tried_again(api):
    api.close()
    started = time.monotonic()

    with pytest.raises(ManagedError):
        call(api, "POST", Retries(attempts=2, backoff=10, budget=100))

    assert time.monotonic() - started < 5


def test_a_wait_longer_than_allowed_is_not_begun(api, answer):
    api.answer(answer(429, headers={"Retry-After": "2"}), answer(200))

    with pytest.raises(ManagedError):
        call(api, retries=Retries(longest_wait=1))

    assert len(api.asked) == 1


def test_retry_after_in_seconds_is_waited_for(api, answer):
    api.answer(answer(429, headers={"Retry-After": "1"}), answer(200))
    started = time.monotonic()

    call(api)

    assert time.monotonic() - started >= 1


def test_retry_after_zero_is_not_waited_for(api, answer):
    slow = Retries(backoff=30, longest_wait=60)
    api.answer(answer(503, headers={"Retry-After": "0"}), answer(503, headers={"Retry-After": "0"}), answer(200))

    call(api, retries=slow)

    assert len(api.asked) == 3


def test_retry_after_as_a_date_in_the_past_is_now(api, answer):
    api.answer(answer(429, headers={"Retry-After": formatdate(time.time() - 60, usegmt=True)}), answer(200))

    call(api)

    assert len(api.asked) == 2


@pytest.mark.parametrize(
    "wait, seconds",
    [
        ("3600", 3600),
        ("100.5", 101),
        (lambda: formatdate(time.time() + 7200, usegmt=True), 7200),
        (lambda: f"{time.time() + 7200:.0f}", 7200),
        ("999999999999999999999999", 86400),
        (lambda: formatdate(time.time() + 999_999_999, usegmt=True), 86400),
    ],
)
def test_an_api_that_wants_to_be_left_alone_for_long_is_not_asked_again(api, answer, wait, seconds):
    api.answer(answer(429, headers={"Retry-After": wait() if callable(wait) else wait}))

    with pytest.raises(ManagedError) as caught:
        call(api)

    assert caught.value.metadata["retry_after"] == pytest.approx(seconds, abs=5)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "wait", ["soon", "-1", "nan", "inf", "1e3", "", "0x10", "\u0661", "Mon, 99 Foo 2026 00:00:00 GMT"]
)
def test_a_retry_after_that_cannot_be_read_is_ignored(api, answer, wait):
    api.answer(answer(429, headers={"Retry-After": wait.encode().decode("latin-1")}), answer(200))

    call(api)

    assert len(api.asked) == 2


def test_the_waits_together_stay_within_the_budget(api, answer):
    api.answer(answer(429, headers={"Retry-After": "1"}))

    with pytest.raises(ManagedError):
        call(api, retries=Retries(attempts=50, budget=0.5))

    assert len(api.asked) == 1


def test_an_answer_that_does_not_come_is_a_504_and_not_waited_for_twice(api, answer):
    api.answer(answer(hang=True))

    with pytest.raises(ManagedError) as caught:
        session(api.url, timeout=0.1, retries=QUICK).get("things")

    assert str(caught.value.error) == "127.0.0.1 did not answer in time"
    assert (caught.value.status_code, len(api.asked)) == (504, 1)


def test_a_call_may_have_a_timeout_of_its_own(api, answer):
    api.answer(answer(hang=True))

    with pytest.raises(ManagedError) as caught:
        call(api, timeout=0.1)

    assert caught.value.status_code == 504


def test_no_timeout_at_all_is_not_to_be_had(api, answer):
    api.answer(answer(hang=True))

    with pytest.raises(ManagedError) as caught:
        session(api.url, timeout=0.1, retries=QUICK).get("things", timeout=None)

    assert caught.value.status_code == 504
