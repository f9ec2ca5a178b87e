"""What becomes of a connector's client when its API is elsewhere, or wants other credentials: all of it, or nothing."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from stacksync.comparison.forms import FormDifference
from stacksync.connector import Connector
from stacksync.openapi.access import stored_scheme
from stacksync.openapi.api_client import FILE, STAND_IN, content_of, files_for, is_connectors
from stacksync.openapi.drift import ADDRESSES, Drift
from stacksync.openapi.module_files import BOM, ModuleFiles
from stacksync.openapi.renewal import Renewal
from stacksync.runtime import SCHEMA_FILE
from stacksync.updates.line_ends import fitted, same_but_for_line_ends

_LITERALS = {"server": "BASE_URL", "login_address": "AUTHORIZE_URL", "token_address": "TOKEN_URL"}


def move_client(connector: Connector, found: Drift, files: ModuleFiles, made: Renewal) -> None:
    """Have the client call the API as it is now, where it stands as the import left it; else say what differs where."""
    changed = [each.difference for each in found.api if each.rule == "DIF013"]
    if all(each.aspect in ADDRESSES for each in changed):
        is_done = _set_addresses(connector, changed, made)
    else:
        is_done = _render_again(connector, found, made)
    if not is_done:
        _tell(connector, changed, made)
    _tell_forms(found, files, made)


def _set_addresses(connector: Connector, changed: Sequence[FormDifference], made: Renewal) -> bool:
    """Set addresses where each stands as the import wrote it, whatever else was edited."""
    content = content_of(connector, FILE)
    text = (content or b"").decode("utf-8", "surrogateescape")
    for each in changed:
        name = _LITERALS[each.aspect]
        old, new = (f"{name} = {json.dumps(value)}" for value in (each.before, each.after))
        if not each.after or len(re.findall(rf"^{re.escape(old)}\r?$", text, re.MULTILINE)) != 1:
            return False
        text = text.replace(old, new)
    made.files[FILE] = text.encode("utf-8", "surrogateescape")
    server = next((each for each in changed if each.aspect == "server"), None)
    if server:
        _move_stand_in(connector, server, made)
    return True


def _move_stand_in(connector: Connector, server: FormDifference, made: Renewal) -> None:
    """Have the stand-in of the connector's own tests begin where the client's address does."""
    content = content_of(connector, STAND_IN)
    if content is None:
        return
    old, new = (json.dumps(_begins(each)).encode()[:-1] for each in (server.before, server.after))
    moved = content.replace(b"api.collection(" + old, b"api.collection(" + new, 1)
    if moved != content:
        made.files[STAND_IN] = moved


def _begins(address: Any) -> str:
    return urlsplit(str(address)).path.rstrip("/") + "/contacts"


def _render_again(connector: Connector, found: Drift, made: Renewal) -> bool:
    """Make anew what an import made, if the client is as it made it; what else was edited is named."""
    about = found.held.about
    then, now = stored_scheme(about.get("security")), found.scheme
    auth = then.auth if then else "none"
    if not connector.answers or connector.answers.get("auth", "none") != auth:
        return False
    server = next((each.difference.after for each in found.api if each.difference.aspect == "server"), about["server"])
    before = files_for(connector, str(about.get("server") or ""), then)
    if not _is_as(connector, FILE, before):
        return False

    after = files_for(connector, str(server or ""), now)
    for name in sorted({*before, *after}):
        if is_connectors(name) and before.get(name) != after.get(name):
            _renew(connector, name, (before, after), made)
    return True


def _is_as(connector: Connector, name: str, files: Mapping[str, bytes]) -> bool:
    present, made = content_of(connector, name), files.get(name)
    if present is None or made is None:
        return present is made
    return same_but_for_line_ends(present.removeprefix(BOM), made)


def _renew(connector: Connector, name: str, sides: Sequence[Mapping[str, bytes]], made: Renewal) -> None:
    before, after = sides
    present = content_of(connector, name)
    if not _is_as(connector, name, before):
        line = _first_difference(before.get(name, b""), after.get(name, b""))
        told = "the new login makes it otherwise" if name in after else "the new login does not need it"
        made.find(name, line, f"is yours and stays as it is; {told}")
    elif name not in after:
        made.removed.append(name)
    else:
        made.files[name] = fitted(after[name], present) if present else after[name]


def _first_difference(one: bytes, other: bytes) -> int:
    """Return the line from which two contents differ."""
    lines = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((number for number, (a, b) in enumerate(lines, 1) if a != b), 1)


def _tell(connector: Connector, changed: Sequence[FormDifference], made: Renewal) -> None:
    """Say what a client that is somebody's has to follow, and in which line."""
    text = (content_of(connector, FILE) or b"").decode("utf-8", "replace")
    for each in changed:
        name = _LITERALS.get(each.aspect, "")
        places = (rf"^{name}\b" if name else r"Auth\(", r"^BASE_URL\b")
        at = next((found for place in places if (found := re.search(place, text, re.MULTILINE))), None)
        line = text.count("\n", 0, at.start()) + 1 if at else 1
        said = f"{each.aspect.replace('_', ' ')} is {json.dumps(each.after)} now, and was {json.dumps(each.before)}"
        made.find(FILE, line, f"is yours and stays as it is; {said}")


def _tell_forms(found: Drift, files: ModuleFiles, made: Renewal) -> None:
    """Say which forms ask for no connection, where the API did not want one before."""
    was = stored_scheme(found.held.about.get("security"))
    if (was and was.auth != "none") or not found.scheme:
        return

    for version in files.of_api:
        form = files.object(version, SCHEMA_FILE)
        if form is not None and "connections" not in form:
            place = f"{files.place(version)}/{SCHEMA_FILE}"
            made.find(place, 1, f"asks for no connection, and the API wants one now: {found.scheme.auth}")
