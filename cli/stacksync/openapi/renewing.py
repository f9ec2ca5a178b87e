"""What an update of an imported API writes: the store, forms that may be edited, new versions; and what it leaves."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.modules.copying import files_in, plan_copy, write_copy
from stacksync.openapi.access import servers_of
from stacksync.openapi.actions import Action, expected_by, json_text
from stacksync.openapi.drift import Drift, Drifted
from stacksync.openapi.form_merging import merged_form
from stacksync.openapi.held import GONE, INDEX, STORE, Held, Json, is_gone
from stacksync.openapi.importing import sorted_json as as_json
from stacksync.openapi.importing import stored_of
from stacksync.openapi.mapping import MAPPER
from stacksync.openapi.record_modules import sent_by
from stacksync.plain_files import read_plain
from stacksync.reports.differences import message
from stacksync.runtime import SCHEMA_FILE

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

CLIENT = "src/api_client.py"
ROUTE = "route.py"
_LITERALS = {"server": "BASE_URL", "login_address": "AUTHORIZE_URL", "token_address": "TOKEN_URL"}


@dataclass(frozen=True)
class Allowed:
    """What an update may do besides what breaks nothing.

    Args:
        add_versions: Give a module whose operation changed in a breaking way a version of its own for it.
        in_place: Change its present version.
        accept_server: Take another server, or another place to log in.
    """

    add_versions: bool = False
    in_place: bool = False
    accept_server: bool = False


@dataclass
class Renewal:
    """What an update writes.

    Attributes:
        files: Content by path, from the connector's root.
        findings: What is left to the user, with FILE:LINE.
        renewed: Operations that are stored anew.
        left: Operations that stay as they are, since they changed in a breaking way.
        unread: Operations that stay as they are, since a form of theirs cannot be brought up to date.
        versions: New versions, as MODULE/VERSION.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


def renewal(connector: Connector, found: Drift, allowed: Allowed) -> Renewal:
    """Return what an update would write; nothing is written."""
    return _Renewing(connector, found, allowed).run()


class _Renewing:
    """One update, while it is prepared."""

    def __init__(self, connector: Connector, found: Drift, allowed: Allowed) -> None:
        self.connector, self.found, self.allowed = connector, found, allowed
        self.held: Held = found.held
        self.made = Renewal()
        self.names = dict(self.held.about.get("operations", {}))
        self.former = dict(self.held.about.get("former", {}))
        records = self.held.resources.values()
        self.of_records = {name for each in records for name in each["operations"].values()}

    def run(self) -> Renewal:
        """Prepare all of it."""
        for each in self.found.operations:
            self._renew(each)
        self.made.files[f"{STORE}/{self.held.name}/{INDEX}"] = as_json(self._about())
        return self.made

    def _renew(self, drifted: Drifted) -> None:
        stored, versions = self.held.operations[drifted.name], list(self._versions_with(drifted.name))
        if drifted.mapped is None or drifted.mapped.refused:
            self._mark(drifted, stored, versions)
            return

        mergeable = [self._can_merge(version, drifted) for version, _ in versions]
        if not all(mergeable):
            self.made.unread.append(drifted.name)  # or its base would be gone
        elif drifted.severity != "breaking" or self.allowed.in_place:
            self._store(drifted.name, drifted)
            for version, line in versions:
                self._merge(version, line, drifted)
            self._renew_records(drifted)
        elif self.allowed.add_versions and versions and drifted.name not in self.of_records:
            self._add_version(drifted, versions[-1][0])
        else:
            self.made.left.append(drifted.name)

    def _can_merge(self, version: "VersionFolder", drifted: Drifted) -> bool:
        """Say whether a form can be brought up to date, and name it where it cannot."""
        text = self._text(version, SCHEMA_FILE)
        user = _json(text)
        if text is None or user is None:
            self._find(version, SCHEMA_FILE, 1, "cannot be read: put it right, then update again")
            return False

        assert drifted.mapped is not None
        made = merged_form(self._stored(drifted)["form"], user, drifted.mapped.form)
        if made.form == user or _indent(text, user) is not None:
            return True
        self._find(version, SCHEMA_FILE, 1, "is written in a way of your own: format it as JSON, then update again")
        return False

    def _mark(self, drifted: Drifted, stored: Json, versions: "list[tuple[VersionFolder, int]]") -> None:
        """Keep what is stored of an operation that the API does not have any more, and say where it is used."""
        if is_gone(stored):
            return
        marked = {**stored, "identity": {**stored["identity"], GONE: True}}
        self.made.files[self.held.file_of(drifted.name)] = as_json(marked)
        self.made.renewed.append(drifted.name)
        for version, line in versions:
            self._find(version, ROUTE, line, f"calls {drifted.address}, which the API does not have any more")

    def _store(self, name: str, drifted: Drifted) -> None:
        assert drifted.mapped is not None
        made = stored_of(self.found.catalogue.mapper, drifted.mapped)
        self.made.files[self.held.file_of(name)] = as_json(made)
        self.made.renewed.append(name)

    def _versions_with(self, name: str) -> "Iterator[tuple[VersionFolder, int]]":
        """Yield the versions whose code asks for an operation, each with the line."""
        asked = _asking(self.held.name, name)
        for version in self.connector.versions:
            text = self._text(version, ROUTE) or ""
            match = asked.search(text)
            if match:
                yield version, text.count("\n", 0, match.start()) + 1

    def _text(self, version: "VersionFolder", name: str) -> str | None:
        path = version.path / name
        if self.connector.link_to(path):
            return None
        try:
            return read_plain(path).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def _find(self, version: "VersionFolder", name: str, line: int, what: str) -> None:
        self.made.findings.append(f"{self.connector.relative(version.path / name)}:{line}: {what}")

    def _merge(self, version: "VersionFolder", line: int, drifted: Drifted) -> None:
        """Bring the form of a version up to date, and say where its code has to be looked at."""
        place = self.connector.relative(version.path)
        for name, text in self._merged(version, drifted).items():
            self.made.files[f"{place}/{name}"] = text
        self._find_route(version, line, drifted)

    def _find_route(self, version: "VersionFolder", line: int, drifted: Drifted) -> None:
        changed = [each.difference for each in drifted.changes if each.rule != "DIF030"]
        assert drifted.mapped is not None
        before, after = (self._route(drifted, plan) for plan in (self._stored(drifted)["plan"], drifted.mapped.plan))
        if self._text(version, ROUTE) == before:  # nobody's: it may get or lose what fills a field
            if before != after:
                self.made.files[self.connector.relative(version.path / ROUTE)] = after.encode()
            return
        if before != after:
            self._find(
                version, ROUTE, line, f"is yours and stays as it is; other fields of {drifted.address} are filled"
            )
        if not changed:
            return
        told = "; ".join(f"{'/'.join(each.path)}: {message(each)}".removeprefix(": ") for each in changed[:5])
        more = f"; and {len(changed) - 5} more" if len(changed) > 5 else ""
        self._find(version, ROUTE, line, f"is yours and stays as it is; {drifted.address} changed: {told}{more}")

    def _stored(self, drifted: Drifted) -> Json:
        return self.held.operations[drifted.name]

    def _route(self, drifted: Drifted, plan: Json) -> str:
        """Return the code that an import makes for a plan."""
        assert drifted.mapped is not None
        return Action(self.held.name, drifted.name, "", replace(drifted.mapped, plan=dict(plan))).route()

    def _merged(self, version: "VersionFolder", drifted: Drifted) -> dict[str, bytes]:
        """Return the files of a version that follow: its form, and what its tests expect where nobody edited that."""
        assert drifted.mapped is not None
        stored = self.held.operations[drifted.name]
        found = self._merged_form(version, stored["form"], drifted)
        return {**found, **self._expected(version, stored["plan"], drifted.mapped.plan)}

    def _merged_form(self, version: "VersionFolder", base: Json, drifted: Drifted) -> dict[str, bytes]:
        assert drifted.mapped is not None
        text = self._text(version, SCHEMA_FILE) or ""
        user = _json(text) or {}
        made = merged_form(base, user, drifted.mapped.form)
        for path in made.conflicts:
            self._find(version, SCHEMA_FILE, _line_of(text, path), f"{_shown(path)} is yours and stays as it is")
        if made.form == user:
            return {}

        return {SCHEMA_FILE: (json.dumps(made.form, indent=_indent(text, user), ensure_ascii=False) + "\n").encode()}

    def _renew_records(self, drifted: Drifted) -> None:
        """Have the tests of modules for records expect what is sent now, where the operation is an object's."""
        assert drifted.mapped is not None
        before, after = self._stored(drifted)["plan"], drifted.mapped.plan
        for each in self.held.resources.values():
            for does, name in each["operations"].items():
                asks = re.compile(rf"""\bRecords\(\s*["']{self.held.name}["'],\s*["']{does}["']""")
                for version in self.connector.versions if name == drifted.name else ():
                    if asks.search(self._text(version, ROUTE) or ""):
                        place = self.connector.relative(version.path)
                        for path, text in self._expected(version, before, after, each["key"]).items():
                            self.made.files[f"{place}/{path}"] = text

    def _expected(self, version: "VersionFolder", before: Json, after: Json, key: str = "") -> dict[str, bytes]:
        """Return what the tests of a version expect, where it is what the import wrote; `key` is an object's."""
        name = "tests/requests.json"
        held = _json(self._text(version, name))
        if held is None or not isinstance(held.get("requests"), dict):
            return {}
        requests = {}
        for example, request in held["requests"].items():
            data = ((_json(self._text(version, f"examples/{example}.json")) or {}).get("request") or {}).get("data")
            is_ours = isinstance(data, dict) and key in ("", example) and _sent(before, data, key) == request
            requests[example] = (_sent(after, data, key) if is_ours else None) or request
        return {} if requests == held["requests"] else {name: json_text({**held, "requests": requests}).encode()}

    def _add_version(self, drifted: Drifted, source: "VersionFolder") -> None:
        """Copy the newest version; the copy asks for the operation as it is now, the others as it was."""
        copy = plan_copy(self.connector, source.module, source.version)
        name = f"{drifted.name}_{copy.target.name}"
        place = self.connector.relative(copy.target)
        with TemporaryDirectory(prefix="stacksync-") as folder:
            draft = Path(folder) / copy.target.name
            write_copy(copy, draft)
            for file in files_in(draft):
                if file.is_file() and not file.is_symlink():
                    self.made.files[f"{place}/{file.relative_to(draft).as_posix()}"] = file.read_bytes()
        for path, content in self._merged(source, drifted).items():
            self.made.files[f"{place}/{path}"] = content
        route = self.made.files[f"{place}/{ROUTE}"].decode()
        asked = f'operation("{self.held.name}", "{name}")'
        self.made.files[f"{place}/{ROUTE}"] = _asking(self.held.name, drifted.name).sub(asked, route).encode()
        self._store(name, drifted)
        self.former[drifted.name] = self.names.pop(drifted.name)
        self.names[name] = drifted.address
        self.made.versions.append(f"{source.module}/{copy.target.name}")

    def _about(self) -> dict[str, Any]:
        """Return what is stored of the API itself, as it is now, as far as that may be taken."""
        mapper, about = self.found.catalogue.mapper, dict(self.held.about)
        info = mapper.description.root.part("info")
        about |= {"title": info.text("title")[:200], "version": str(info.mapping.get("version", ""))[:100]}
        about |= {"description_version": mapper.description.version, "mapper": MAPPER}
        about |= {"headers": dict(mapper.version_headers), "known": sorted(each.address for each in mapper.operations)}
        about |= {"operations": dict(sorted(self.names.items()))}
        about |= {"former": dict(sorted(self.former.items()))} if self.former else {}
        access = [each.difference for each in self.found.api if each.rule == "DIF013"]
        if not access:
            return about | {"servers": servers_of(mapper.description)}
        if not self.allowed.accept_server:
            self.made.left += [each.aspect for each in access]
            return about

        for each in access:
            self._set(each.aspect, each.before, each.after)
            about |= {"server": each.after} if each.aspect == "server" else {}
        return about | {"servers": servers_of(mapper.description), "security": self.found.security}

    def _set(self, aspect: str, before: Any, after: Any) -> None:
        """Set an address in the client where it stands as the import wrote it; else say where to look."""
        file = self.connector.root / CLIENT
        known = self.made.files.get(CLIENT)
        is_there = file.is_file() and not self.connector.link_to(file)
        text = (known or (read_plain(file) if is_there else b"")).decode("utf-8", "replace")
        name = _LITERALS.get(aspect, "")
        old, new = (f"{name} = {json.dumps(each)}\n" for each in (before, after))
        if name and after and text.count(old) == 1 and is_there:
            self.made.files[CLIENT] = text.replace(old, new).encode()
            return

        at = re.search(rf"^{name}\b" if name else r"Auth\(|^BASE_URL\b", text, re.MULTILINE)
        line = text.count("\n", 0, at.start()) + 1 if at else 1
        said = f"{aspect.replace('_', ' ')} is {json.dumps(after)} now, and was {json.dumps(before)}"
        self.made.findings.append(f"{CLIENT}:{line}: {said}")


def _asking(api: str, name: str) -> "re.Pattern[str]":
    return re.compile(rf"""\boperation\(\s*["']{re.escape(api)}["'],\s*["']{re.escape(name)}["']\s*,?\s*\)""")


def _sent(plan: Json, data: Any, key: str) -> dict[str, Any] | None:
    try:
        return expected_by(plan, sent_by(key, data, plan) if key else dict(data))
    except (ValueError, KeyError, TypeError):
        return None


def _json(text: str | None) -> "dict[str, Any] | None":
    try:
        held = json.loads(text or "")
    except ValueError:
        return None
    return held if isinstance(held, dict) else None


def _indent(text: str, value: Any) -> int | None:
    """Return by how much a file indents; None where it is written otherwise, and would not come back as it is."""
    match = re.search(r"\n( +)\S", text)
    indent = len(match[1]) if match else 2
    return indent if json.dumps(value, indent=indent, ensure_ascii=False).strip() == text.strip() else None


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Return where a form says something: the line of the last of the ids and keys that lead there, in this order."""
    place = 0
    for step in path:
        found = text.find(json.dumps(step, ensure_ascii=False), place)
        place = found if found >= 0 else place
    return text.count("\n", 0, place) + 1


def _shown(path: tuple[str, ...]) -> str:
    return "/".join(each for each in path if each not in ("fields", "items", "values"))
