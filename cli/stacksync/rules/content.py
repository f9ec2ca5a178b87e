"""Rules about content objects: what the form asks for, and what the route files answer."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, ClassVar

from stacksync.inspection.calls import Calls
from stacksync.inspection.content_names import ContentNames
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.handlers import Handler
from stacksync.inspection.json_places import Step
from stacksync.inspection.places import Place
from stacksync.inspection.syntax import descend, text_of
from stacksync.inspection.version import Version
from stacksync.rules.field_rule import GuideRule
from stacksync.rules.rule import CheckRule, VersionRule

# What is written instead of {value, label}; with other keys in it, a dictionary is something else.
_CHOICE_KEYS = {"id", "const", "label", "title", "preview", "index"}


class Unanswered(VersionRule):
    """Whatever choices the form asks for are answered."""

    code = "PY003"
    title = "The form asks for a content object that nothing answers"
    why = "The field shows no choices, or an error, as soon as it is opened."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the content objects that are asked for in vain."""
        asked = {*asked_content(version), *(each.name for each in version.built_content)} if version.routes else set()
        answered = answered_names(version) if asked and not version.handlers.hidden else None
        if answered is None or asked <= answered:
            return

        answers = _answers(version)
        # A form that comes from code may ask for something else in the end.
        severity: Severity = "warning" if version.handlers.makes_form else self.severity
        for name, place in _places(version):
            if name not in answered:
                near = get_close_matches(name, answers, 1)
                tip = f'the handler answers "{near[0]}"' if near else _how_to_answer(version, name)
                yield self.found(place, f'nothing answers the content object "{name}"', tip, severity=severity)


def _places(version: Version) -> Iterator[tuple[str, Place]]:
    """Yield the content objects that the form asks for, in schema.json and in code, with their places."""
    schema = version.schema
    for name, paths in asked_content(version).items():
        yield from ((name, schema.at(path)) for path in paths if schema)
    yield from ((asked.name, asked.source.at(asked.node)) for asked in version.built_content)


def _how_to_answer(version: Version, name: str) -> str:
    if version.folder.by_name:
        return "answer it in the function content of content.py"
    if version.handlers.uses_sdk:
        return 'answer it in the function of @router.route("/content")'

    return f'write @module.content("{name}") above a function'


class Unasked(VersionRule):
    """Whatever choices are answered are asked for."""

    code = "PY004"
    title = "A function answers a content object that no field asks for"
    why = "It never runs; often the name is misspelt on one side."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the content objects that are answered in vain."""
        if version.form is None or version.handlers.makes_form:
            return

        asked = asked_content(version)
        for name, (handler, node) in _answers(version).items():
            if name not in asked:
                near = get_close_matches(name, asked, 1)
                tip = f'the form asks for "{near[0]}"' if near else "remove it, or ask for it in schema.json"
                yield self.found(handler.source.at(node), f'no field asks for the content object "{name}"', tip)


def asked_content(version: Version) -> dict[str, list[tuple[Step, ...]]]:
    """Return the content objects that a form asks for, in rules too, with the places of their ids."""
    return named_content(version, "content_objects")


def named_content(version: Version, key: str) -> dict[str, list[tuple[Step, ...]]]:
    """Return the content objects that a form lists under a key, in rules too, with the places of their ids."""
    found: dict[str, list[tuple[Step, ...]]] = defaultdict(list)
    for path, value in _listed(version.schema.value if version.form and version.schema else None, key, ()):
        found[value].append(path)
    return dict(found)


def _listed(value: Any, wanted: str, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if key != wanted or not isinstance(inner, list):
            yield from _listed(inner, wanted, (*path, key))
            continue
        for index, each in enumerate(inner):
            if isinstance(each, dict) and isinstance(each.get("id"), str):
                yield (*path, key, index, "id"), each["id"]


def answered_names(version: Version) -> set[str] | None:
    """Return the content objects that are answered; None where that cannot be told."""
    handlers, answered = version.handlers, set(version.handlers.by_content)
    for handler in handlers.for_any_content:
        names = ContentNames(handler)
        mistaken = names.compared.keys() - asked_content(version).keys()
        if not names.is_whole or (names.answers_any and not mistaken):
            return None
        answered |= {
            str(text.value) for text in handler.source.syntax.texts
        }  # lenient: named anywhere in the file is enough
    return answered


def _answers(version: Version) -> dict[str, tuple[Handler, ast.AST]]:
    found: dict[str, tuple[Handler, ast.AST]]
    found = {name: (each, each.function) for name, each in version.handlers.by_content.items()}
    for handler in version.handlers.for_any_content:
        names = ContentNames(handler)
        found |= {name: (handler, node) for name, node in names.compared.items() if names.is_whole}
    return found


class ChoiceShape(GuideRule):
    """What a content handler answers are values with labels."""

    code = "PY017"
    title = "A content handler answers choices that are not {value, label}"
    why = "The platform reads a choice's value and its label; without them, the dropdown may stay empty."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the choices that are written under other keys."""
        for handler in version.handlers.of("/content"):
            for key in _misnamed(handler):
                tip = 'write "value" and "label"' + (
                    "" if version.folder.by_name else ", or return Choice(value, label)"
                )
                yield self.found(handler.source.at(key), f'a choice has no value but "{text_of(key)}"', tip)


def _misnamed(handler: Handler) -> Iterator[ast.expr]:
    """Yield the keys that stand where a choice has its value."""
    nodes = (node for function in Calls(handler).reached for node in descend(function))
    dicts = [node for node in nodes if isinstance(node, ast.Dict)]
    # A value may be any JSON, {id, label} too.
    values = {id(value) for each in dicts for key, value in zip(each.keys, each.values, strict=True) if _is_value(key)}
    for each in dicts:
        keys = {text_of(key): key for key in each.keys}
        wrong = keys.get("id") or keys.get("const")
        if wrong and id(each) not in values and keys.keys() <= _CHOICE_KEYS and keys.keys() & {"label", "title"}:
            yield wrong


def _is_value(key: ast.expr | None) -> bool:
    return text_of(key) == "value"


RULES: tuple[type[CheckRule], ...] = (Unanswered, Unasked, ChoiceShape)
