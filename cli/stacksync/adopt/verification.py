"""Nothing of the user's is lost: each of their lines is looked for in the result before anything is written."""

from collections.abc import Iterable, Mapping

from stacksync.adopt.merging import missing_lines
from stacksync.adopt.plan import Plan, Step
from stacksync.errors import StacksyncError
from stacksync.updates.store import Tree

# Of each file that was brought together, the user's content and the result's.
Merged = Mapping[str, tuple[bytes, bytes]]

_SHOWN = 60


def refuse_losses(before: Tree, after: Tree, plan: Plan, merged: Merged, told: Iterable[str]) -> None:
    """Refuse a result that lacks something of the user's.

    Args:
        before: Their files.
        after: The files of the result.
        plan: What was to become of them.
        merged: Those that were brought together.
        told: The lines that give way, and are named in the report.

    Raises:
        StacksyncError: It lacks something.
    """
    steps = {step.path: step for step in plan.steps}
    named = {line.strip() for line in told}
    for path, entry in before.items():
        step = steps.get(path)
        if after.get(path) == entry or (step and _is_elsewhere(step, after, path, before)):
            continue
        mine, result = merged.get(path, (b"", b""))
        lost = [line for line in missing_lines(mine, result) if line.strip() not in named]
        if path not in merged or lost:
            raise _would_lose(path, lost)


def _is_elsewhere(step: Step, after: Tree, path: str, before: Tree) -> bool:
    """Tell whether a file is whole in its new place, or nobody's work."""
    return step.fate == "replaced" or (step.fate == "moved" and after.get(step.to) == before[path])


def _would_lose(path: str, lost: list[str]) -> StacksyncError:
    what = f"a line of {path}: {lost[0].strip()[:_SHOWN]!r}" if lost else path
    return StacksyncError(
        f"The adoption would lose {what}, so nothing was changed.", "this is a fault of stacksync: report it"
    )
