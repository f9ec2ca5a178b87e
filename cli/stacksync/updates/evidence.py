"""What a user wrote and removed in a file, looked for in the result of an update.

Lines are counted, not placed: a brace, a blank line or a moved one then stands for itself, and not for another.
"""

from collections import Counter
from dataclasses import dataclass

CONFLICT_BEGINS, CONFLICT_ENDS = b"<<<<<<< before updating", b">>>>>>> after updating"

Lines = Counter[bytes]


@dataclass(frozen=True)
class Sides:
    """The contents that an update brings together: of the release that was there, of the user, of the new release."""

    base: bytes
    user: bytes
    release: bytes


@dataclass(frozen=True)
class Edits:
    """The lines that one side added to the base and removed from it, and the blocks of what it added."""

    added: Lines
    removed: Lines
    blocks: "tuple[tuple[bytes, ...], ...]" = ()


def missing_lines(sides: Sides, result: bytes) -> list[bytes]:
    """Return the lines of the user that are not in the result, and those removed by the user that came back."""
    base, user, release = Counter(lines_of(sides.base)), Counter(lines_of(sides.user)), Counter(lines_of(sides.release))
    return _missing(sides, result, Edits(user - base, base - user), Edits(release - base, base - release))


def missing_edits(sides: Sides, result: bytes, user: Edits, release: Edits) -> list[bytes]:
    """Return the same by what a comparison says that each side did, which tells a moved line too."""
    lines = lines_of(result)
    found = _missing(sides, result, user, release)
    return found or [line for block in user.blocks if not _stands(block, lines) for line in block]


def read_edits(patch: bytes) -> Edits:
    """Read what one side did from a patch without context."""
    blocks: list[list[bytes]] = []
    removed: Lines = Counter()
    for line in lines_of(patch):
        if line.startswith(b"@@"):
            blocks.append([])
        elif blocks and line.startswith(b"+"):
            blocks[-1].append(line[1:])
        elif blocks and line.startswith(b"-"):
            removed[line[1:]] += 1
    return Edits(Counter(line for block in blocks for line in block), removed, tuple(map(tuple, filter(None, blocks))))


def lines_of(content: bytes) -> list[bytes]:
    """Return the lines; what ends the last one is no part of it, since a merge may have to end it."""
    return content.removesuffix(b"\n").split(b"\n") if content else []


def has_conflict(content: bytes) -> bool:
    """Tell whether a content holds both sides."""
    return {CONFLICT_BEGINS, CONFLICT_ENDS} <= {line.rstrip() for line in lines_of(content)}


def _missing(sides: Sides, result: bytes, user: Edits, release: Edits) -> list[bytes]:
    lines = lines_of(result)
    there, disputed = Counter(lines), Counter(_in_conflict(lines))
    count = Counter(lines_of(sides.user)), Counter(lines_of(sides.release)), Counter(lines_of(sides.base))
    found = []
    for line in {**user.added, **user.removed}:
        merged = count[0][line] + count[1][line] - count[2][line]
        least = merged - min(user.added[line], release.added[line])
        most = merged + min(user.removed[line], release.removed[line]) + disputed[line]
        if (user.added[line] and there[line] < least) or (user.removed[line] and there[line] > most):
            found.append(line)
    return found


def _in_conflict(lines: list[bytes]) -> list[bytes]:
    """Return the lines of both sides of every conflict."""
    found, inside = [], False
    for line in lines:
        if line.rstrip() == CONFLICT_BEGINS:
            inside = True
        elif line.rstrip() == CONFLICT_ENDS:
            inside = False
        elif inside:
            found.append(line)
    return found


def _stands(block: "tuple[bytes, ...]", lines: list[bytes]) -> bool:
    wanted, first = list(block), block[0]
    places = (place for place, line in enumerate(lines) if line == first)
    return any(lines[place : place + len(wanted)] == wanted for place in places)
