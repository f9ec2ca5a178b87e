"""Patterns of a form: they mean what they mean in JavaScript, and take no more time than a request may spend on them.

Any pattern may search for hours, and no rule tells all those that do from the others. So the time is limited, which of
the engines for Python that of the `regex` package can do (https://pypi.org/project/regex/, "Timeout").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from time import perf_counter, thread_time
from typing import Any

from .pattern_characters import PatternError
from .pattern_translation import translate

SECONDS = 0.5  # what all patterns of one request may take together
LONGEST = 100_000  # characters: a search may remember some bytes for each
# A search begins without letting other threads run, for to get the interpreter back takes 5 ms while they are busy. One
# that takes longer than this goes on beside them. (`regex` looks at its clock once in 65,536 steps, or about 1 ms.)
ALONE = 0.001
TRIES = 3


class Unchecked(Exception):  # noqa: N818 - nothing is wrong with the program
    """A text that was not searched to its end; the message says why, to stand after the name of the field."""


class Budget:
    """The seconds that the patterns of a request have left."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.left = seconds


class Pattern:
    """A pattern of a form.

    Args:
        text: as it is written for JavaScript.

    Raises:
        PatternError: JavaScript does not know it, or it cannot be searched here.
    """

    def __init__(self, text: str) -> None:
        translated, self.always = translate(text)
        self.text, self.sample = text, translated.sample
        self._search = _found_everywhere if self.always else _engine(translated.text)

    def search(self, text: str, budget: Budget) -> bool:
        """Say whether the pattern is found, anywhere in a text.

        Raises:
            Unchecked: the text is too long, or there is no time left.
        """
        if self.always:
            return True
        if len(text) > LONGEST:
            raise Unchecked(f"must have at most {LONGEST} characters to be checked against the pattern {self.text}")
        if budget.left <= 0:
            raise self._out_of_time()

        begin = perf_counter()
        try:
            return self._search(text, concurrent=False, timeout=ALONE) is not None
        except TimeoutError:
            pass
        finally:
            budget.left -= perf_counter() - begin
        return self._search_on(text, budget)

    def _search_on(self, text: str, budget: Budget) -> bool:
        """Search while other threads run, and again if it was they that took the time: `regex` counts all of it."""
        for _ in range(TRIES):
            begin = thread_time()
            try:
                return self._search(text, concurrent=True, timeout=max(budget.left, 0)) is not None
            except TimeoutError:
                pass
            finally:
                budget.left -= thread_time() - begin
            if budget.left <= 0:
                break
        budget.left = 0
        raise self._out_of_time()

    def _out_of_time(self) -> Unchecked:
        return Unchecked(f"was not checked against the pattern {self.text}: the patterns of the form took too long")


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> Pattern:
    """Return a pattern, made once.

    Raises:
        PatternError: JavaScript does not know it, or it cannot be searched here.
    """
    return Pattern(text)


def refuses_some(text: str) -> bool:
    """Say whether a pattern refuses some texts: one that holds always, or cannot be searched, does not."""
    try:
        return not compile_pattern(text).always
    except PatternError:
        return False


def _found_everywhere(*_: Any, **__: Any) -> bool:
    return True


def _engine(text: str) -> Callable[..., Any]:
    """Return what searches for a translated pattern."""
    import regex  # takes 50 ms and 12 MB, which a form without a pattern of any consequence does not need

    try:
        search: Callable[..., Any] = regex.compile(text, regex.V0).search
    except (regex.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error)) from None
    return search
