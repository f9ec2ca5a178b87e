"""Long lists of choices: each is one text, which the page asks for once, however often the form is drawn."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .texts import to_text

if TYPE_CHECKING:
    from stacksync.runtime.forms import FieldChoice

FEW = 20  # choices that a dropdown of the browser shows well
KEPT = 64  # lists; of 10,000 choices each takes about half a megabyte


@dataclass(frozen=True, eq=False)
class ChoiceList:
    """All that a control offers.

    Args:
        choices: in their order.
        by_key: whether a choice is posted as what stands for it, such as its id.
    """

    choices: tuple[FieldChoice, ...]
    by_key: bool

    @cached_property
    def offered(self) -> list[tuple[str, str]]:
        """Return what is posted for each choice, and its label."""
        return [(to_text(each.key if self.by_key else each.value), each.label) for each in self.choices]

    @cached_property
    def content(self) -> bytes:
        """Return it as JSON, for the page."""
        return json.dumps(self.offered).encode()

    @cached_property
    def name(self) -> str:
        """Return what names it: equal lists have one name."""
        return hashlib.sha256(self.content).hexdigest()[:24]

    def place_of(self, value: Any) -> int | None:
        """Return where a value is among the choices."""
        key = forms.key_of(value)
        if _is_scalar(key):
            return self._places.get((isinstance(key, bool), key))

        return next((at for at, each in enumerate(self.choices) if forms.same(key, each.key)), None)

    @cached_property
    def _places(self) -> dict[tuple[bool, Any], int]:
        # As JSON compares: 1 equals 1.0, and true is no number. The first of equal ones counts.
        known = ((each.key, at) for at, each in enumerate(self.choices) if _is_scalar(each.key))
        places: dict[tuple[bool, Any], int] = {}
        for key, at in known:
            places.setdefault((isinstance(key, bool), key), at)
        return places


class ChoiceLists:
    """The newest lists that forms were drawn with."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, ChoiceList] = OrderedDict()
        self._lock = Lock()

    def keep(self, found: ChoiceList) -> None:
        """Have a list ready for the page."""
        with self._lock:
            self._lists[found.name] = found
            self._lists.move_to_end(found.name)
            while len(self._lists) > KEPT:
                self._lists.popitem(last=False)

    def get(self, name: str) -> ChoiceList | None:
        """Return a list by its name."""
        with self._lock:
            return self._lists.get(name)


def choice_list(choices: tuple[FieldChoice, ...], *, by_key: bool) -> ChoiceList:
    """Return choices as a list, made once for as long as they are the very same."""
    return _made(_Same(choices), by_key)


@dataclass(frozen=True, eq=False)
class _Same:
    """Choices that are known by being the same tuple: comparing ten thousand would take as long as making the list."""

    choices: tuple[FieldChoice, ...]

    def __hash__(self) -> int:
        return id(self.choices)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.choices is self.choices


@lru_cache(maxsize=KEPT)
def _made(same: _Same, by_key: bool) -> ChoiceList:
    return ChoiceList(same.choices, by_key)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))
