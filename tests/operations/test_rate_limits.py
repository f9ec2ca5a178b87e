"""An API that wants to be left alone holds up those who use that connection, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.http.conftest import Answer, Api, Asked, api, make_api

from .conftest import PATIENCE, Served, wait_until

__all__ = ["api", "make_api"]

CALLS = 8


def test_health_and_other_connections_go_on_while_calls_wait(
    connector: Callable[..., Path], serve: Callable[..., Served], api: Api
) -> None:
    def reply(asked: Asked) -> Answer:
        is_limited = asked.headers["X-API-Key"] == "limited"
        return Answer(429, headers={"Retry-After": "18"}) if is_limited else Answer(body={"for": "others"})

    api.reply = reply
    served = serve(
        connector(), WEB_CONCURRENCY="1", GUNICORN_CMD_ARGS="--threads 4 --graceful-timeout 1", WEB_THREADS="64"
    )

    def fetch(key: str) -> requests.Response:
        return served.execute({"act": "fetch_with_key", "url": api.url, "key": key})

    with ThreadPoolExecutor(CALLS) as callers:
        calls = [callers.submit(fetch, "limited") for _ in range(CALLS)]
        wait_until(lambda: sum(call.done() for call in calls) >= CALLS - 1, "all but one to fail at once")

        assert requests.get(f"{served.url}/health", timeout=PATIENCE).ok
        assert [fetch("other").json() for _ in range(10)] == [{"data": {"for": "others"}}] * 10
        assert [call.done() for call in calls].count(False) == 1
        refused = [call.result() for call in calls if call.done()]
        served.stop()

    assert {reply.status_code for reply in refused} == {502}
    assert {reply.json()["metadata"]["status"] for reply in refused} == {429}
    assert {reply.json()["metadata"]["retry_after"] for reply in refused} <= {16, 17, 18}
