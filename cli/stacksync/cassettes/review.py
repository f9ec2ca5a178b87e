"""A recording as it is shown before it is written, and its values replaced by whoever knows whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.errors import UsageError
from stacksync.masking import SHORTEST, texts_of
from stacksync.runtime import CassetteError, calls_of, fields_of, hosts_of, replaced
from stacksync.terminal import in_one_line, say

MOST_SHOWN = 60  # characters of a value


@dataclass(frozen=True)
class Shown:
    """A field of what was recorded.

    Args:
        path: By which its values are replaced.
        first: The first of them.
        count: How many different ones there are.
        is_given: Whether the module or the example sends one of them of its own accord, and not because an answer
            brought it: replaced here alone, its call would not be found again.
    """

    path: str
    first: str
    count: int
    is_given: bool = False


@dataclass(frozen=True)
class Review:
    """What is shown of a recording."""

    hosts: list[str]
    calls: list[str]
    fields: list[Shown]


def review(content: Any, given: Any = None) -> Review:
    """Return what is shown of a recording.

    Args:
        given: The request of the example that was recorded.
    """
    found = fields_of(content)
    sent = {text for text in texts_of(given) if len(text) >= SHORTEST}
    brought = {str(value) for path, values in found.items() if path.startswith("response.") for value in values}

    def is_given(path: str, value: object) -> bool:
        return str(value) in sent or not (path.startswith("response.") or str(value) in brought)

    fields = [
        Shown(path, _short(values[0]), len(values), any(is_given(path, value) for value in values))
        for path, values in found.items()
    ]
    return Review(hosts_of(content), calls_of(content), fields)


def with_replacements(content: Any, replacements: Mapping[str, str]) -> Any:
    """Return a recording with the values of fields replaced, by path.

    Raises:
        UsageError: It has no such field.
    """
    try:
        for path, instead in replacements.items():
            content = replaced(content, path, instead)
    except CassetteError as error:
        raise UsageError(str(error), "see the fields of the recording") from None
    return content


def reviewed(content: Any) -> Any:
    """Show a recording on the terminal, ask for replacements, and return what is to be written; None for nothing."""
    from stacksync.invocation import prompts

    _show(review(content))
    while True:
        asked = prompts.Asked(
            "Replace a field (PATH=TEXT), Enter to write, q to leave it",
            "These may be people: record test accounts. {n} in TEXT is a number, so that values stay different.",
        )
        typed = prompts.text(asked).strip()
        if typed in ("", "q"):
            return None if typed else content
        path, _, instead = typed.partition("=")
        try:
            content = with_replacements(content, {path.strip(): instead.strip()})
        except UsageError as error:
            say(f"{error}", err=True)
            continue
        _show(review(content))


def _show(shown: Review) -> None:
    say(f"Hosts: {', '.join(shown.hosts) or 'none'}", err=True)
    for line in shown.calls or ["no call was made"]:
        say(f"  {in_one_line(line)}", err=True)
    if shown.fields:
        say("Fields of queries and bodies:", err=True)
    for each in shown.fields:
        more = f" and {each.count - 1} more" if each.count > 1 else ""
        more += " (sent by the module)" if each.is_given else ""
        say(f"  {in_one_line(each.path)}: {each.first}{more}", err=True)


def _short(value: Any) -> str:
    text = in_one_line(str(value))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
