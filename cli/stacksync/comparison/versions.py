"""The form of a version of a module, with the places where it is written, and what differs from another's."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacksync.comparison.effective import form_differences
from stacksync.comparison.forms import FormDifference
from stacksync.comparison.severities import Rated, Severity, rate
from stacksync.inspection.version import Version
from stacksync.runtime import SCHEMA_FILE, forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacksync.runtime.forms import Form, Path

# Where the schema says what a difference is about, from the field on.
_KEYS: "Mapping[str, Path]" = {
    "field": ("id",),
    "content": ("content", "content_objects"),
    "messages": ("validation_messages",),
    "app_types": ("allowed_app_types",),
    "management_types": ("allowed_connection_management_types",),
    "connection": (),
    "connection_required": ("required",),
    "connection_app_types": ("app_types",),
    "connection_management_types": ("allowed_connection_management_types",),
    "accepts": ("choices",),
    "choice_objects": ("choices",),
    "converted": ("content",),
    "free_json": ("fields",),
    "load_schema": ("on_action",),
    "load_content": ("on_action",),
    **dict.fromkeys(("widget", "hidden"), ("ui_options", "ui_widget")),
    **{name: ("validation", name) for name in ("required", "min_length", "max_length", "minimum", "maximum")},
    **{name: ("validation", name) for name in ("pattern", "min_items", "max_items")},
}


@dataclass(frozen=True)
class Place:
    """A line of a file; of another commit's file with the name of that before it."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return it as reports show it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class FormOf:
    """A form, and where it is written.

    Args:
        version: The version that it is of.
        prefix: What is written before the names of its files: `main:` for those of a commit.
        form: The form.
        problem: Why it cannot be read; "" when it can.
        handler: Where Python code makes the form that users see; None where there is no such code.
        was_run: Whether this is what that code answered.
        is_made: Whether the code made another form than schema.json holds, so that no line of that is known.
        not_made: Why the code made none, where it was run.
    """

    version: Version
    form: "Form"
    prefix: str = ""
    problem: str = ""
    handler: Place | None = None
    was_run: bool = False
    is_made: bool = False
    not_made: str = ""

    def place(self, source: "Path | None", aspect: str = "") -> Place | None:
        """Return where the schema says something; None where it says nothing."""
        if source is None:
            return None
        if self.is_made or self.version.schema is None:
            return self.handler

        document = self.version.schema
        keys = _KEYS.get(aspect, (aspect,) if aspect else ())
        found = document.at((*source, *keys), key=True)
        if found.start == document.at(source, key=True).start:  # it says nothing of that
            found = document.at((*source, "id"), key=True)
        return Place(f"{self.prefix}{self.version.name}/{SCHEMA_FILE}", found.line)


def read_form_of(version: Version, prefix: str = "") -> FormOf:
    """Return the form of a version as schema.json has it; an empty one where there is none."""
    form, problem = _read(version, prefix)
    return FormOf(version, form, prefix, problem, _handler(version, prefix))


def _read(version: Version, prefix: str) -> "tuple[Form, str]":
    document = version.schema
    if document is None:
        return forms.Form(), ""

    file = f"{prefix}{document.file.name}"
    if document.file.fault:
        return forms.Form(), f"{file}:1: {document.file.fault}"
    if document.fault:
        return forms.Form(), f"{file}:{document.fault.place.line}: the file {document.fault.message}"
    try:
        return forms.read_form(document.value), ""
    except forms.FormError as error:
        return forms.Form(), f"{file}:1: {error}"


def _handler(version: Version, prefix: str) -> Place | None:
    found = version.handlers.of("/schema")
    if found:
        return Place(f"{prefix}{found[0].source.file.name}", found[0].function.lineno)
    if not version.handlers.makes_form:
        return None

    return Place(f"{prefix}{version.routes[0].file.name}", 1)  # by a function that another file brings


@dataclass(frozen=True)
class Change:
    """A rated difference, with its place in the older file and in the newer one."""

    rated: Rated
    before: Place | None = None
    after: Place | None = None

    @property
    def difference(self) -> FormDifference:
        """What differs."""
        return self.rated.difference

    @property
    def severity(self) -> Severity:
        """What it means for workflows that are stored."""
        return self.rated.severity


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions, or between one and its former self.

    Args:
        module: The module.
        before: The older version's name; None where there was none.
        after: The newer one's.
        changes: What differs.
        not_compared: What was left out, and why.
        problems: Why forms of this connector could not be compared at all.
    """

    module: str
    before: str | None
    after: str | None
    changes: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())

    def count(self, severity: Severity) -> int:
        """Return how many differences there are of a severity."""
        return sum(each.severity == severity for each in self.changes)


def compare(before: FormOf, after: FormOf, severities: "Mapping[str, Severity]") -> Comparison:
    """Compare two forms."""
    names = before.version.folder.module, before.version.folder.version, after.version.folder.version
    if before.problem or after.problem:
        # What cannot be read in a commit cannot be mended there, and no workflow can have been made with it.
        past, present = (before, ()) if before.prefix else (None, (before,))
        problems = tuple(each.problem for each in (*present, after) if each.problem)
        return Comparison(*names, (), (past.problem,) if past and past.problem else (), problems)

    compared = form_differences(before.form, after.form)
    changes = tuple(_placed(rate(each, severities), before, after) for each in compared.differences)
    left_out = [*_left_out(before, after), *map(_in_part, compared.in_part)]
    return Comparison(*names, changes, tuple(dict.fromkeys(left_out)))


def _placed(rated: Rated, before: FormOf, after: FormOf) -> Change:
    found = rated.difference
    places: list[Any] = [
        form.place(source, found.aspect) for form, source in zip((before, after), found.sources, strict=True)
    ]
    return Change(rated, *places)


def _left_out(before: FormOf, after: FormOf) -> list[str]:
    """Say what is not known of forms that code makes."""
    found = [each for each in (before, after) if each.handler]
    if not found:
        return []

    places = f"the form that Python code makes ({' and '.join(str(each.handler) for each in found)})"
    if all(each.was_run for each in found):
        return [f"{places} for other input: it was compared as it opens, without a connection"]

    rest = "only schema.json was compared" if all(each.version.schema for each in found) else "it was not compared"
    why = "; ".join(dict.fromkeys(f", which failed: {each.not_made}" for each in found if each.not_made))
    return [f"{places}{why}; {rest}"]


def _in_part(name: str) -> str:
    return f"{name}: so many rules change it that not all their combinations were compared"
