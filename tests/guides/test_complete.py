"""The references among the guides name all there is, as the runtime's own tables have it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from src.runtime import ManagedError, metrics
from src.runtime.forms import vocabulary
from src.runtime.log_lines import json_line
from src.runtime.wsgi import Kind, read_route
from tests.conftest import ROOT
from tests.guides.pages import TEMPLATE, inline_code, read_blocks


def guide(name: str) -> str:
    return (TEMPLATE / "documentation" / f"{name}.md").read_text("utf-8")


# --- the form schema -----------------------------------------------------------------------------

SCHEMA = guide("module_schema")
KEYS = {key for keys in vocabulary.SPECIFIED.values() for key in keys}
ALIASES = {alias for aliases in vocabulary.ALIASES.values() for alias in aliases} | {*vocabulary.WIDGET_ALIASES}


def shown(value: Any) -> Iterator[str]:
    """Yield every key and text of the forms that the page shows."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from shown(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner)
    else:
        yield str(value)


EXAMPLES = {word for block in read_blocks(SCHEMA) if block.language == "json" for word in shown(json.loads(block.text))}
NAMED = {word for code in inline_code(SCHEMA) for word in re.findall(r"[\w:-]+", code)}


@pytest.mark.parametrize(
    "names",
    [
        vocabulary.TYPES,
        vocabulary.FORMATS,
        vocabulary.WIDGETS,
        vocabulary.LANGUAGES,
        vocabulary.OPERATORS,
        vocabulary.APPLY_AS,
        vocabulary.MANAGEMENT_TYPES,
        vocabulary.RULE_NAMES,
        KEYS,
    ],
    ids=["types", "formats", "widgets", "languages", "operators", "apply_as", "management", "validation", "keys"],
)
def test_the_form_schema_names_and_shows_everything(names: tuple[str, ...]) -> None:
    assert sorted(set(names) - NAMED) == [], "not named in the text"
    if names is not vocabulary.LANGUAGES:
        assert sorted(set(names) - {*vocabulary.MESSAGE_NAMES} - EXAMPLES) == [], "in no example"


def test_the_form_schema_shows_every_rule_of_validation() -> None:
    assert {*vocabulary.RULE_NAMES} - EXAMPLES == set()


def test_the_form_schema_names_what_real_forms_write_and_every_text() -> None:
    assert sorted({*ALIASES, *vocabulary.MESSAGE_NAMES} - NAMED) == []


# --- errors, authentication ----------------------------------------------------------------------

HELPERS = sorted(name for name, value in vars(ManagedError).items() if isinstance(value, classmethod))


@pytest.mark.parametrize("name", HELPERS)
def test_errors_tell_of_every_helper_with_its_status(name: str) -> None:
    helper = getattr(ManagedError, name)
    required = helper.__func__.__code__.co_argcount - 1 - len(helper.__func__.__defaults__ or ())
    status = helper(*["x"] * required).status_code

    assert re.search(rf"^\| `ManagedError\.{name}\([^`]*\)` \| {status} \|", guide("errors"), re.MULTILINE)


def test_authentication_tells_of_every_answer() -> None:
    choices = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))["auth"]["choices"].values()

    told = re.findall(r"^\| `(\w+)` \|", guide("authentication"), re.MULTILINE)
    assert sorted(told) == sorted(choices)


# --- operating -----------------------------------------------------------------------------------


def test_operating_tells_of_every_metric_with_its_labels() -> None:
    text = guide("operating")
    told = set(re.findall(r"^\| `(connector_\w+)` \|", text, re.MULTILINE))
    row = next(line for line in text.splitlines() if line.startswith("| `connector_requests_total`"))

    assert told == {"connector_requests_total", "connector_request_seconds"}
    assert tuple(re.findall(r"`(\w+)`", row)[1:]) == metrics.LABELS
    assert {f"{each._name}" for each in metrics._instruments()} == {"connector_requests", "connector_request_seconds"}


def test_operating_tells_of_every_field_of_a_log_line() -> None:
    kind = Kind("POST", read_route("/a/v1/execute"), 200)
    fields = {*json.loads(json_line(kind, "0", 0.1)), "logger", "message", "error_id", "traceback"}
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", guide("operating"), re.MULTILINE)

    assert fields <= {name for row in rows for name in re.findall(r"`(\w+)`", row)}
