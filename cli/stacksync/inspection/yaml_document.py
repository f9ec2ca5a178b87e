"""A YAML file: its content, and the place of every value in it."""

from collections.abc import Iterator
from typing import Any

import yaml

from stacksync.inspection.document import Document, ParseFault, Path
from stacksync.inspection.json_places import Step
from stacksync.inspection.places import Place, TextFile


class YamlDocument(Document):
    """A YAML file."""

    def __init__(self, file: TextFile) -> None:
        super().__init__(file)
        self._node: yaml.Node | None = None
        if self.fault is None:
            self._read()

    def at(self, path: Path = (), *, key: bool = False) -> Place:
        """Return the place of a value, or of its key."""
        if self.fault or self._node is None:
            return self.fault.place if self.fault else self.file.place()

        found: tuple[yaml.Node | None, yaml.Node] = (None, self._node)
        for step in path:
            inner = _child(found[1], step)
            if inner is None:
                key = False
                break
            found = inner
        return self._place(found[0] if key and found[0] else found[1])

    def repeated_keys(self) -> Iterator[Place]:
        """Yield the places of keys that their mapping has already."""
        for node in _mappings(self._node):
            seen = set()
            for key, _ in node.value:
                name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)
                if name in seen:
                    yield self._place(key)
                seen.add(name)

    def _place(self, node: yaml.Node) -> Place:
        start, end = node.start_mark.index, node.end_mark.index
        return self.file.place(start, start + len(self.file.text[start:end].rstrip()))

    def _read(self) -> None:
        from stacksync.runtime import refuse_bomb

        try:
            self._node = yaml.compose(self.file.text, Loader=_loader(self.file.text))
            if self._node is not None:
                refuse_bomb(self._node)
                self.value = yaml.constructor.SafeConstructor().construct_document(self._node)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            offset = mark.index if mark else 0
            self.fault = ParseFault(
                f"is not YAML: {error.problem or error.context}", self.file.place(offset, offset + 1)
            )
        except RecursionError:
            self.fault = ParseFault("is nested too deep", self.file.place())
        except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
            reason = str(error).splitlines() or [type(error).__name__]
            self.fault = ParseFault(f"is not YAML: {reason[0]}", self.file.place())


def _loader(text: str) -> Any:
    """Choose the fast reader, written in C, unless the text may nest so deep that it would crash."""
    marks = sum(map(text.count, "[{-?"))
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader) if marks < 500 and len(text) < 100_000 else yaml.SafeLoader


def _child(node: yaml.Node, step: Step) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return (None, node.value[step]) if 0 <= step < len(node.value) else None
    if not isinstance(node, yaml.MappingNode):
        return None

    found = [pair for pair in node.value if str(pair[0].value).lower() == str(step).lower()]
    return found[-1] if found else None


def _mappings(root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    seen, waiting = set[int](), [root] if root else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            waiting += [value for _, value in node.value]
        else:
            waiting += node.value
