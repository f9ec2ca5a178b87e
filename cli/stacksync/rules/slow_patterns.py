"""The rule about patterns that a text can keep busy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.version import Version
from stacksync.rules.rule import CheckRule, VersionRule

if TYPE_CHECKING:
    from stacksync.runtime.forms import Pattern

SECONDS = 0.1  # for one text: a pattern of the usual kind takes less than a ten thousandth of it
LENGTH = 1000  # characters of a text
LONGEST_SAMPLE = 12  # of a pattern's own characters: the texts made from them grow with its cube


class SlowPattern(VersionRule):
    """Patterns are done with any text soon."""

    code = "SCH016"
    title = "A pattern can take time without end"
    why = "The form in the browser hangs; the connector stops the search after half a second and refuses the input."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the patterns that some text keeps busy."""
        from stacksync.runtime import forms

        if not version.form or not version.schema:
            return

        for field in version.form.walk():
            try:
                text = slow_text(forms.compile_pattern(field.validation.pattern or ""))
            except forms.PatternError:
                continue  # SCH015 tells
            if text:
                message = f"the pattern takes time without end, as with {text}"
                tip = "let each repetition begin with a character that cannot end the one before"
                yield self.found(version.schema.at((*field.source, "validation", "pattern")), message, tip)


def slow_text(pattern: "Pattern") -> str:
    """Describe a text that a pattern is not soon done with; "" where none was found.

    No rule tells slow patterns from others, so they are tried: with repeats of their own characters, behind what they
    may begin with, before what they cannot match.
    """
    for unit, begin, end in _trials(pattern.sample[:LONGEST_SAMPLE]):
        if not _is_soon_done(pattern, begin + unit * (LENGTH // len(unit)) + end):
            return f'many "{unit}"' + (f' after "{begin}"' if begin else "")
    return ""


def _trials(sample: str) -> Iterator[tuple[str, str, str]]:
    units = dict.fromkeys(sample[at : at + size] for size in (1, 2, 3) for at in range(len(sample) - size + 1))
    for unit in units:
        for begin in dict.fromkeys(sample[:size] for size in range(len(sample))):
            yield unit, begin, "\0"
            yield unit, begin, "\0" + sample  # a search that knows what must be there gives up without it


def _is_soon_done(pattern: "Pattern", text: str) -> bool:
    from stacksync.runtime import forms

    try:
        pattern.search(text, forms.Budget(SECONDS))
    except forms.Unchecked:
        return False
    return True


RULES: tuple[type[CheckRule], ...] = (SlowPattern,)
