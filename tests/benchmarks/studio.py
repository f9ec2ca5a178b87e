"""Print how long the page of `stacksync dev` takes to draw and to read forms, and how much it sends.

    python tests/benchmarks/studio.py [SCHEMA.json ...]

Without schemas: the form that the browser tests use, and a form of a hundred fields. Nothing is asserted.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stacksync.runtime import forms
from stacksync.studio.form.controls import FormState, parse, render_form

OWN = Path(__file__).parents[1] / "studio" / "browser" / "campaign" / "schema.json"
ROUNDS = 50


def main(paths: list[Path]) -> None:
    """Measure each form."""
    schemas = {_name(path): json.loads(path.read_text(encoding="utf-8")) for path in paths or [OWN]}
    if not paths:
        schemas["a hundred fields"] = {"fields": [_field(number) for number in range(100)]}
    print(f"{'form':32} {'fields':>6} {'first ms':>9} {'draw ms':>8} {'read ms':>8} {'KB':>6} {'gzip KB':>8}")
    for name, schema in schemas.items():
        _measure(name, schema)


def _measure(name: str, schema: dict[str, Any]) -> None:
    start = time.perf_counter()
    form = forms.read_form(schema)
    state = FormState(form, forms.defaults_of(form.fields))
    html = render_form(state).encode()
    first = (time.perf_counter() - start) * 1000
    pairs = [("data", json.dumps(state.data)), *((f"/{each.id}", "text") for each in form.fields)]
    draw, read = _median(lambda: render_form(state)), _median(lambda: parse(form, pairs))
    sizes = f"{len(html) / 1024:6.1f} {len(gzip.compress(html)) / 1024:8.1f}"
    print(f"{name:32} {len(list(form.walk())):6} {first:9.2f} {draw:8.2f} {read:8.2f} {sizes}")


def _name(path: Path) -> str:
    return path.parent.name if path.name == "schema.json" else path.stem


def _median(work: Callable[[], object]) -> float:
    """Return the median of some rounds, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _field(number: int) -> dict[str, Any]:
    choices = {"values": [{"value": each, "label": f"Choice {each}"} for each in range(10)]}
    parts: list[dict[str, Any]] = [
        {"type": "string", "description": "A text.", "validation": {"required": True}},
        {"type": "integer", "choices": choices},
        {"type": "boolean"},
        {"type": "object", "fields": [{"id": "inner", "type": "string"}]},
        {"type": "array", "items": {"type": "string", "choices": choices}},
    ]
    return {"id": f"field_{number}", "label": f"Field {number}", **parts[number % len(parts)]}


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
