"""How the template's questions are asked in a terminal: in whole words, with what each key does and why one is refused.

Copier hands each question to questionary, which cuts a refusal at the right edge. Copier's own words before it,
"Validation error for question 'app_type'", would take half of a line of 80.
"""

import re
import shutil
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from questionary import unsafe_prompt

# For `new` and `update --ask` to say once, before the first question.
HOW_TO_ANSWER = "Enter takes the answer that is shown; type over it for another. Ctrl-C leaves nothing behind."

_KEYS = {
    "select": "(arrow keys, then Enter)",
    "checkbox": "(Space selects, Enter goes on, also with none)",
    "confirm": "(y/N; Enter is No)",
}
_COPIERS_WORDS = re.compile(r"Validation error for question '\w+': ")


def ask(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Ask questions as questionary takes them, and return the answers by their names."""
    return unsafe_prompt([_shown(question) for question in questions], answers=dict(answers))


def _shown(question: Mapping[str, Any]) -> dict[str, Any]:
    shown = {**question, "qmark": "?", "message": _wrapped(question["message"])}
    kind = question["type"]
    if kind in _KEYS:
        shown["instruction"] = _KEYS[kind].replace("y/N; Enter is No", _yes_or_no(question))
    if "validate" in question:
        shown["validate"] = _refusal(question)
    return shown


def _wrapped(message: str) -> str:
    """Break lines between words; the mark and a space go before the first, and two spaces before the answer stay."""
    width = min(shutil.get_terminal_size().columns, 100) - 3
    lines = [line for text in message.rstrip().splitlines() for line in textwrap.wrap(text, width)]
    return "\n  ".join(lines) + ("\n " if message.endswith("\n  ") else "")


def _yes_or_no(question: Mapping[str, Any]) -> str:
    return "Y/n; Enter is Yes" if question.get("default") else "y/N; Enter is No"


def _refusal(question: Mapping[str, Any]) -> Callable[[Any], str | bool]:
    def validate(answer: Any) -> str | bool:
        said = question["validate"](answer)
        if said == "Invalid input":  # of another type, which Copier does not name
            return f"must be like {question['default']}" if question.get("default") else "cannot be read"
        return said if said is True else " ".join(_COPIERS_WORDS.sub("", said).split())

    return validate
