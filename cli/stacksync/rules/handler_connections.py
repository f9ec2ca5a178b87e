"""Rules about connections in handlers: which keys they have, and when there is none."""

from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.connection_reads import connection_reads
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.version import Version
from stacksync.rules.field_rule import GuideRule
from stacksync.rules.rule import CheckRule, VersionRule
from stacksync.runtime import documented_keys


class UnknownKey(VersionRule):
    """Connections are read by the keys that they have."""

    code = "PY014"
    title = "A connection is read by a key that its type does not have"
    why = "The key is missing whatever users fill in: which keys there are is up to the connection's type."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the keys that are never there."""
        for handler in version.handlers.all:
            for read in connection_reads(handler).reads():
                types = app_types(version, read.field)
                known = [key for each in types for key in documented_keys(each) or (read.key,)]
                if types and read.key not in known:
                    keys = " and ".join(f'"{key}"' for key in dict.fromkeys(known))
                    message = f'a connection of {" or ".join(types)} has no "{read.key}"'
                    yield self.found(handler.source.at(read.node), message, f"it has {keys}")


def takes_connection(version: Version) -> bool:
    """Say whether a connection can come: of a form that is made by code alone, nobody knows."""
    form = version.form
    return form is None or form.connections is not None or any(each.type == "connection" for each in form.fields)


def app_types(version: Version, field_id: str | None) -> tuple[str, ...]:
    """Return the app types that a connection may be of: that of a field, else the one beside the form."""
    if version.form is None:
        return ()

    inline = [field for field in version.form.fields if field.type == "connection"]
    chosen = [field for field in inline if field.id == field_id]
    if not chosen and version.form.connections is not None:
        return version.form.connections.app_types
    if field_id is None and len(inline) == 1:
        chosen = inline
    return chosen[0].app_types if chosen else ()


class SchemaCredentials(GuideRule):
    """A form that comes from the connection says so."""

    code = "PY015"
    title = "A schema handler reads the connection, and the platform does not know"
    why = "It sends the connection to such handlers only where requires_credentials_for_schema is true."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the first use of a connection that does not come."""
        if version.settings.get("requires_credentials_for_schema") is True or not version.tells_settings:
            return

        for handler in version.handlers.of("/schema"):
            reads = connection_reads(handler)
            if not takes_connection(version) and not any(reads.reads()):
                continue  # it is handed on as it is: empty
            for node in reads.uses()[:1]:
                tip = "write requires_credentials_for_schema: true under module_settings in module_config.yaml"
                if version.folder.by_name:
                    tip = "write requires_credentials_for_schema=True in the ModuleConfig of config.py"
                yield self.found(handler.source.at(node), "the form is asked for without a connection", tip)


class Unguarded(VersionRule):
    """Choices are asked for before there is a connection."""

    code = "PY016"
    title = "A content handler does not ask whether there is a connection"
    why = "The form asks for its choices before one is chosen; a handler that fails then is logged as an error."
    severity: ClassVar[Severity] = "note"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the first use of the connection in each handler that takes it for granted."""
        for handler in version.handlers.of("/content"):
            reads = connection_reads(handler)
            uses = reads.uses()
            if uses and not reads.is_guarded:
                message = "this fails until a connection is chosen"
                yield self.found(handler.source.at(uses[0]), message, "return an empty list where there is none")


RULES: tuple[type[CheckRule], ...] = (UnknownKey, SchemaCredentials, Unguarded)
