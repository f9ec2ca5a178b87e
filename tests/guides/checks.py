"""What a page shows, compared with what is."""

import json
import re
from typing import Any

import promql_parser
from jsonschema import Draft7Validator

from src.runtime import metrics
from src.runtime.examples import difference
from src.runtime.log_lines import json_line
from src.runtime.wsgi import Kind, read_route
from tests.conftest import ROOT

SCHEMAS = ROOT / "template/documentation/schemas"
ANY_TEXT = "…"
# What Prometheus adds to the names of a counter and of a histogram: https://prometheus.io/docs/concepts/metric_types/
PUBLISHED = {"connector_requests_total", *(f"connector_request_seconds_{end}" for end in ("bucket", "count", "sum"))}


def check_answer(shown: Any, answer: Any) -> None:
    """Compare an answer with what a page shows of it; `…` is any text."""
    found = difference(without_any_text(shown, answer), answer, "the answer")
    assert found is None, found


def without_any_text(shown: Any, answer: Any) -> Any:
    """Return what is shown with the answer's own text for `…`."""
    if shown == ANY_TEXT and isinstance(answer, str):
        return answer
    if isinstance(shown, dict) and isinstance(answer, dict):
        return {key: without_any_text(value, answer.get(key)) for key, value in shown.items()}

    return shown


def check_schema(name: str, document: Any) -> None:
    """Check a document as an editor does."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    errors = [error.message for error in Draft7Validator(schema).iter_errors(document)]
    assert not errors, errors


def check_log_line(shown: dict[str, Any]) -> None:
    """Compare the line of a request with the one that the runtime writes for it."""
    kind = Kind(shown["method"], read_route(shown["route"]), shown["status"])
    written = json.loads(json_line(kind, "0123", shown["ms"] / 1000))
    assert list(shown) == list(written), f"the fields are {', '.join(written)}"
    check_answer(shown, written)


def check_alerts(document: dict[str, Any]) -> None:
    """Check rules of Prometheus: what they ask for can be parsed, and is published."""
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        assert rule["annotations"]["summary"]
        assert re.fullmatch(r"\d+m", rule["for"])
        text = repr(promql_parser.parse(rule["expr"]))
        named = set(re.findall(r'name: Some\(\s*"(\w+)"', text))
        labels = set(re.findall(r'Matcher \{[^}]*name: "(\w+)"', text)) | set(re.findall(r"by \((\w+)\)", rule["expr"]))
        assert named, rule["expr"]
        assert named <= PUBLISHED, f"{named - PUBLISHED} is not published"
        assert labels <= {*metrics.LABELS, "le"}, f"{labels} are no labels of it"
