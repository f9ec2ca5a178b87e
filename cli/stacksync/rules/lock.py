"""The rule about requirements.lock, from which the image is installed."""

from collections.abc import Iterator

from stacksync.inspection.findings import Finding
from stacksync.inspection.places import Place, TextFile
from stacksync.inspection.survey import Survey
from stacksync.requirements.file import FILE, LOCK, LOCK_COMMAND, RequirementLine, requirement_lines
from stacksync.rules.rule import CheckRule

RENEW = f"stacksync run -- {LOCK_COMMAND} (first: stacksync run -- pip install uv)"


class OutdatedLock(CheckRule):
    """What is locked is what is asked for."""

    code = "REP005"
    title = "requirements.lock is not that of requirements.txt"
    why = "The image is installed from the lock: what it lacks, or has in another version, fails in production only."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what the lock lacks, has in another version, has without a hash, or has for nothing."""
        asked, locked = survey.text(FILE), survey.text(LOCK)
        if asked is None or locked is None:
            return

        requirements, pins = _named(asked), _named(locked)
        for requirement in requirements:
            message = _missed(requirement, [pin for pin in pins if pin.name == requirement.name])
            if message:
                yield self.found(_place(asked, requirement), message, RENEW)
        names = {requirement.name for requirement in requirements}
        for pin in pins:
            if pin.asked_for and pin.name not in names:
                yield self.found(_place(locked, pin), f"{FILE} does not ask for {pin.name}", RENEW, severity="warning")
            elif not pin.hashed and not (pin.requirement and pin.requirement.url):
                yield self.found(_place(locked, pin), f"{pin.name} has no hash, and pip refuses the whole file", RENEW)


def _named(file: TextFile) -> list[RequirementLine]:
    return [line for line in requirement_lines(file.text) if line.requirement]


def _place(file: TextFile, line: RequirementLine) -> Place:
    return file.place(line.start, line.end)


def _missed(requirement: RequirementLine, pins: list[RequirementLine]) -> str:
    if not pins:
        return f"{LOCK} has no {requirement.name}"

    other = [pin.version for pin in pins if not requirement.allows(pin)]
    return f"{LOCK} has {requirement.name} {', '.join(other)}, which is not asked for here" if other else ""


RULES: tuple[type[CheckRule], ...] = (OutdatedLock,)
