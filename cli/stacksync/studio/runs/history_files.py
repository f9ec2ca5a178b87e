"""Runs kept in files, so that they are there after a restart: `.stacksync/history/`, one file for each, no secrets."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain_text
from stacksync.studio.private_folder import FOLDER, private_folder, write_private

MOST_BYTES = 50_000_000
MOST_RUNS = 500
NAME = re.compile(r"[0-9]{20}\.json")  # of the moment; other files are none of ours

Record = Mapping[str, Any]


@dataclass(frozen=True)
class HistoryFiles:
    """The files of one connector, of which the newest are kept: 50 MB, and 500 runs.

    Args:
        root: The connector's folder.
    """

    root: Path
    most_bytes: int = MOST_BYTES
    most_runs: int = MOST_RUNS

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.root / FOLDER / "history"

    def read(self) -> Iterator[Record]:
        """Yield every run that can be read, oldest first."""
        for file in self._files():
            try:
                record = json.loads(read_plain_text(file, "surrogatepass"))
            except (OSError, ValueError, RecursionError):
                continue  # of another release, or cut off by a full disk: the others are there still
            if isinstance(record, Mapping):
                yield record

    def write(self, record: Record) -> None:
        """Keep a run, and drop the oldest where there are too many; one that is larger than all may be is not kept.

        Raises:
            StacksyncError: It cannot be written.
        """
        text = json.dumps(record, ensure_ascii=False)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self.most_bytes:
            return

        try:
            self._refuse_links()
            private_folder(self.root)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._make_room(size)
            write_private(self.folder / f"{time.time_ns():020d}.json", text)
        except OSError as error:
            raise StacksyncError(f"{FOLDER}/history cannot be written: {error.strerror}.") from error

    def clear(self) -> None:
        """Remove every run.

        Raises:
            StacksyncError: They cannot be removed.
        """
        try:
            self._refuse_links()
            for file in self._files():
                file.unlink(missing_ok=True)
        except OSError as error:
            raise StacksyncError(f"{FOLDER}/history cannot be cleared: {error.strerror}.") from error

    def _make_room(self, size: int) -> None:
        files = self._files()
        sizes = [file.stat().st_size for file in files]
        while files and (sum(sizes) + size > self.most_bytes or len(files) >= self.most_runs):
            files.pop(0).unlink(missing_ok=True)
            sizes.pop(0)

    def _files(self) -> list[Path]:
        try:
            return sorted(file for file in self.folder.iterdir() if NAME.fullmatch(file.name))
        except OSError:
            return []

    def _refuse_links(self) -> None:
        Connector(self.root).refuse_links(self.folder)
