"""How the files of `src/api/<name>/` are written: what an update relies on, in files that anybody may edit."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
Faults = Iterator[Path]
Check = Callable[[Any, Path], Faults]

# Names of operations are parts of paths, and stand in code.
STORED_NAME = "[a-z][a-z0-9_]{0,80}"


def text(value: Any, path: Path) -> Faults:
    """Yield where no text is."""
    if not isinstance(value, str):
        yield path


def number(value: Any, path: Path) -> Faults:
    """Yield where no number is."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield path


def flag(value: Any, path: Path) -> Faults:
    """Yield where neither true nor false is."""
    if not isinstance(value, bool):
        yield path


def anything(value: Any, path: Path) -> Faults:
    """Yield nothing."""
    yield from ()


def named(check: Check) -> Check:
    """Return a check for an object whose members all are of one kind."""

    def faults(value: Any, path: Path) -> Faults:
        if not isinstance(value, dict):
            yield path
            return
        for name, each in value.items():
            yield from check(each, (*path, name))

    return faults


def listed(check: Check) -> Check:
    """Return a check for a list whose items all are of one kind."""

    def faults(value: Any, path: Path) -> Faults:
        if not isinstance(value, list):
            yield path
            return
        for each in value:
            yield from check(each, path)

    return faults


def holding(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Return a check for an object with members of different kinds; others may be there."""

    def faults(value: Any, path: Path) -> Faults:
        if not isinstance(value, dict) or not required.keys() <= value.keys():
            yield path
            return
        for name, check in {**required, **(optional or {})}.items():
            if name in value:
                yield from check(value[name], (*path, name))

    return faults


def _reading(value: Any, path: Path) -> Faults:
    """Yield what is wrong in the reading of a value, and of the values in it."""
    yield from _READING(value, path)


def _node(value: Any, path: Path) -> Faults:
    yield from _NODE(value, path)


def _scheme(value: Any, path: Path) -> Faults:
    yield from () if value is None else _SCHEME(value, path)


_SCHEME = holding({}, {"details": holding({})})
_LIMITS = ("min_length", "max_length", "minimum", "maximum", "min_items", "max_items")
_READING = holding(
    {"type": text},
    {
        **dict.fromkeys(_LIMITS, number),
        **dict.fromkeys(("required", "deprecated"), flag),
        "choices": listed(anything),
        "items": _reading,
        "members": named(_reading),
        "variants": named(_reading),
    },
)
_NODE = holding({}, {"name": text, "field": text, "fields": listed(_node), "variants": named(_node)})
_NAMED_NODE = holding({"name": text}, {"field": text, "variants": named(_node)})
_PLAN = holding(
    {},
    {
        **dict.fromkeys(("in_path", "query", "header"), listed(_NAMED_NODE)),
        "choices": named(holding({})),
        "pages": holding({}),
        "body": holding({}, {"fields": listed(_NAMED_NODE)}),
    },
)

OPERATION_FILE = holding(
    {
        "identity": holding({"method": text, "path": text}),
        "form": holding({"fields": listed(holding({"id": text}))}),
        "plan": _PLAN,
    },
    {"reading": holding({}, {"parameters": named(_reading), "body": _reading, "security": listed(listed(text))})},
)
INDEX_FILE = holding(
    {},
    {
        "security": _scheme,
        **dict.fromkeys(("operations", "former", "headers"), named(text)),
        **dict.fromkeys(("servers", "known"), listed(text)),
    },
)
RESOURCES_FILE = named(
    holding({"key": text, "label": text, "operations": named(text)}, {"versions": named(named(text))})
)
