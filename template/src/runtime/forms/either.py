"""A field that is one of two, by a condition on the data; only the static export makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .binding import Clauses, Steps
from .field import Field


@dataclass(frozen=True)
class Condition:
    """Clauses to test on an object.

    Args:
        base: the steps from the root to that object, which those of the tests begin with.
        within: the steps from it to the objects of which at least one must pass; () for the object itself.
    """

    clauses: Clauses
    base: Steps = ()
    within: Steps = ()


@dataclass(frozen=True)
class Either(Field):
    """The field `yes` where the condition holds, else the field `no`."""

    test: Condition = field(default=Condition(()))
    yes: Field = field(default=Field(""))
    no: Field = field(default=Field(""))

    def mapped(self, change: Callable[[Field], Field]) -> Field:
        """Return both branches changed."""
        return either(self.test, change(self.yes), change(self.no))


def either(test: Condition, yes: Field, no: Field) -> Field:
    """Return a field that depends on a condition, or one that does not when both branches are the same."""
    if yes == no and repr(yes) == repr(no):  # 1 == True, which in JSON it is not
        return yes

    return Either(id=no.id, test=test, yes=yes, no=no)
