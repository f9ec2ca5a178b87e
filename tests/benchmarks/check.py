"""Print how long `stacksync check` takes with 1, 20 and 200 modules: python tests/benchmarks/check.py [RUNS].

No two modules are alike: every file of each differs from that of every other, so nothing that is remembered of one text
helps with the next. CPU seconds stand beside those of the clock, as they hardly depend on what else the machine does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

MODULES = (1, 20, 200)
EXAMPLES = ("new_empty_action", "create_contacts")


def main(runs: int = 5) -> None:
    """Print medians of interleaved runs, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stacksync("new", str(root / "connector"), "--defaults", "--quiet")
        checks: dict[str, list[str]] = {"stacksync --help": ["--help"]}
        for example in EXAMPLES:
            for number in MODULES:
                made = connector(root / "connector", root / f"{example}_{number}", example, number)
                checks[f"{number:>3} different modules like {example}"] = ["check", str(made)]

        times: dict[str, list[tuple[float, float]]] = {name: [] for name in checks}
        for _ in range(runs):
            for name, arguments in checks.items():
                times[name].append(timed(*arguments))
        for name, measured in times.items():
            clock, cpu = (median(values) for values in zip(*measured, strict=True))
            print(f"{name:<45} {clock:6.2f} s   {cpu:6.2f} s of CPU   stacksync {' '.join(checks[name])}")


def connector(original: Path, root: Path, example: str, number: int) -> Path:
    """Return a connector with as many modules as asked for, each made of one of the examples, and different."""
    shutil.copytree(original, root, ignore=shutil.ignore_patterns("modules"))
    for index in range(number):
        module = root / "src" / "modules" / f"{example}_{index}"
        shutil.copytree(original / "src" / "modules" / example, module, ignore=shutil.ignore_patterns("__pycache__"))
        for file in module.rglob("*"):
            if file.suffix in CHANGES:
                file.write_text(changed(file, index), encoding="utf-8")
    return root


# What stands in every file of a kind, and what it becomes in the module of a number.
CHANGES = {
    ".py": ("from ", "NUMBER = {}\nfrom "),
    ".json": ('"label": "', '"label": "{} '),
    ".yaml": ("module_name:", "# {}\n  module_name:"),
}


def changed(file: Path, index: int) -> str:
    """Return the text of a file as it stands in no other module."""
    old, new = CHANGES[file.suffix]
    text = file.read_text(encoding="utf-8")
    return text.replace(old, new.format(index), 1 if file.suffix == ".py" else -1)


def stacksync(*arguments: str) -> None:
    """Run the command."""
    subprocess.run([sys.executable, "-m", "stacksync", *arguments], stdout=subprocess.DEVNULL, check=True)


def timed(*arguments: str) -> tuple[float, float]:
    """Return the seconds of the clock and of CPU that the command takes."""
    start, cpu = time.perf_counter(), children()
    stacksync(*arguments)
    return time.perf_counter() - start, children() - cpu


def children() -> float:
    """Return the CPU seconds of all processes that were waited for."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
