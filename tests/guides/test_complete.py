"""The references among the guides name all there is, as the runtime's own tables have it."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from src.runtime import ManagedError, forms, monitoring
from src.runtime.forms import vocabulary
from src.runtime.log_lines import json_line
from src.runtime.wsgi import REQUEST_ID, RUN_ID_NAMES, RUN_IDS, Kind, read_route
from tests.conftest import ROOT
from tests.guides.checks import check_expression
from tests.guides.pages import TEMPLATE, guide, inline_code, read_blocks, table

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


# --- errors, connections, dynamic forms ----------------------------------------------------------

HELPERS = sorted(name for name, value in vars(ManagedError).items() if isinstance(value, classmethod))


@pytest.mark.parametrize("name", HELPERS)
def test_errors_tell_of_every_helper_with_its_status(name: str) -> None:
    helper = getattr(ManagedError, name)
    required = helper.__func__.__code__.co_argcount - 1 - len(helper.__func__.__defaults__ or ())
    status = helper(*["x"] * required).status_code

    assert re.search(rf"^\| `ManagedError\.{name}\([^`]*\)` \| {status} \|", guide("building_a_module"), re.MULTILINE)


def test_connections_tell_of_every_answer() -> None:
    choices = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))["auth"]["choices"].values()
    (section,) = re.findall(r"^## Ways to authenticate\n(.*?)^## ", guide("connections"), re.MULTILINE | re.DOTALL)

    told = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(told) == sorted(choices)


def test_dynamic_forms_tell_of_every_builder() -> None:
    told = re.findall(r"^\| `(\w+)\(([^`]*)\)` \|", guide("connections"), re.MULTILINE)

    for name, arguments in told:
        parameters = inspect.signature(getattr(forms, name)).parameters
        named = set(re.findall(r"\b\w+\b(?=[,=]|$)", re.sub(r"\([^()]*\)|\"[^\"]*\"|=[^,(]+", "", arguments)))
        assert named <= set(parameters), f"{name} has no {named - set(parameters)}"
    assert len({name for name, _ in told}) == 10


# --- one module ----------------------------------------------------------------------------------


def test_getting_started_calls_everything_that_a_module_answers() -> None:
    called = set(re.findall(r"http://127\.0\.0\.1:2003(\S+)", guide("getting_started")))

    module = "/new_empty_action/v1"
    assert called == {"/health", "/modules-list", f"{module}/schema", f"{module}/content", f"{module}/execute"}


def test_our_readme_shows_the_module_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (shown,) = [block.text for block in read_blocks(readme) if block.language == "python"]

    assert shown == (TEMPLATE / "{{ module_dir }}/route.py").read_text("utf-8")


# --- operating -----------------------------------------------------------------------------------

OPERATING = guide("production")


def test_operating_tells_of_every_metric_with_its_labels() -> None:
    told = {name: rest for name, rest in table(OPERATING).items() if name.startswith("connector_")}

    # Prometheus adds `_total` to the name of a counter.
    assert {name.removesuffix("_total") for name in told} == {each._name for each in monitoring._instruments()}
    assert tuple(re.findall(r"`(\w+)`", told["connector_requests_total"])) == monitoring.LABELS


def test_operating_tells_of_every_field_of_a_log_line() -> None:
    of_requests = json.loads(
        json_line(
            {REQUEST_ID: "0", RUN_IDS: dict.fromkeys(RUN_ID_NAMES, "1")},
            Kind("POST", read_route("/a/v1/execute"), 200),
            0.1,
        )
    )
    source = (TEMPLATE / "src/runtime/log_lines.py").read_text("utf-8")
    of_records = re.findall(r'^            "(\w+)": ', source, re.MULTILINE)

    assert {"message", "traceback"} <= set(of_records)
    assert {*of_requests, *of_records} <= table(OPERATING).keys()


def test_operating_shows_expressions_that_prometheus_reads() -> None:
    expressions = [code for code in inline_code(OPERATING) if "(" in code and "connector_" in code]

    assert len(expressions) == 4
    for expression in expressions:
        check_expression(expression)


def test_operating_has_the_numbers_of_the_files() -> None:
    settings = (TEMPLATE / "gunicorn.conf.py").read_text("utf-8")
    deployment = (TEMPLATE / "config/kubernetes/base/deployment.yaml.jinja").read_text("utf-8")
    compose = (TEMPLATE / "config/compose.yaml.jinja").read_text("utf-8")
    (most,) = re.findall(r"^max_requests = (\w+)$", settings, re.MULTILINE)
    (pod,) = re.findall(r"terminationGracePeriodSeconds: (\d+)", deployment)
    (container,) = re.findall(r"stop_grace_period: (\d+)s", compose)
    defaults = dict(re.findall(r'read_number\("(\w+)", (\d+)\)', settings))
    told = table(guide("production"))

    assert f"after {int(most):,} requests" in OPERATING
    assert f"{container} seconds in\n`config/compose.yaml`." in OPERATING
    assert f"{pod} in all, `terminationGracePeriodSeconds` in" in guide("kubernetes")
    assert f"{defaults['WEB_THREADS']} requests at once (`WEB_THREADS`)" in OPERATING
    assert f"there are {defaults['WEB_CONCURRENCY']} (`WEB_CONCURRENCY`)" in OPERATING
    assert f"`WEB_GRACEFUL_TIMEOUT` ({defaults['WEB_GRACEFUL_TIMEOUT']}) seconds" in OPERATING
    for name in defaults.keys() - {"PORT"}:
        assert told[name].endswith(f"| `{defaults[name]}`"), name
