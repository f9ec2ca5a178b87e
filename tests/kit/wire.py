"""Ask projects of the present kit what they answer: `projects.json`, `cases.json`, and why in `facts.md`.

    PYTHONPATH=KIT:. python -m tests.kit.wire

asks them as they run on the package `stacksync_cdk` that Python finds: with the `lib` folder of the kit itself in
front, the kit's own answers are compared with what the cases say of it. CI asks our own package: `test_wire.py`.
"""

import importlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ANYTHING = "*"
CASES: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text("utf-8"))


@cache
def projects() -> dict[str, dict[str, str]]:
    """Return the files of each project, by name."""
    found = json.loads((HERE / "projects.json").read_text("utf-8"))
    return {
        name: {file: "".join(f"{line}\n" for line in lines) for file, lines in files.items()}
        for name, files in found.items()
    }


def write_project(name: str, root: Path) -> Path:
    """Write a project of the kit, with the `main.py` that all of them have, and return its folder."""
    for file, text in {"main.py": MAIN, **projects()[name]}.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, "utf-8")
    return root


MAIN = """import os

from stacksync_cdk import create_app

app = create_app(os.path.dirname(os.path.abspath(__file__)))
"""


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    text: str

    def differs_from(self, expected: Mapping[str, Any]) -> str:
        """Return how it is not as expected; empty when it is."""
        if self.status != expected.get("status"):
            return f"status {self.status}: {self.text[:200]}"
        if "text" in expected:
            same = expected["text"] in (ANYTHING, self.text.strip())
            return "" if same else self.text[:500]

        return "" if matches(json.loads(self.text), expected["json"]) else self.text[:2000]


def matches(value: Any, expected: Any) -> bool:
    """Say whether a value is as expected, where `*` stands for any."""
    if expected == ANYTHING:
        return True
    if isinstance(expected, dict) and isinstance(value, dict):
        return value.keys() == expected.keys() and all(matches(value[key], expected[key]) for key in expected)
    if isinstance(expected, list) and isinstance(value, list):
        return len(value) == len(expected) and all(map(matches, value, expected))
    return type(value) is type(expected) and bool(value == expected)


def forget() -> None:
    """Forget what an earlier project brought under names that the next one has too."""
    for name in [each for each in sys.modules if each.partition(".")[0] in ("main", "modules", "naming", "utils")]:
        del sys.modules[name]


def ask(client: Any, case: Mapping[str, Any]) -> Reply:
    """Send the request of a case."""
    asked = case["request"]
    options: dict[str, Any] = {"json": asked["json"]} if "json" in asked else {"data": asked.get("text", "").encode()}
    if "json" not in asked and asked["method"] != "GET":
        options["content_type"] = asked.get("content_type", "application/json")
    answered = client.open(asked["path"], method=asked["method"], **options)
    return Reply(answered.status_code, answered.get_data(as_text=True))


def _differences(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the cases in which the package at hand answers otherwise than the cases say of the kit."""
    create_app = importlib.import_module("stacksync_cdk").create_app
    for name in projects():
        cases = [case for case in CASES if case["project"] == name]
        root = write_project(name, folder / name)
        forget()
        sys.path.insert(0, str(root))
        try:
            client = create_app(str(root)).test_client()
        except Exception as error:  # noqa: BLE001 - what the kit does with a file that fails
            unexpected = [case for case in cases if case.get("kit") != {"starts": False}]
            yield from ((case["id"], f"it does not start: {error}") for case in unexpected)
            continue
        for case in cases:
            difference = ask(client, case).differs_from(case.get("kit", case["expect"]))
            if difference:
                yield case["id"], difference


def main() -> None:
    """Compare, and say how much agrees."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(_differences(Path(folder)))
    for name, difference in found:
        sys.stdout.write(f"{name}: {difference}\n")
    planned = sum("planned" in case for case in CASES)
    sys.stdout.write(f"{len(CASES) - len(found)} of {len(CASES)} as written down; {planned} are planned differences\n")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
