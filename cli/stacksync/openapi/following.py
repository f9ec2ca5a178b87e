"""How a version of a module follows an operation that changed: form, route, and the requests that its tests expect."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stacksync.openapi.actions import Action, expected_by, json_text
from stacksync.openapi.drift import Drifted
from stacksync.openapi.form_merging import merged_form
from stacksync.openapi.held import Held, Json
from stacksync.openapi.module_files import ROUTE, Asking, ModuleFiles, indent_of, json_object, line_with
from stacksync.openapi.record_modules import RecordModule, sent_by
from stacksync.openapi.renewal import Renewal
from stacksync.reports.differences import message
from stacksync.runtime import SCHEMA_FILE

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

REQUESTS = "tests/requests.json"
_MOST_TOLD = 5


@dataclass(frozen=True)
class Target:
    """Where the files of a version are written: itself, or a copy of it.

    Args:
        place: The folder, from the connector's root.
        operation: What its code asks for there.
    """

    place: str
    operation: str


@dataclass(frozen=True)
class OfRecords:
    """What a module for records does with an operation.

    Args:
        path: The object.
        key: What the ids of its fields begin with.
        does: What is done with it.
    """

    path: str
    key: str
    does: str


class Following:
    """Writes what follows into a renewal."""

    def __init__(self, files: ModuleFiles, held: Held, made: Renewal) -> None:
        self._files, self._held, self._made = files, held, made

    def can_follow(self, version: "VersionFolder", drifted: Drifted) -> bool:
        """Say whether a form can be brought up to date, and name it where it cannot."""
        place, text = f"{self._files.place(version)}/{SCHEMA_FILE}", self._files.text(version, SCHEMA_FILE)
        user = json_object(text)
        if text is None or user is None:
            self._made.find(place, 1, "cannot be read: put it right, then update again")
            return False

        made = merged_form(self._stored(drifted)["form"], user, drifted.now.form)
        if made.form == user or indent_of(text, user) is not None:
            return True
        self._made.find(place, 1, "is written in a way of your own: format it as JSON, then update again")
        return False

    def follow(self, asking: Asking, drifted: Drifted, target: Target | None = None) -> None:
        """Bring a version up to date, or a copy of it, and say where its code has to be looked at."""
        version = asking.version
        target = target or Target(self._files.place(version), drifted.name)
        self._follow_form(version, drifted, target)
        self._follow_route(asking, drifted, target)
        self._follow_requests(version, drifted, target)

    def follow_records(self, asking: Asking, drifted: Drifted, of: OfRecords, target: Target | None = None) -> None:
        """Have the tests of a module for records expect what is sent now for an object; its form is read as stored."""
        target = target or Target(self._files.place(asking.version), "")
        self._follow_requests(asking.version, drifted, target, of.key)
        made = RecordModule(self._held.name, of.does, version=asking.of).route()
        told = _changes(drifted)
        if told and self._files.text(asking.version, ROUTE) != made:
            self._made.find(f"{target.place}/{ROUTE}", asking.line, f"is yours and stays as it is; {told}")

    def ask(self, asking: Asking, place: str, asked: str) -> None:
        """Have the code of a copy ask for something else than the version that was copied."""
        text = self._files.text(asking.version, ROUTE) or ""
        written = self._made.files.get(f"{place}/{ROUTE}")
        known = text if written is None else written.decode("utf-8-sig").replace("\r\n", "\n")
        known = known.replace(text[asking.start : asking.end], asked)
        self._made.files[f"{place}/{ROUTE}"] = self._files.written(asking.version, ROUTE, known)

    def _stored(self, drifted: Drifted) -> Json:
        return self._held.operations[drifted.name]

    def _write(self, target: Target, version: "VersionFolder", name: str, text: str) -> None:
        self._made.files[f"{target.place}/{name}"] = self._files.written(version, name, text)

    def _follow_form(self, version: "VersionFolder", drifted: Drifted, target: Target) -> None:
        text = self._files.text(version, SCHEMA_FILE) or ""
        user = json_object(text) or {}
        made = merged_form(self._stored(drifted)["form"], user, drifted.now.form)
        for path in made.conflicts:
            shown = "/".join(each for each in path if each not in ("fields", "items", "values"))
            place = f"{target.place}/{SCHEMA_FILE}"
            self._made.find(place, line_with(text, path), f"{shown} is yours and stays as it is")
        if made.form != user:
            written = json.dumps(made.form, indent=indent_of(text, user), ensure_ascii=False) + "\n"
            self._write(target, version, SCHEMA_FILE, written)

    def _follow_route(self, asking: Asking, drifted: Drifted, target: Target) -> None:
        """Make nobody's code anew, which may get or lose what fills a field; say where somebody's is concerned."""
        text = self._files.text(asking.version, ROUTE) or ""
        before = self._route(drifted.name, drifted, self._stored(drifted)["plan"])
        now = self._route(drifted.name, drifted, drifted.now.plan)
        if text == before:
            after = self._route(target.operation, drifted, drifted.now.plan)
            if after != text:
                self._write(target, asking.version, ROUTE, after)
            return

        if target.operation != drifted.name:
            self.ask(asking, target.place, f'operation("{self._held.name}", "{target.operation}")')
        for told in (_fillings(drifted) if now != before else "", _changes(drifted)):
            if told:
                place = f"{target.place}/{ROUTE}"
                self._made.find(place, asking.line, f"is yours and stays as it is; {told}")

    def _route(self, name: str, drifted: Drifted, plan: Json) -> str:
        """Return the code that an import makes for a plan."""
        return Action(self._held.name, name, "", replace(drifted.now, plan=dict(plan))).route()

    def _follow_requests(self, version: "VersionFolder", drifted: Drifted, target: Target, key: str = "") -> None:
        """Have tests expect what is sent now, where they expect what the import wrote."""
        held = self._files.object(version, REQUESTS)
        if held is None or not isinstance(held.get("requests"), dict):
            return

        known = json_object((self._made.files.get(f"{target.place}/{REQUESTS}") or b"").decode("utf-8-sig")) or held
        before, after = self._stored(drifted)["plan"], drifted.now.plan
        requests = dict(known["requests"])
        for example, request in requests.items():
            data = self._filled_in(version, example)
            if data is None or key not in ("", example) or _sent(before, data, key) != request:
                continue
            requests[example] = _sent(after, data, key) or request
        if requests != known["requests"]:
            self._write(target, version, REQUESTS, json_text({**held, "requests": requests}))

    def _filled_in(self, version: "VersionFolder", example: str) -> dict[str, Any] | None:
        request = (self._files.object(version, f"examples/{example}.json") or {}).get("request")
        data = request.get("data") if isinstance(request, dict) else None
        return data if isinstance(data, dict) else None


def _fillings(drifted: Drifted) -> str:
    return f"other fields of {drifted.address} are filled"


def _changes(drifted: Drifted) -> str:
    changed = [each.difference for each in drifted.changes if each.rule != "DIF030"]
    if not changed:
        return ""

    told = "; ".join(f"{'/'.join(each.path)}: {message(each)}".removeprefix(": ") for each in changed[:_MOST_TOLD])
    more = f"; and {len(changed) - _MOST_TOLD} more" if len(changed) > _MOST_TOLD else ""
    return f"{drifted.address} changed: {told}{more}"


def _sent(plan: Json, data: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """Return the request that a plan makes of what is filled in; None where it makes none."""
    try:
        return expected_by(plan, sent_by(key, data, plan) if key else dict(data))
    except (ValueError, LookupError, TypeError, AttributeError):  # an example may hold anything
        return None
