"""Print how long `stacksync update` takes beside plain Copier: python tests/benchmarks/update.py [ROUNDS].

A connector of v0.1.0, fifty edited lines in it, and a release v0.2.0 that changes ten files: in a repository of its
own, and in one of 20,000 other files. Each line is the median of runs that took turns, each on the same committed
connector. What is compared is the time of the processor, git's included: it hardly depends on what else goes on.
"""

import os
import resource
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
OTHERS = 20_000


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory(prefix="stacksync-benchmark-") as folder:
        place = Path(folder)
        os.environ |= {"HOME": folder, "PYTHONPATH": str(ROOT / "cli"), "GIT_CONFIG_NOSYSTEM": "1"}
        template = publish(place)
        update = [PYTHON, "-m", "stacksync", "update"]
        runs = {
            "copier update": [PYTHON, "-m", "copier", "update", "--defaults", "--quiet"],
            "stacksync update": update,
            "stacksync update --check": [*update, "--check"],
            "stacksync update --diff": [*update, "--diff"],
            "stacksync update --drift": [*update, "--drift"],
        }
        show(f"in a repository of its own, median of {rounds}", medians(runs, make(place / "crm", template), rounds))
        few = dict(list(runs.items())[:2])
        among = f"among {OTHERS:,} other files, median of {rounds}"
        show(among, medians(few, make(place / "monorepo/apps/crm", template, OTHERS), rounds))


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


def make(connector: Path, template: Path, others: int = 0) -> Path:
    """Make a connector of the first release, and edit it; with others, in a folder of their repository."""
    options = ["--defaults", "--quiet", "--vcs-ref", "v0.1.0"]
    subprocess.run([PYTHON, "-m", "copier", "copy", *options, str(template), str(connector)], check=True)
    for path in sorted((connector / "src/runtime").glob("*.py"))[:CHANGED]:
        path.write_text("# mine\n" * 5 + path.read_text(encoding="utf-8"), encoding="utf-8")
    top = connector.parents[1] if others else connector
    for number in range(others):
        path = top / f"packages/{number // 100:03}/{number:05}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"number = {number}\n" * 20, encoding="utf-8")
    git(top, "init", "--quiet")
    commit(top, "made")
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


def medians(runs: dict[str, list[str]], connector: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Run each in turn, `rounds` times after one to warm up, each on the connector as it was committed.

    Returns:
        The seconds of the processor, and those that passed.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            begin, used = time.perf_counter(), processor_time()
            subprocess.run(run, cwd=connector, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            times[name].append((processor_time() - used, time.perf_counter() - begin))
            git(connector, "reset", "--quiet", "--hard")
            git(connector, "clean", "--quiet", "--force", "-d")
    return {name: tuple(map(statistics.median, zip(*taken[1:], strict=True))) for name, taken in times.items()}


def processor_time() -> float:
    """Return what processes that ended have used, with those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(title: str, found: dict[str, tuple[float, float]]) -> None:
    """Print the table."""
    print(f"a release that changes {CHANGED} files, {title}")
    for name, (used, passed) in found.items():
        share = used / found["copier update"][0]
        print(f"  {name:26} {used * 1000:7.0f} ms of processor time  {share:5.2f} x  {passed * 1000:7.0f} ms passed")


if __name__ == "__main__":
    main()
