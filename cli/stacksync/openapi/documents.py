"""The text of an API description as data: JSON, or YAML by the rules of YAML 1.2. A text may be hostile."""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from stacksync.runtime import JsonError, decode

# The largest public description that we know has 35 MB.
MOST_BYTES = 64 * 1024 * 1024
# Objects, lists and values, once aliases are followed; a description of 13 MB has about 700,000.
MOST_NODES = 4_000_000
MOST_DEPTH = 150
# Keys of one YAML mapping, and what one `<<` may name.
MOST_MERGED = 20_000
# Escaped halves of characters, which JSON lets stand alone, and no file can hold.
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class DocumentError(ValueError):
    """A text is no document that can be read; the message begins with the line where it is known."""


def read_document(content: bytes) -> Any:
    """Return what a text stands for.

    Raises:
        DocumentError: It is neither JSON nor YAML, or is larger or nested deeper than a description is.
    """
    if len(content) > MOST_BYTES:
        raise DocumentError(f"larger than {MOST_BYTES >> 20} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError("not a text in UTF-8") from None

    return _read_json(text) if text.lstrip()[:1] in ("{", "[") else _read_yaml(text)


def _read_json(text: str) -> Any:
    try:
        value = decode(text, most_parts=MOST_NODES)
        return _without_surrogates(value) if SURROGATE.search(text) else value
    except JsonError as error:
        if error.kind != "syntax":
            raise DocumentError(str(error)) from None
        fault = f"{error.lineno}: not valid JSON: {error.reason}"
    # YAML has flow mappings, which begin as JSON does.
    try:
        return _read_yaml(text)
    except DocumentError:
        raise DocumentError(fault) from None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]

    pairs = value.items() if isinstance(value, dict) else ()
    return {_without_surrogates(name): _without_surrogates(each) for name, each in pairs} if pairs else value


def _read_yaml(text: str) -> Any:
    try:
        value = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(f"{mark.line + 1 if mark else 1}: not valid YAML: {error.problem}") from None
    except RecursionError:
        raise DocumentError(f"nested deeper than {MOST_DEPTH} levels") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise DocumentError(f"not readable as YAML: {str(error).splitlines()[0]}") from None

    _refuse_bomb(value)
    return value


def _refuse_bomb(root: Any) -> None:
    """Refuse a document that is huge or endless once its aliases are followed, or nested too deep."""
    sizes: dict[int, int] = {}
    path: set[int] = set()
    # Each container is entered once and left once; while it is on the path, an alias to it would be a circle.
    waiting: list[tuple[Any, bool]] = [(root, False)]
    while waiting:
        value, left = waiting.pop()
        if left:
            path.discard(id(value))
            sizes[id(value)] = 1 + sum(sizes.get(id(child), 1) for child in _children(value))
            if sizes[id(value)] > MOST_NODES:
                raise DocumentError(f"more than {MOST_NODES} values, once its aliases are followed")
        elif id(value) in path:
            raise DocumentError("an alias leads into itself")
        elif id(value) not in sizes:
            path.add(id(value))
            if len(path) > MOST_DEPTH:
                raise DocumentError(f"nested deeper than {MOST_DEPTH} levels")
            waiting.append((value, True))
            waiting += [(child, False) for child in _children(value) if isinstance(child, (dict, list))]


def _children(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML reads YAML 1.1, where `no` is false, `18:00` is 1080 and 2026-01-31 is no text.

    The types are those of YAML 1.2: https://yaml.org/spec/1.2.2/#103-core-schema, with the `<<` of 1.1, which
    descriptions use.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own name and kind

    def flatten_mapping(self, node: Any) -> None:
        """Put what `<<` brings into a mapping; mappings that bring each other double in size each time."""
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge" and len(value.value) > MOST_MERGED:
                raise yaml.constructor.ConstructorError(None, None, "a merge of too much", key.start_mark)
        super().flatten_mapping(node)
        if len(node.value) > MOST_MERGED:
            raise yaml.constructor.ConstructorError(None, None, "a mapping of too many keys", node.start_mark)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        """Return an object; its keys are texts, as those of JSON are: `200:` is `"200"`."""
        if isinstance(node, yaml.MappingNode):
            self.flatten_mapping(node)
        pairs = [(self._key(key), self.construct_object(value, deep=deep)) for key, value in node.value]
        return dict(pairs)

    def _key(self, node: Any) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is no text", node.start_mark)
        return str(node.value)

    def integer(self, node: Any) -> int:
        """Return a whole number: in base 8 as `0o17`, and `010` is ten."""
        text = str(self.construct_scalar(node))
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)


_SCALARS = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9]{1,4000}|0o[0-7]{1,4000}|0x[0-9a-fA-F]{1,4000}", list("-+0123456789")),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    "merge": (r"<<", ["<"]),
}
for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.integer)
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))
_Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node, deep=True))
