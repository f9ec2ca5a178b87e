"""Events are numbered, kept and waited for."""

import threading

from stacksync.dev.events import KEPT, Events


def test_events_are_numbered_and_kept():
    events = Events()
    first, second = events.publish("log", line="a"), events.publish("log", line="b")
    assert (first.id, second.id) == (1, 2)
    assert events.since(0) == [first, second]
    assert events.since(1) == [second]
    assert events.since(2) == events.since(9) == []


def test_the_oldest_are_forgotten():
    events = Events()
    for number in range(KEPT + 5):
        events.publish("log", line=str(number))
    assert [event.id for event in events.since(0)] == list(range(6, KEPT + 6))


def test_whoever_waits_is_woken():
    events, got = Events(), []
    thread = threading.Thread(target=lambda: got.append(events.wait(0, 10)))
    thread.start()
    event = events.publish("files", paths=[])
    thread.join()
    assert got == [[event]]
    assert events.wait(0, 0) == [event]
    assert events.wait(1, 0) == []


def test_nobody_waits_for_what_has_ended():
    events, got = Events(), []
    thread = threading.Thread(target=lambda: got.append(events.wait(0, 60)))
    thread.start()
    events.close()
    thread.join()
    assert got == [[]]
    assert events.closed
    assert events.wait(0, 60) == []
