"""Print how long `stacksync check` takes with 1, 20 and 200 modules: python tests/benchmarks/check.py [RUNS]."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

MODULES = (1, 20, 200)
EXAMPLES = ("new_empty_action", "create_contacts")


def main(runs: int = 5) -> None:
    """Print medians of interleaved runs, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stacksync("new", str(root / "connector"), "--defaults", "--quiet")
        checks: dict[str, Callable[[], object]] = {"stacksync --help": lambda: stacksync("--help")}
        for example in EXAMPLES:
            for number in MODULES:
                made = connector(root / "connector", root / f"{example}_{number}", example, number)
                checks[f"{number:>3} modules like {example}"] = lambda made=made: stacksync("check", str(made))  # type: ignore[misc]

        times: dict[str, list[float]] = {name: [] for name in checks}
        for _ in range(runs):
            for name, check in checks.items():
                times[name].append(timed(check))
        for name, measured in times.items():
            print(f"{name:<35} {median(measured):.2f} s   (fastest {min(measured):.2f})")


def connector(original: Path, root: Path, example: str, number: int) -> Path:
    """Return a connector with as many modules as asked for, all like one of the examples."""
    shutil.copytree(original, root, ignore=shutil.ignore_patterns("modules"))
    for index in range(number):
        shutil.copytree(original / "src" / "modules" / example, root / "src" / "modules" / f"{example}_{index}")
    return root


def stacksync(*arguments: str) -> None:
    """Run the command."""
    subprocess.run([sys.executable, "-m", "stacksync", *arguments], stdout=subprocess.DEVNULL, check=True)


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
