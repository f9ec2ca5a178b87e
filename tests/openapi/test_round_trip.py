"""From a body to what a user fills in, and back to the request: nothing is lost that is not named."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.description import read_description
from stacksync.openapi.filling_in import NotHeldError, form_data
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.runtime.forms import FormValidator, read_form, remarks
from tests.openapi.bodies import Bodies, generated
from tests.openapi.conftest import IS_SWEPT, LIBRARY, REAL, SWEEP

# Of each operation in the whole sweep, and of each that is looked at in every run.
MOST, FEW = 20, 3
# Every so manieth operation of a real description in every run.
EACH = 9


@dataclass
class Swept:
    """What became of the bodies of one description."""

    tried: int = 0
    examples: int = 0
    by_more: int = 0
    lost: list[str] = field(default_factory=list)
    lost_examples: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)


def fault_of(mapped: Mapped, validator: FormValidator, body: Any) -> tuple[str, bool]:
    """Return why a body is not given back, and whether it needs "More fields"."""
    try:
        data = form_data(mapped.plan, body)
    except NotHeldError as error:
        return f"{mapped.operation.address}: {error}", False

    needed = {each["field"]: "1" for place in ("in_path", "query", "header") for each in mapped.plan.get(place, [])}
    faults = validator.validate({**needed, **data}).errors
    fault = f"{mapped.operation.address}: {faults[0].message}" if faults else ""
    return fault, (mapped.plan["body"] or {}).get("more") in data


def sweep(file: Path, count: int, every: int = 1) -> Swept:
    description = read_description(str(file))
    mapper, bodies, swept = Mapper(description), Bodies(description), Swept()
    chosen = [each for each in mapper.operations if each.body][::every]
    for operation in chosen:
        mapped = mapper.map(operation)
        if mapped.refused or not operation.body:
            continue
        validator, schema = FormValidator(mapped.form), operation.body.schema
        for _, example in operation.body.examples:
            if bodies.fits(schema, example):
                swept.examples += 1
                fault, _ = fault_of(mapped, validator, example)
                swept.lost_examples += [fault] if fault else []
        for body in generated(bodies.of(schema), count, partial(bodies.fits, schema)):
            swept.tried += 1
            fault, by_more = fault_of(mapped, validator, body)
            swept.by_more += by_more
            swept.lost += [fault] if fault else []
    return swept


def test_bodies_of_our_own_description_are_given_back() -> None:
    swept = sweep(LIBRARY, MOST)

    assert swept.examples == 4
    assert swept.lost_examples == []
    assert swept.tried == 7 * MOST
    assert swept.lost == []


@pytest.mark.skipif(not REAL, reason="the descriptions of real APIs are not here")
@pytest.mark.parametrize("file", REAL, ids=lambda file: file.stem)
def test_some_bodies_of_real_apis_are_given_back(file: Path) -> None:
    swept = sweep(file, FEW, EACH)

    assert swept.lost_examples == []
    assert len(swept.lost) <= max(1, swept.tried // 100)


@pytest.mark.skipif(not (REAL and IS_SWEPT), reason=f"takes minutes; {SWEEP} asks for it")
def test_all_bodies_of_real_apis_are_given_back() -> None:
    swept = [sweep(file, MOST) for file in REAL]

    lost = [each for one in swept for each in one.lost]
    assert [each for one in swept for each in one.lost_examples] == []
    assert len(lost) <= sum(one.tried for one in swept) / 100, lost


@pytest.mark.parametrize("file", [LIBRARY, *REAL], ids=lambda file: file.stem)
def test_every_operation_becomes_a_form_without_remarks(file: Path) -> None:
    for mapped in Mapper(read_description(str(file))).all():
        told = remarks(read_form(mapped.form))

        assert [each.message for each in told] == [], mapped.operation.address
