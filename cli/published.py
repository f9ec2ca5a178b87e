"""Renew the list of what the vendor's template has published: `python cli/published.py GIT_DIRECTORY`.

The directory is a clone of github.com/stacksyncdata/workflows-app-connector-template with its whole history. Nothing
but hashes is written: of every file of every commit, and of the lines of those that `stacksync adopt` moves.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from stacksync.adopt.published import FILE, content_hash, line_hashes
from stacksync.adopt.roles import is_moved


def main() -> None:
    """Write the list."""
    files: dict[str, set[str]] = {}
    lines: set[str] = set()
    for path, content in _published(Path(sys.argv[1])):
        files.setdefault(path, set()).add(content_hash(content))
        lines |= set(line_hashes(content)) if is_moved(path) else set()
    facts = {"files": {path: sorted(files[path]) for path in sorted(files)}, "lines": sorted(lines)}
    FILE.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _published(repository: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every state of every file; what was compiled from another file, and secrets' own files, are no states."""
    seen = set[tuple[str, str]]()
    for commit in _git(repository, "rev-list", "--all").decode().split():
        for entry in filter(None, _git(repository, "ls-tree", "-r", "-z", commit).split(b"\0")):
            facts, _, name = entry.partition(b"\t")
            path, blob = os.fsdecode(name), facts.decode().split()[2]
            if (path, blob) not in seen and not path.endswith((".pyc", ".env")):
                seen.add((path, blob))
                yield path, _git(repository, "cat-file", "blob", blob)


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout


if __name__ == "__main__":
    main()
