"""No value that a caller sends makes a pattern hold up the connector.

CPU time is that which the operating system counts for this process; the bounds leave room for the rest of the work.
"""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from src.runtime.forms import Budget, FormValidator, Unchecked, compile_pattern
from tests.operations.conftest import PATIENCE, make_connector, serving

SLOW = "^(a|aa)+$"
BUSY = "a" * 60 + "!"
E_MAIL = (  # as a well-known library of patterns publishes it
    r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$"
)
UNCHECKED = "was not checked against the pattern {}: the patterns of the form took too long"


def form(*patterns):
    """Return a form with a field for each pattern: p0, p1…"""
    fields = [{"id": f"p{at}", "type": "string", "validation": {"pattern": each}} for at, each in enumerate(patterns)]
    return {"fields": fields}


@pytest.mark.parametrize(
    "pattern, value",
    [
        (SLOW, BUSY),
        ("^(a|a?)*$", BUSY),
        ("(a|a?)*$", BUSY * 1000),
        (r"^((\d{1,3},?)+)$", "1" * 60 + "!"),
        (r"^((\d{1,3},?)+)$", "1,1" * 30_000 + "!"),
        (r"^\w+(\s*,\s*\w+\s*)*$", "a" + " , a" * 20_000 + " !"),
        (E_MAIL, "a" * 60 + "!@a.aa"),
        (E_MAIL, "a_" * 40_000 + "@a.aa!"),
        ("(a+)+$", BUSY),
        (r"\s+$", " " * 90_000 + "!"),
        ("(.*)(.*)(.*)(.*)x$", "x" * 2_000 + "!"),
        (r"^(?=(a+)+$)", BUSY),
        (r"^(a+)\1+$", "a" * 90_000 + "!"),
        (SLOW, "a" * 8_000_000 + "!"),
    ],
)
def test_a_value_costs_no_more_than_the_time_that_patterns_have(pattern, value):
    validator = FormValidator(form(pattern))
    validator.validate({})  # reads the form

    begin = time.process_time()
    validator.validate({"p0": value})
    assert time.process_time() - begin < 2


def test_many_values_share_the_time_and_those_left_over_are_refused():
    validator = FormValidator(form(*(SLOW for _ in range(20)), "^b$"))

    begin = time.process_time()
    errors = validator.validate({**{f"p{at}": BUSY for at in range(20)}, "p20": "b"}).errors
    assert time.process_time() - begin < 2
    assert [(error.field, error.rule) for error in errors] == [(f"p{at}", "pattern") for at in range(21)]
    assert errors[0].message == f"p0 {UNCHECKED.format(SLOW)}"
    assert errors[-1].message == f"p20 {UNCHECKED.format('^b$')}"


def test_the_next_request_has_its_own_time():
    validator = FormValidator(form(SLOW))
    assert validator.validate({"p0": BUSY}).errors
    assert validator.validate({"p0": "aaa"}).errors == ()


def test_a_pattern_that_every_text_fits_costs_nothing():
    validator = FormValidator(form(*[".*", r"^[\s\S]*$", ""]))
    data = {f"p{at}": "a\n" * 4_000_000 for at in range(3)}
    validator.validate(data)

    begin = time.process_time()
    for _ in range(1000):
        assert not validator.validate(data).errors
    assert time.process_time() - begin < 1


def test_a_text_that_would_take_memory_to_search_is_refused():
    validator = FormValidator(form(r"^(\w+\s?)+$"))
    (error,) = validator.validate({"p0": "a b " * 1_000_000}).errors
    assert error.message == r"p0 must have at most 100000 characters to be checked against the pattern ^(\w+\s?)+$"


def test_other_threads_run_while_a_pattern_is_searched():
    steps, done = 0, threading.Event()

    def search():
        with pytest.raises(Unchecked):
            compile_pattern(SLOW).search(BUSY, Budget())
        done.set()

    thread = threading.Thread(target=search)
    thread.start()
    while not done.is_set():
        steps += 1
    thread.join()
    assert steps > 1000  # none, if the interpreter were not given away


def test_the_time_of_other_threads_is_not_counted():
    def left_by_a_match():
        budget = Budget()
        assert compile_pattern("^b+$").search("b" * 90_000, budget)
        return budget.left

    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(FormValidator(form(SLOW)).validate, {"p0": BUSY}) for _ in range(3)]
        left = [left_by_a_match() for _ in range(20)]
    assert all(search.result().errors for search in searches)
    assert min(left) > 0.25


def test_a_connector_goes_on_answering(tmp_path):
    root = make_connector(tmp_path)
    (root / "src/modules/probe/v1/schema.json").write_text(
        json.dumps({"metadata": {"workflows_module_schema_version": "1.0.0"}, **form(*[SLOW] * 20)})
    )
    with serving() as start, ThreadPoolExecutor(3) as pool:
        served = start(root, WEB_CONCURRENCY="1")
        attacks = [pool.submit(served.execute, {f"p{at}": BUSY for at in range(20)}) for _ in range(3)]
        health = requests.get(f"{served.url}/health", timeout=PATIENCE)
        answers = [attack.result() for attack in attacks]

    assert health.status_code == 200
    assert [answer.status_code for answer in answers] == [400] * 3
    assert "Booting worker" in served.text()
    assert served.text().count("Booting worker") == 1  # none was killed
