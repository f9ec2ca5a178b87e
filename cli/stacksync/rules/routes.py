"""Rules about route files, and how they fit the form."""

from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.form_reads import FormReads
from stacksync.inspection.handlers import Handler
from stacksync.inspection.nearness import near_name
from stacksync.inspection.python_file import PYTHON
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import Function
from stacksync.inspection.version import Version
from stacksync.rules.rule import CheckRule, VersionRule


class DoesNotParse(CheckRule):
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
        if any(version.folder.kind_of(file) == "execute" for file in version.folder.route_files):
            return  # MOD016
        if version.routes and not version.handlers.of("/execute") and not version.handlers.hidden:
            decorator = '@router.route("/execute")' if version.handlers.uses_sdk else "@module.execute"
            tip = f"write {decorator} above the function that does the work"
            if version.folder.by_name:
                tip = "write it as execute(request) in execute.py"
            yield self.found(version.routes[0].file.place(), "no function answers execute", tip)


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
                if read.field in known or (read.connection and version.form.connections):
                    continue
                near = near_name(read.field, known)
                tip = f'write "{near}"' if near else "add the field to schema.json, or do not read it"
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


RULES: tuple[type[CheckRule], ...] = (DoesNotParse, NoExecute, UnknownField, SameName, SameRoute)
