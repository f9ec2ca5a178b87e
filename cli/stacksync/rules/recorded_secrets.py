"""Rules about secrets in what is recorded: cassettes, and examples."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from stacksync.inspection.findings import Finding
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.json_places import Step
from stacksync.inspection.secret_values import is_secret, looks_secret
from stacksync.inspection.survey import Survey
from stacksync.rules.rule import CheckRule

_RECORDED = re.compile(r"(^|/)(cassettes|examples)/[^/]+\.json$")
_MADE_UP = re.compile(r"(?i)made[-_]?up|\$\{")


class RecordedSecret(CheckRule):
    """No secret is kept with a call."""

    code = "REP008"
    private = True
    title = "A cassette or an example holds a secret"
    why = "Whoever can read the repository, now or later, has it. Placeholders stand for values of connections."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the values that are secrets."""
        for name in survey.files:
            file = survey.text(name) if _RECORDED.search(name) else None
            document = JsonDocument(file) if file else None
            if document and document.fault is None:
                yield from self._in(document)

    def _in(self, document: JsonDocument) -> Iterator[Finding]:
        for path, value in _texts((), document.value):
            key = next((step for step in reversed(path) if isinstance(step, str)), "")
            named = _is_open(key, value) or any(_is_open(*pair) for pair in _query(value))
            if named or (looks_secret(value) and not _MADE_UP.search(value)):
                said = f'"{key}" holds what looks like a secret'
                tip = "write a placeholder such as ${token} instead, and replace the secret where it was issued"
                yield self.found(document.at(path), said, tip)


def _is_open(name: str, value: str) -> bool:
    return is_secret(name, value) and not _MADE_UP.search(value)


def _query(value: str) -> list[tuple[str, str]]:
    if "=" not in value or "\n" in value:
        return []
    try:
        return parse_qsl(urlsplit(value).query)
    except ValueError:
        return []


def _texts(path: tuple[Step, ...], value: Any) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts((*path, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts((*path, index), inner)


RULES: tuple[type[CheckRule], ...] = (RecordedSecret,)
