"""Rules about route files, and how they fit the form."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, ClassVar

from stacksync.inspection.content_names import ContentNames
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.form_reads import FormReads
from stacksync.inspection.handlers import Handler
from stacksync.inspection.json_places import Step
from stacksync.inspection.sources import PYTHON
from stacksync.inspection.survey import Survey, Version
from stacksync.inspection.syntax import Function
from stacksync.rules.rule import Rule, VersionRule


class DoesNotParse(Rule):
    """Python files are Python."""

    code = "PY001"
    title = "A Python file does not parse"
    why = "Whatever imports it fails: a module answers 503, the connector may not start."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield every file that is not Python."""
        for source in survey.sources:
            if source.fault:
                yield self.found(
                    source.fault.place, f"the file {source.fault.message}", f"correct it (Python {PYTHON})"
                )


class NoExecute(VersionRule):
    """A version does something."""

    code = "PY002"
    title = "No function answers execute"
    why = "Running the module in a workflow ends with 404."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield a version without a handler of execute."""
        if version.routes and not version.handlers.of("/execute") and not version.handlers.hidden:
            place = version.routes[0].file.place()
            yield self.found(
                place, "no function answers execute", "write @module.execute above the one that does the work"
            )


class Unanswered(VersionRule):
    """Whatever choices the form asks for are answered."""

    code = "PY003"
    title = "The form asks for a content object that nothing answers"
    why = "The field shows no choices, or an error, as soon as it is opened."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the content objects that are asked for in vain."""
        asked = asked_content(version)
        if not asked or not version.routes or version.handlers.hidden:
            return

        answered, answers = _answered(version), _answers(version)
        for name, paths in asked.items():
            if answered is not None and name not in answered and version.schema:
                near = get_close_matches(name, answers, 1)
                tip = (
                    f'the handler answers "{near[0]}"' if near else f'write @module.content("{name}") above a function'
                )
                for path in paths:
                    yield self.found(version.schema.at(path), f'nothing answers the content object "{name}"', tip)


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
    found: dict[str, list[tuple[Step, ...]]] = defaultdict(list)
    for path, value in _content_objects(version.schema.value if version.form and version.schema else None, ()):
        found[value].append(path)
    return dict(found)


def _content_objects(value: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if key != "content_objects" or not isinstance(inner, list):
            yield from _content_objects(inner, (*path, key))
            continue
        for index, each in enumerate(inner):
            if isinstance(each, dict) and isinstance(each.get("id"), str):
                yield (*path, key, index, "id"), each["id"]


def _answered(version: Version) -> set[str] | None:
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


class UnknownField(VersionRule):
    """Handlers read fields that the form has."""

    code = "PY005"
    title = "A handler reads a field that the form does not have"
    why = 'request.data["x"] fails with 500 each time, request.data.get("x") never finds anything.'
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the fields that are read in vain."""
        if version.form is None or version.handlers.makes_form:
            return

        known = [field.id for field in version.form.fields]
        for handler in (*version.handlers.of("/execute"), *version.handlers.of("/content")):
            for read in FormReads(handler).reads():
                if read.field in known:
                    continue
                near = get_close_matches(read.field, known, 1)
                tip = f'write "{near[0]}"' if near else "add the field to schema.json, or do not read it"
                place = handler.source.at(read.node)
                severity: Severity = "error" if read.needed else "warning"
                yield self.found(place, f'the form has no field "{read.field}"', tip, severity=severity)


class SameName(VersionRule):
    """Functions that answer routes have names of their own."""

    code = "PY006"
    title = "Two routes have functions of one name"
    why = "Flask refuses two views of one name, and the second function takes the place of the first in its file."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield every function whose name an earlier one has."""
        for source in version.routes:
            seen: dict[str, Function] = {}
            for handler in (handler for handler in version.handlers.all if handler.source is source):
                first = seen.setdefault(handler.function.name, handler.function)
                if first is not handler.function:
                    message = f"line {first.lineno} has a function {first.name} for another route"
                    yield self.found(source.at(handler.function), message, "give it a name of its own")
                    seen[handler.function.name] = handler.function


class SameRoute(VersionRule):
    """A route is answered by one function."""

    code = "PY007"
    title = "Two functions answer one route"
    why = "The module does not load, or only the first function ever runs."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield every function whose route an earlier one has."""
        seen: dict[tuple[str, str | None, str], Handler] = {}
        for handler in version.handlers.all:
            route, doubled = handler.route, None
            for method in route.methods:
                first = seen.setdefault((route.path.strip("/"), route.content, method), handler)
                doubled = first if first is not handler else doubled
            if doubled:
                said = f'the content object "{route.content}"' if route.content else route.path
                message = f"{said} is answered in line {doubled.function.lineno} already"
                yield self.found(handler.source.at(handler.function), message, "keep one of the two")


RULES: tuple[type[Rule], ...] = (DoesNotParse, NoExecute, Unanswered, Unasked, UnknownField, SameName, SameRoute)
