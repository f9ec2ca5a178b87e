"""Why runs of Studio get no answer: the process that worked on them was ended."""

from collections import OrderedDict
from threading import Condition

KEPT = 100


class LostRuns:
    """The newest runs that were lost, and why. Any thread may tell and ask."""

    def __init__(self) -> None:
        self._reasons: OrderedDict[str, str] = OrderedDict()
        self._changed = Condition()

    def tell(self, run: str, reason: str) -> None:
        """Say why a run gets no answer."""
        with self._changed:
            self._reasons[run] = reason
            while len(self._reasons) > KEPT:
                self._reasons.popitem(last=False)
            self._changed.notify_all()

    def why(self, run: str, patience: float) -> str:
        """Return once why a run was lost, waiting for it: connections break before anybody knows how a process ended.

        Args:
            patience: Seconds to wait; "" is returned after that.
        """
        with self._changed:
            self._changed.wait_for(lambda: run in self._reasons, patience)
            return self._reasons.pop(run, "")
