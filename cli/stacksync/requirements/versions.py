"""Whether two demands on one package can be met by one version."""

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version


def can_agree(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Say whether some version fits both; which versions were ever published is not known here."""
    both = one & other
    return any(both.contains(version, prereleases=True) for version in _candidates(both))


def _candidates(specifiers: SpecifierSet) -> Iterator[Version]:
    """Yield the versions at the ends of each range, and just above and below them: if any fits, one of these does."""
    yield from (Version("0"), Version("99999"))
    for specifier in specifiers:
        try:
            version = Version(specifier.version.removesuffix(".*"))
        except InvalidVersion:  # `===` takes any text
            continue
        yield version
        yield Version(f"{version.epoch}!{'.'.join(map(str, (*version.release, 0, 0, 0, 1)))}")
        yield from _below(version)


def _below(version: Version) -> Iterator[Version]:
    head = list(version.release)
    while head and not head[-1]:
        head.pop()
    if head:
        yield Version(f"{version.epoch}!{'.'.join(map(str, (*head[:-1], head[-1] - 1, 99999)))}")
