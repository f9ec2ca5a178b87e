"""What happens reaches every open page, once."""

import json
from collections.abc import Iterator
from typing import Any

from tests.studio.conftest import Studio


def events_of(studio: Studio, path: str = "/events", **headers: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield kind, id and data of each event as a browser reads them."""
    answer = studio.client.get(path, headers=headers, buffered=False)
    message: dict[str, str] = {}
    for chunk in answer.response:
        for line in (chunk if isinstance(chunk, str) else chunk.decode()).split("\n"):
            key, _, value = line.partition(": ")
            if not line and "data" in message:
                yield message["event"], message.get("id", ""), json.loads(message["data"])
                message = {}
            else:
                message[key] = value
    answer.close()


def test_a_new_page_is_told_how_things_are(studio: Studio) -> None:
    stream = events_of(studio)
    kind, _, told = next(stream)
    assert (kind, told["state"]["state"]) == ("hello", "ready")
    assert next(stream)[1] == "1"


def test_a_page_that_was_away_hears_the_rest(studio: Studio) -> None:
    last = studio.connector.last
    studio.connector.session.events.publish("log", run=None, stream="stdout", line="meanwhile")

    for headers, path in (({"Last-Event-ID": str(last)}, "/events"), ({}, f"/events?since={last}")):
        heard = next(event for event in events_of(studio, path, **headers) if event[1])
        assert heard == ("log", str(last + 1), {"run": None, "stream": "stdout", "line": "meanwhile"})


def test_numbers_of_an_earlier_run_are_not_believed(studio: Studio) -> None:
    assert next(event for event in events_of(studio, "/events?since=999999999") if event[1])[1] == "1"
