"""Print how long `stacksync update` takes beside plain Copier: python tests/benchmarks/update.py [ROUNDS].

A connector of v0.1.0, fifty edited lines in it, and a release v0.2.0 that changes ten files. Each line is the median of
runs that took turns, each on the same committed connector.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
CHANGED = 10


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory(prefix="stacksync-benchmark-") as folder:
        place = Path(folder)
        os.environ |= {"HOME": folder, "PYTHONPATH": str(ROOT / "cli"), "GIT_CONFIG_NOSYSTEM": "1"}
        connector = make(place, publish(place))
        update = [PYTHON, "-m", "stacksync", "update"]
        runs = {
            "copier update": [PYTHON, "-m", "copier", "update", "--defaults", "--quiet"],
            "stacksync update": update,
            "stacksync update --check": [*update, "--check"],
            "stacksync update --diff": [*update, "--diff"],
            "stacksync update --drift": [*update, "--drift"],
        }
        show(rounds, medians(runs, connector, rounds))


def publish(place: Path) -> Path:
    """Tag this checkout's template, and then one that is changed."""
    repository = place / "template"
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "template", repository / "template", ignore=ignore)
    shutil.copytree(ROOT / "documentation", repository / "documentation", ignore=ignore)
    shutil.copy(ROOT / "copier.yml", repository)
    git(repository, "init", "--quiet")
    commit(repository, "v0.1.0")
    for path in sorted((repository / "template/src/runtime").glob("*.py"))[:CHANGED]:
        path.write_text(f"{path.read_text(encoding='utf-8')}# new\n", encoding="utf-8")
    commit(repository, "v0.2.0")
    return repository


def make(place: Path, template: Path) -> Path:
    """Make a connector of the first release, and edit it."""
    connector = place / "crm"
    options = ["--defaults", "--quiet", "--vcs-ref", "v0.1.0"]
    subprocess.run([PYTHON, "-m", "copier", "copy", *options, str(template), str(connector)], check=True)
    for path in sorted((connector / "src/runtime").glob("*.py"))[:CHANGED]:
        path.write_text("# mine\n" * 5 + path.read_text(encoding="utf-8"), encoding="utf-8")
    git(connector, "init", "--quiet")
    commit(connector, "made")
    return connector


def commit(folder: Path, tag: str) -> None:
    """Commit everything and tag it."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)


def git(folder: Path, *arguments: str) -> None:
    """Run git as nobody in particular."""
    identity = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def medians(runs: dict[str, list[str]], connector: Path, rounds: int) -> dict[str, float]:
    """Run each in turn, `rounds` times after one to warm up, each on the connector as it was committed."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            begin = time.perf_counter()
            subprocess.run(run, cwd=connector, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            times[name].append(time.perf_counter() - begin)
            git(connector, "reset", "--quiet", "--hard")
            git(connector, "clean", "--quiet", "--force", "-d")
    return {name: statistics.median(taken[1:]) for name, taken in times.items()}


def show(rounds: int, found: dict[str, float]) -> None:
    """Print the table."""
    print(f"a release that changes {CHANGED} files, median of {rounds}")
    for name, seconds in found.items():
        print(f"  {name:26} {seconds * 1000:7.0f} ms  {seconds / found['copier update']:5.2f} x")


if __name__ == "__main__":
    main()
