"""What a page shows, compared with what is."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
from jsonschema import Draft7Validator

from src.runtime import monitoring
from src.runtime.testing import difference
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


def check_log_line(shown: dict[str, Any], said: str) -> None:
    """Compare a line with the last one of its logger that the connector wrote; `ms` is another each time."""
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    written = [line for line in lines if line["logger"] == shown["logger"]]
    assert written, f"{shown['logger']} wrote nothing: {said}"
    assert list(shown) == list(written[-1]), f"the fields are {', '.join(written[-1])}"
    check_answer(shown, written[-1] | {name: shown[name] for name in ("ms",) if name in shown})


def check_alerts(document: dict[str, Any]) -> None:
    """Check rules of Prometheus: each asks for something that is published, and says what to do."""
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}, f"the keys are {', '.join(rule)}"
        assert rule["annotations"].keys() == {"summary", "description"}, "it says what it is, and what to do"
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.fullmatch(r"\d+m", rule["for"])
        check_expression(rule["expr"])


def check_jobs(folder: Path, document: dict[str, Any]) -> None:
    """Check jobs of CI: actions are those of the connector's own jobs, and its script knows what they ask of it."""
    own = (folder / ".github/workflows/ci.yml").read_text("utf-8")
    usage = subprocess.run([folder / "config/ci.sh"], capture_output=True, text=True, check=False).stderr
    for job in document.values():
        steps = job.get("steps", [])
        assert [step["uses"] for step in steps if "uses" in step and step["uses"] not in own] == []
        commands = [*(step["run"] for step in steps if "run" in step), *job.get("script", [])]
        asked = [command.split()[:3] for command in commands if command.startswith("config/ci.sh")]
        assert asked
        assert [words for words in asked if " ".join(words) not in usage] == []


def check_expression(text: str) -> None:
    """Check a query of Prometheus: it can be read, and asks for what is published."""
    read = repr(promql_parser.parse(text))
    named = set(re.findall(r'name: Some\(\s*"(\w+)"', read))
    grouped = re.findall(r"\w+", " ".join(re.findall(r"\b(?:by|without) \(([^)]*)\)", text)))
    labels = {*re.findall(r'Matcher \{[^}]*name: "(\w+)"', read), *grouped}
    assert named, text
    assert named <= PUBLISHED, f"{named - PUBLISHED} is not published"
    assert labels <= {*monitoring.LABELS, "le"}, f"{labels} are no labels of it"
