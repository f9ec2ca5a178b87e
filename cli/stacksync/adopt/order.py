"""What to adopt, and how it is adopted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stacksync.adopt.existing import Existing
from stacksync.adopt.plan import Plan
from stacksync.answers import Given
from stacksync.requirements.adoption import AdoptedRequirements, Conflict
from stacksync.source import TemplateSource

if TYPE_CHECKING:
    from stacksync.inspection.inspection import Inspection


Tell = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What to adopt.

    Args:
        root: The connector's folder.
        source: The template.
        given: Answers by the name of the question, which go before what the files say.
        raises_pins: Asked with the pins that exclude what the runtime needs: whether to raise them.
    """

    root: Path
    source: TemplateSource
    given: Mapping[str, Given] = field(default_factory=dict)
    raises_pins: Callable[[Sequence[Conflict]], bool] = lambda _: False


@dataclass(frozen=True)
class Adoption:
    """A connector as it is adopted.

    Args:
        existing: As it was.
        plan: What becomes of its files.
        refused: The answers that the template did not take, each with its rule.
        requirements: What became of its requirements files.
        inspection: What `stacksync check` finds in the result.
        moved: The contents of the files that were moved.
        lines: Of files that were brought together, the lines of the user that gave way.
        lock_fault: Why requirements.lock is not that of the requirements; empty where it is.
        staged: The files that git ignores, and was told to take.
    """

    existing: Existing
    plan: Plan
    refused: Mapping[str, str]
    requirements: Mapping[str, AdoptedRequirements]
    inspection: "Inspection"
    moved: Mapping[str, bytes]
    lines: Mapping[str, list[str]]
    lock_fault: str
    staged: list[str]
