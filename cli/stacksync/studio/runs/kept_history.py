"""A history that survives a restart: runs are written to files, without secrets, and read when first asked for."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import RLock

from stacksync.errors import StacksyncError
from stacksync.studio.runs.history import History, HistoryEntry
from stacksync.studio.runs.history_files import HistoryFiles
from stacksync.studio.runs.records import entry_of, record_of


class KeptHistory(History):
    """The newest calls, and the runs of earlier times.

    Args:
        files: Where runs are kept. What choices and forms were asked for is forgotten: the page asks for it anew.
    """

    def __init__(self, files: HistoryFiles) -> None:
        super().__init__()
        self._files = files
        self._loading = RLock()
        self._is_loaded = False
        self.problem = ""

    def next_number(self) -> int:
        """Return the number of the next call, which follows those of earlier times."""
        self._load()
        return super().next_number()

    def add(self, entry: HistoryEntry, secrets: Iterable[str] = ()) -> None:
        """Keep a call; a run also for later times."""
        super().add(entry)
        if entry.endpoint != "execute":
            return

        try:
            self._files.write(record_of(entry, secrets))
            self.problem = ""
        except StacksyncError as error:  # the run itself went well: the page says that it will not be kept
            self.problem = str(error)

    def of(self, module_path: str) -> list[HistoryEntry]:
        """Return the calls of one version of a module, newest first."""
        self._load()
        return super().of(module_path)

    def get(self, number: int) -> HistoryEntry | None:
        """Return one call."""
        self._load()
        return super().get(number)

    def clear(self) -> None:
        """Forget every call, here and in the files.

        Raises:
            StacksyncError: The files cannot be removed.
        """
        self._load()
        super().clear()
        self._files.clear()

    def _load(self) -> None:
        with self._loading:
            if not self._is_loaded:
                self._is_loaded = True
                self._begin_with(list(self._earlier()))

    def _earlier(self) -> Iterator[HistoryEntry]:
        for record in self._files.read():
            with suppress(ValueError):  # of another release
                yield entry_of(record)
