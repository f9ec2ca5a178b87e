"""Questions on a terminal. They are put on standard error: standard output is for the answer alone."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.terminal import in_one_line, say

if TYPE_CHECKING:
    from questionary import Question

# Says what is wrong with an answer; True if nothing is.
Validate = Callable[[Any], "bool | str"]


@dataclass(frozen=True)
class Asked:
    """What a question is about.

    Args:
        message: The question.
        help: What else there is to know, shown above it.
        validate: Checks an answer.
    """

    message: str
    help: str = ""
    validate: Validate = lambda _answer: True


def can_ask() -> bool:
    """Say whether there is somebody to ask: standard output may be a file, the questions are not for it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def read_line(prompt: str) -> str:
    """Return a line that is typed behind a handler's own prompt: of `input()`, or a debugger's; "" for Ctrl-D."""
    say(prompt, err=True, end="")
    return sys.stdin.readline()


def text(asked: Asked, default: str = "") -> str:
    """Ask for a text."""
    import questionary

    return str(_ask(asked, questionary.text, default=in_one_line(default), validate=asked.validate))


def password(asked: Asked) -> str:
    """Ask for a text that is not shown."""
    import questionary

    return str(_ask(asked, questionary.password, validate=asked.validate))


def confirm(asked: Asked, default: bool = False) -> bool:
    """Ask for yes or no."""
    import questionary

    return bool(_ask(asked, questionary.confirm, default=default))


def choose(asked: Asked, options: Sequence[tuple[str, Any]], chosen: Any = None) -> Any:
    """Ask for one of some choices; typing looks among them.

    Args:
        options: The choices: what is shown, and what it stands for.
        chosen: What the first answer offered stands for, if it is among them.
    """
    import questionary

    # By number: it takes None for no value, and what is not shown would be found by nobody.
    choices = [questionary.Choice(_shown(label), at) for at, (label, _) in enumerate(options)]
    same = (at for at, (_, value) in enumerate(options) if value == chosen and type(value) is type(chosen))
    first = choices[next(same, 0)]
    return options[_ask(asked, questionary.select, choices=choices, default=first, **_SEARCH)][1]


def choose_some(asked: Asked, options: Sequence[tuple[str, Any, bool]]) -> list[Any]:
    """Ask for any number of choices.

    Args:
        options: The choices: what is shown, what it stands for, whether it is chosen already.
    """
    import questionary

    choices = [questionary.Choice(_shown(label), at, checked=on) for at, (label, _, on) in enumerate(options)]

    def validate(chosen: list[int]) -> bool | str:
        return asked.validate([options[at][1] for at in chosen])

    found = _ask(asked, questionary.checkbox, choices=choices, validate=validate, **_SEARCH)
    return [options[at][1] for at in found]


# With the filter on, letters look for a choice, so none of them moves.
_SEARCH: dict[str, Any] = {
    "use_search_filter": True,
    "use_jk_keys": False,
    "instruction": "(arrows, or type to search)",
}


def _shown(label: str) -> str:
    return in_one_line(label) or " "


def _ask(asked: Asked, ask: "Callable[..., Question]", **options: Any) -> Any:
    from prompt_toolkit.output import create_output

    if asked.help:
        say(asked.help, err=True)
    try:
        return ask(in_one_line(asked.message), output=create_output(sys.stderr), **options).unsafe_ask()
    except EOFError:  # Ctrl-D
        raise KeyboardInterrupt from None
