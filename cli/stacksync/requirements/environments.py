"""The distributions in a connector's virtual environment, read as files: nothing of it is started.

An environment comes with the connector and may hold anything, so no link in it is followed, and only what files of a
usual size say is read.
"""

import csv
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath

from packaging.utils import canonicalize_name

from stacksync.connector import Connector
from stacksync.requirements.file import parse_requirement

_FOLDERS = (".venv", "venv")
_PACKAGES = ("lib/python*/site-packages", "Lib/site-packages")
# What is read of a distribution, and what none of these files is larger than.
_READ = ("METADATA", "RECORD", "top_level.txt")
_LARGEST = 8_000_000


class Distributions:
    """The distributions that are installed in a connector's environment.

    Args:
        connector: The connector.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def modules_of(self, names: Iterable[str]) -> frozenset[str]:
        """Return what can be imported of these distributions and of all that they require."""
        modules, waiting, seen = set[str](), list(names), set[str]()
        while waiting:
            name = waiting.pop()
            folder = self._folders.get(name) if name not in seen else None
            seen.add(name)
            if folder and _is_plain(folder):
                found, required = _read(Distribution.at(folder))
                modules |= found
                waiting += required
        return frozenset(modules)

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """Where each distribution's metadata lies, by normalised name."""
        places = [place for name in _FOLDERS for place in self._packages(self._connector.root / name)]
        infos = (info for place in places for info in place.glob("*.dist-info"))
        return {canonicalize_name(info.name.partition("-")[0]): info for info in infos}

    def _packages(self, environment: Path) -> Iterator[Path]:
        if environment.is_symlink() or not (environment / "pyvenv.cfg").is_file():
            return
        for pattern in _PACKAGES:
            yield from (place for place in environment.glob(pattern) if not self._connector.link_to(place))


def _is_plain(folder: Path) -> bool:
    files = [folder / name for name in _READ]
    usual = all(not file.exists() or (file.is_file() and file.stat().st_size <= _LARGEST) for file in files)
    return usual and not any(path.is_symlink() for path in (folder, *files))


def _read(distribution: Distribution) -> tuple[set[str], list[str]]:
    """Return the names at the top of what a distribution installs, and the distributions that it requires."""
    try:
        lines = map(parse_requirement, distribution.requires or ())
        files = [PurePosixPath(file).parts for file in distribution.files or ()]
        named = (distribution.read_text("top_level.txt") or "").split()
    except (OSError, ValueError, TypeError, csv.Error):  # the third where there is no METADATA
        return set(), []

    tops = {parts[0].removesuffix(".py") for parts in files if parts and not parts[0].endswith((".data", ".."))}
    return {*named, *tops}, [line.name for line in lines if line and line.requirement]
