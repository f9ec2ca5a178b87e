"""Print how long the command takes beside what it is built on: python tests/benchmarks/cli.py [ROUNDS].

Each line is the median of runs that took turns, so that a busy machine slows all of them alike: seconds of clock, and
of CPU with all children. The command runs from a folder laid out as the wheel installs it. Cookiecutter is measured
when it is installed (the extra `bench`). Loading, rendering and git are measured apart as well.
"""

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory(prefix="stacksync-benchmark-") as folder:
        place = Path(folder)
        installed, tagged = install(place), tag(place)
        os.environ["PYTHONPATH"] = str(installed)
        files = render_once(place)
        help_runs: dict[str, list[str]] = {
            "python -c 'import typer'": [PYTHON, "-c", "import typer"],
            "stacksync --help": [PYTHON, "-m", "stacksync", "--help"],
        }
        new = [PYTHON, "-m", "stacksync", "new", "x", "--defaults", "--no-git", "--quiet"]
        commit = [PYTHON, "-m", "stacksync", "new", "x", "--defaults", "--quiet"]
        copy = [PYTHON, "-m", "copier", "copy", "--defaults", "--quiet", "-r", "v0.1.0", str(tagged), "x"]
        make_runs: dict[str, list[str]] = {
            "copier copy -r TAG": copy,
            "stacksync new --no-git": new,
            "stacksync new": commit,
        }
        if importlib.util.find_spec("cookiecutter"):
            same_files = cookiecutter(place)
            make_runs["cookiecutter"] = [PYTHON, "-m", "cookiecutter", "--no-input", str(same_files)]

        show(f"help, median of {rounds}", medians(help_runs, place, rounds), "python -c 'import typer'")
        show(f"{files} files, median of {rounds}", medians(make_runs, place, rounds), "copier copy -r TAG")
        for name, run in make_runs.items():
            print(f"  {name}: {' '.join(run)}")
        show_stages(f"CPU of each stage, median of {rounds}", stages(str(tagged), place, rounds))


def install(place: Path) -> Path:
    """Lay the package out as its wheel does."""
    package = place / "installed" / "stacksync"
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "cli/stacksync", package, ignore=ignore)
    shutil.copytree(ROOT / "hooks", package / "_hooks", ignore=ignore)
    shutil.copytree(ROOT / "template", package / "_template/template", ignore=ignore)
    shutil.copy(ROOT / "copier.yml", package / "_template")
    source = {"ref": "v0.1.0", "exact": True, "dirty": False, "url": "https://example.invalid/stacksync.git"}
    (package / "_source.json").write_text(json.dumps(source), encoding="utf-8")
    return package.parent


def tag(place: Path) -> Path:
    """Commit and tag the same template."""
    repository = place / "tagged"
    shutil.copytree(place / "installed/stacksync/_template", repository)
    identity = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "x"], ["tag", "v0.1.0"]):
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    return repository


def render_once(place: Path) -> int:
    """Render the connector that cookiecutter's template is made of, and count its files."""
    command = [PYTHON, "-m", "stacksync", "new", str(place / "rendered"), "--defaults", "--no-git", "--json"]
    report = subprocess.run(command, capture_output=True, text=True, check=True)
    return len(json.loads(report.stdout)["files"])


def cookiecutter(place: Path) -> Path:
    """Convert the same files: what has answers in it is rendered there too, the rest is copied."""
    template = place / "cookiecutter"
    project = template / "{{ cookiecutter.name }}"
    shutil.copytree(place / "rendered", project)
    rendered = {path.name.removesuffix(".jinja") for path in (ROOT / "template").rglob("*.jinja")} | {
        ".copier-answers.yml"
    }
    paths = [path for path in project.rglob("*") if path.is_file()]
    for path in paths:
        if path.name in rendered:
            text = path.read_text(encoding="utf-8").replace("Rendered", "{% endraw %}{{ cookiecutter.title }}{% raw %}")
            path.write_text(f"{{% raw %}}{text}{{% endraw %}}", encoding="utf-8")
    copied = sorted({f"*/{path.name}" for path in paths if path.name not in rendered})
    settings = {"name": "x", "title": "X", "_copy_without_render": copied}
    (template / "cookiecutter.json").write_text(json.dumps(settings), encoding="utf-8")
    return template


def medians(runs: dict[str, list[str]], place: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Run each in turn, `rounds` times after one to warm up, in an empty folder; return seconds of clock and CPU."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            with tempfile.TemporaryDirectory(dir=place) as empty:
                begin, used = time.perf_counter(), children()
                subprocess.run(run, cwd=empty, stdin=subprocess.DEVNULL, capture_output=True, check=True)
                times[name].append((time.perf_counter() - begin, children() - used))
    return {name: _median_pair(taken[1:]) for name, taken in times.items()}


def _median_pair(taken: list[tuple[float, float]]) -> tuple[float, float]:
    clock, cpu = (statistics.median(values) for values in zip(*taken, strict=True))
    return clock, cpu


def children() -> float:
    """Return the CPU seconds of all processes that were waited for."""
    used = os.times()
    return used.children_user + used.children_system


def show(title: str, found: dict[str, tuple[float, float]], base: str) -> None:
    """Print one table."""
    print(title)
    for name, (clock, cpu) in found.items():
        ratios = f"{clock / found[base][0]:5.2f} x {cpu / found[base][1]:9.2f} x"
        print(f"  {name:26} {clock * 1000:7.0f} ms {cpu * 1000:7.0f} ms of CPU  {ratios}")


# --- stages --------------------------------------------------------------------------------------

_HEAD = """
import gc, json, os, sys
gc.disable()
def now():
    return sum(os.times()[:4])
at = [now()]
"""
# A stage ends with each `at.append`.
STAGES = {
    "copier": """
import copier
at.append(now())
copier.run_copy(sys.argv[1], "x", vcs_ref="v0.1.0", defaults=True, quiet=True)
at.append(now())
""",
    "stacksync": """
from pathlib import Path
import stacksync.app
import stacksync.template
from stacksync.hooks import hook
from stacksync.source import find_source
at.append(now())
stacksync.template.render(find_source(), Path("x"), {})
at.append(now())
hook("first_commit")(Path("x"))
at.append(now())
""",
}
NAMES = ("import", "render", "git")  # of Copier's, git is a part of its render: it clones and asks


def stages(tagged: str, place: Path, rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of each stage of both, runs taking turns."""
    times: dict[str, list[list[float]]] = {name: [] for name in STAGES}
    for _ in range(rounds + 1):
        for name, code in STAGES.items():
            with tempfile.TemporaryDirectory(dir=place) as empty:
                run = [PYTHON, "-c", f"{_HEAD}{code}print(json.dumps(at))", tagged]
                done = subprocess.run(run, cwd=empty, stdin=subprocess.DEVNULL, capture_output=True, check=True)
                at = json.loads(done.stdout.splitlines()[-1])
                times[name].append([after - before for before, after in pairwise(at)])
    return {name: [statistics.median(each) for each in zip(*taken[1:], strict=True)] for name, taken in times.items()}


def show_stages(title: str, found: dict[str, list[float]]) -> None:
    """Print what each stage takes."""
    print(title)
    for name, seconds in found.items():
        parts = (f"{stage} {each * 1000:.0f} ms" for stage, each in zip(NAMES, seconds, strict=False))
        print(f"  {name:26} {', '.join(parts)}")
    print(f"  our render is {found['stacksync'][1] / found['copier'][1]:.2f} of Copier's")


if __name__ == "__main__":
    main()
