"""An API's rate limit is kept for each host and connection; waiting is bounded, and leaves threads for others."""

import math
import time
from datetime import datetime, timedelta, timezone

import pytest
import requests
from requests.auth import AuthBase

from src.runtime.http import ApiError, ApiKeyAuth, BearerAuth, Retries, session
from src.runtime.http.limits import RATE_LIMITS, RateLimit, place, seconds_until, told

QUICK = Retries(backoff=0.001)


def fail(calls, method="GET", path="things"):
    with pytest.raises(ApiError) as caught:
        calls.request(method, path)
    return caught.value


def of(api, auth=None, retries=QUICK, **kwargs):
    return session(api.url, auth, retries=retries, **kwargs)


# --- refusals


def test_a_long_refusal_is_told_at_once_and_also_to_those_who_come_later(api, answer):
    api.answer(answer(429, {"message": "slow down"}, headers={"Retry-After": "120"}), answer(200))

    first, second = fail(of(api, BearerAuth("one"))), fail(of(api, BearerAuth("one")), "POST", "others")

    assert (first.error, first.retry_after) == ("127.0.0.1 answered 429: slow down", 120)
    assert second.error == f"127.0.0.1 is not called for another {second.retry_after} s, as it asked"
    assert 115 <= second.retry_after <= 120
    assert second.metadata == {**first.metadata, "retry_after": second.retry_after}
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"auth": BearerAuth("two")},
        {"auth": ApiKeyAuth("one")},
        {},
    ],
)
def test_another_connection_is_not_held_up(api, answer, other):
    api.answer(answer(503, headers={"Retry-After": "120"}), answer(200, {"ok": True}))

    fail(of(api, BearerAuth("one")))

    assert of(api, **other).get("things").json() == {"ok": True}


def test_another_host_is_not_held_up(make_api, answer):
    one, two = make_api(), make_api()
    one.answer(answer(429, headers={"Retry-After": "120"}))

    fail(of(one, BearerAuth("one")))

    of(two, BearerAuth("one")).get("things")


def test_keys_in_headers_of_the_session_tell_connections_apart(api, answer):
    api.answer(answer(429, headers={"Retry-After": "120"}), answer(200))
    one, two, three = of(api), of(api), of(api)
    one.headers["X-Key"], two.headers["X-Key"], three.params = "one", "two", {"key": "three"}

    fail(one)

    assert two.get("things").ok
    assert three.get("things").ok
    fail(one)


class Opaque(AuthBase):
    def __init__(self, signer):
        self.signer = signer

    def __call__(self, request):
        return request


@pytest.mark.parametrize("auth", [lambda: Opaque(object()), lambda: lambda request: request])
def test_nothing_is_kept_of_who_cannot_be_told_from_others(api, answer, auth):
    api.answer(answer(429, headers={"Retry-After": "120"}), answer(200))

    fail(of(api, auth()))

    assert of(api, auth()).get("things").ok


@pytest.mark.parametrize("digits", ["100000", "9" * 30, "9" * 1000])
def test_an_absurd_refusal_is_believed_for_five_minutes(digits):
    limit = RateLimit()

    assert limit.learn(429, {"Retry-After": digits}) == 86_400
    assert 299 < limit.turn() <= 300
    assert limit.closed_for() > 86_000


def test_a_short_refusal_is_waited_for_by_all_also_before_a_post(api, answer):
    api.answer(answer(429, headers={"Retry-After": "0.3"}), answer(200))
    fail(of(api, retries=Retries(attempts=0)))
    refused = time.monotonic()

    of(api).post("things", json={})

    assert time.monotonic() - refused > 0.25
    assert len(api.asked) == 2


def test_a_wait_beyond_the_time_of_the_call_is_not_begun(api, answer):
    api.answer(answer(429, headers={"Retry-After": "2.5"}), answer(200))

    assert fail(of(api, retries=Retries(budget=1))).retry_after == 3
    assert fail(of(api, retries=Retries(budget=1))).retry_after in (2, 3)
    assert len(api.asked) == 1


def test_a_fault_without_retry_after_refuses_nothing(api, answer):
    api.answer(answer(503), answer(200))

    fail(of(api, retries=Retries(attempts=0)))

    assert of(api).get("things").ok


# --- what is left


@pytest.mark.parametrize(
    "headers, expected",
    [
        ({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "30"}, (5, 30)),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1.5"}, (0, 1.5)),
        ({"X-RateLimit-Remaining": "4.0", "X-RateLimit-Reset-After": "2.25", "X-RateLimit-Reset": "99"}, (4, 2.25)),
        ({"X-Rate-Limit-Remaining": "5", "X-Rate-Limit-Reset": "30"}, (5, 30)),
        ({"RateLimit-Remaining": "5", "RateLimit-Reset": "30", "RateLimit-Limit": "9"}, (5, 30)),
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, (50, 5)),
        ({"RateLimit": '"default";r=50;t=30'}, (50, 30)),
        ({"RateLimit": '"default";r=50', "RateLimit-Policy": '"default";q=100;w=60'}, (50, 60)),
        ({"RateLimit": '"burst";r=5;t=10, "day";r=900;t=5000'}, (5, 10)),
        ({"RateLimit": '"burst";r=0;t=10, "day";r=0;t=5000'}, (0, 5000)),
        ({"RateLimit": '"default";r=50;t=30;pk=:dHJpYWw=:'}, (50, 30)),
        ({"X-RateLimit-Reset": "30"}, (None, 30)),
        ({"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "-3"}, (0, 0)),
        ({"X-RateLimit-Remaining": "10, 20", "X-RateLimit-Reset": "soon"}, (None, None)),
        ({"X-RateLimit-Remaining": "9" * 400, "X-RateLimit-Reset": "9" * 400}, (10**9, math.inf)),
        ({"RateLimit": "nonsense"}, (None, None)),
        ({"RateLimit": ";;;,,,==="}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_the_headers_of_apis_are_read(headers, expected):
    assert told(requests.structures.CaseInsensitiveDict(headers)) == expected


@pytest.mark.parametrize(
    "written",
    [
        lambda then: "60",
        lambda then: "60.0",
        lambda then: f" {then.timestamp():.0f} ",
        lambda then: f"{then.timestamp() * 1000:.0f}",
        lambda then: then.timestamp(),
        lambda then: then.isoformat(),
        lambda then: f"{then:%Y-%m-%dT%H:%M:%SZ}",
        lambda then: f"{then:%Y-%m-%d %H:%M:%S}",
        lambda then: f"{then:%Y-%m-%dT%H:%M:%S.1234567+0000}",
        lambda then: f"{then:%a, %d %b %Y %H:%M:%S GMT}",
        lambda then: f"{then:%a, %d %b %Y %H:%M:%S -0000}",
    ],
)
def test_a_time_may_be_written_in_many_ways(written):
    then = datetime.now(timezone.utc) + timedelta(seconds=60)

    assert seconds_until(written(then)) == pytest.approx(60, abs=2)


@pytest.mark.parametrize("value", [None, True, "", "soon", "nan", "inf", "1e9", "0x1", "٣", "1,5", []])
def test_anything_else_is_no_time(value):
    assert seconds_until(value) is None


def test_calls_wait_for_more_when_none_are_left(api, answer):
    api.answer(answer(headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0.3"}), answer(200))
    of(api).get("things")
    started = time.monotonic()

    of(api).get("things")

    assert time.monotonic() - started > 0.25


def test_a_count_that_is_used_up_for_long_is_no_reason_to_fail(api, answer):
    api.answer(answer(headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3000"}), answer(200))
    of(api).get("things")

    assert of(api).get("things").ok


def test_a_refusal_without_retry_after_lasts_until_there_is_more(api, answer):
    api.answer(answer(429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "200"}))

    assert fail(of(api)).retry_after == 200
    assert fail(of(api)).retry_after in range(195, 201)
    assert len(api.asked) == 1


def test_a_refusal_with_calls_left_is_about_something_else(api, answer):
    api.answer(answer(429, headers={"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "200"}), answer(200))

    assert of(api).get("things").ok


def test_calls_on_their_way_count():
    limit = RateLimit()
    limit.learn(200, {"X-RateLimit-Remaining": "2", "X-RateLimit-Reset": "60"})

    assert [limit.turn(), limit.turn()] == [0, 0]
    assert limit.turn() == pytest.approx(60, abs=5)
    # The answer of one of them, sent before the other arrived.
    limit.learn(200, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "60"})
    assert limit.turn() > 0
    # Another window.
    limit.learn(200, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "90"})
    assert limit.turn() == 0


# --- threads


def test_no_more_wait_than_leave_threads_for_others(monkeypatch):
    monkeypatch.setenv("WEB_THREADS", "8")
    one, two, three = RateLimit(), RateLimit(), RateLimit()

    with place(one) as a, place(one) as b, place(one) as c, place(two) as d, place(two) as e, place(three) as f:
        assert (a, b, c, d, e, f) == (True, True, False, True, True, False)
    with place(three) as again:
        assert again


@pytest.mark.parametrize("threads, places", [("1", 1), ("2", 1), ("", 8), ("none", 8)])
def test_one_may_always_wait(monkeypatch, threads, places):
    monkeypatch.setenv("WEB_THREADS", threads)
    limit = RateLimit(waiting=places - 1)

    with place(limit) as first, place(limit) as second:
        assert (first, second) == (True, False)


def test_who_finds_no_place_fails_at_once_with_retry_after(api, answer, monkeypatch):
    monkeypatch.setenv("WEB_THREADS", "4")
    api.answer(answer(429, headers={"Retry-After": "15"}), answer(200))
    fail(of(api, retries=Retries(attempts=0)))
    (limit,) = RATE_LIMITS._entries.values()

    with place(limit):
        assert fail(of(api)).retry_after <= 15
    assert len(api.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_who_finds_no_place_does_not_repeat_either(api, answer, monkeypatch, status):
    monkeypatch.setenv("WEB_THREADS", "4")
    of(api).get("things")
    (limit,) = RATE_LIMITS._entries.values()
    api.answer(answer(status))

    with place(limit):
        assert fail(of(api)).status == status
    assert len(api.asked) == 2


# --- repeats of a POST


def test_a_post_with_an_idempotency_key_is_repeated_with_the_same_one(api, answer):
    api.answer(answer(503), answer(cut=True), answer(200, {"ok": True}))
    calls = of(api, retries=Retries(backoff=0.001, idempotency_header="Idempotency-Key"))

    calls.post("things", json={"a": 1})
    calls.patch("things", json={"a": 1})

    keys = [asked.headers["Idempotency-Key"] for asked in api.asked]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert {asked.body for asked in api.asked} == {b'{"a": 1}'}


def test_a_key_of_the_handler_s_own_is_kept(api):
    calls = of(api, retries=Retries(idempotency_header="Idempotency-Key"))

    calls.post("things", headers={"idempotency-key": "order-1", "X-Other": "x"})
    calls.get("things")

    assert [asked.headers["Idempotency-Key"] for asked in api.asked] == ["order-1", None]
    assert api.asked[0].headers["X-Other"] == "x"


def test_nobody_else_s_limit_is_kept_for_ever(api):
    for number in range(5):
        of(api, BearerAuth(f"planted-{number}")).get("things")

    assert len(RATE_LIMITS._entries) == 5
    assert b"planted" not in b"".join(RATE_LIMITS._entries)
