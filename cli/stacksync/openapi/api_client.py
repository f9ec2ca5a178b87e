"""What an import sets in a connector whose client is as the template made it: address, credentials, login."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from stacksync.answers import Given
from stacksync.answers_file import read_answers
from stacksync.connector import ANSWERS_FILE, Connector
from stacksync.modules.adding import source_for
from stacksync.openapi.access import Scheme
from stacksync.plain_files import read_plain

FILE = "src/api_client.py"
STAND_IN = "tests/stand_in.py"
_ADDRESS = re.compile(r'^BASE_URL = "https://api\.example\.com"$', re.MULTILINE)
_LOGIN = {"authorize": "AUTHORIZE_URL", "token": "TOKEN_URL"}


@dataclass(frozen=True)
class Settings:
    """What an import would set, and what it leaves to the user.

    Args:
        auth: The answer that the connector has afterwards.
        files: The content of files that are still as the template made them.
        notes: What is not set, and why.
    """

    auth: str
    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


def settings_for(connector: Connector, server: str, scheme: Scheme | None) -> Settings:
    """Return what to set in a connector for an API.

    Args:
        connector: The connector.
        server: Where the API begins; "" where its description does not say.
        scheme: How its callers prove who they are; None where they need not.
    """
    auth = str(connector.answers.get("auth", "none"))
    wanted = scheme.auth if scheme else "none"
    notes: tuple[str, ...] = () if server else ("The description names no server: set BASE_URL in src/api_client.py.",)
    if not _is_ours(connector) or auth != "none":
        return Settings(auth, {}, (*notes, *_differing(connector, server, auth, wanted)))

    before = _rendered(connector, auth)
    if content_of(connector, FILE) != before[FILE]:
        return Settings(auth, {}, (*notes, *_differing(connector, server, auth, wanted)))

    after = _set_in(before if wanted == auth else _rendered(connector, wanted), server, scheme)
    changed = [name for name, content in after.items() if content != before.get(name) and is_connectors(name)]
    untouched = [name for name in changed if content_of(connector, name) == before.get(name)]
    notes += tuple(
        f"{name} was edited, and is as it was: the import would change it." for name in changed if name not in untouched
    )
    return Settings(wanted, {name: after[name] for name in untouched}, notes)


def is_connectors(name: str) -> bool:
    """Say whether a file is the connector's: modules are their own from the first commit on."""
    return not name.startswith("src/modules/")


def _is_ours(connector: Connector) -> bool:
    """Say whether the client may still be as the template made it; whether it is, takes a render to know."""
    text = content_of(connector, FILE) or b""
    return bool(connector.answers) and _ADDRESS.search(text.decode("utf-8", "replace")) is not None


def content_of(connector: Connector, name: str) -> bytes | None:
    """Return what a file holds; None where there is none, or it lies behind a link."""
    file = connector.root / name
    if connector.link_to(file):
        return None
    try:
        return read_plain(file)
    except OSError:
        return None


def _rendered(connector: Connector, auth: str) -> dict[str, bytes]:
    """Return the files that the connector's own release makes with an answer."""
    from stacksync.template import render  # Copier takes half a second to import

    answers = read_answers(connector.root, ANSWERS_FILE)
    known = {name: value for name, value in answers.items() if name[0] != "_"} | {"auth": auth}
    given = {name: Given(str(value), value, "--auth") for name, value in known.items()}
    with TemporaryDirectory(prefix="stacksync-") as folder:
        root = Path(folder) / connector.root.name
        render(source_for(answers), root, given)
        files = [each for each in root.rglob("*") if each.is_file()]
        return {each.relative_to(root).as_posix(): each.read_bytes() for each in files}


def files_for(connector: Connector, server: str, scheme: Scheme | None) -> dict[str, bytes]:
    """Return the files that an import makes of a connector that nobody touched."""
    return _set_in(_rendered(connector, scheme.auth if scheme else "none"), server, scheme)


def _set_in(files: dict[str, bytes], server: str, scheme: Scheme | None) -> dict[str, bytes]:
    made = {
        FILE: _set(files[FILE].decode(), server, scheme),
        STAND_IN: _served(files[STAND_IN].decode(), server, scheme),
    }
    return {**files, **{name: text.encode() for name, text in made.items()}}


def _set(text: str, server: str, scheme: Scheme | None) -> str:
    """Return the client with what a description says, each as a literal."""
    if server:
        text = _ADDRESS.sub(lambda _: f"BASE_URL = {json.dumps(server)}", text, count=1)
    details = scheme.details if scheme else {}
    if scheme and scheme.auth == "api_key":
        place = "query" if details["in"] == "query" else "header"
        text = text.replace('header="X-API-Key"', f"{place}={json.dumps(details['name'])}", 1)
    for key, name in _LOGIN.items():
        if key in details:
            text = _constant(text, name, details[key])
    return text


def _constant(text: str, name: str, value: str) -> str:
    """Return the client with another value of a constant; an address has nothing that a literal has to escape."""
    return re.sub(rf'^{name} = ".*"$', lambda _: f"{name} = {json.dumps(value)}", text, count=1, flags=re.MULTILINE)


def _served(text: str, server: str, scheme: Scheme | None) -> str:
    """Return the stand-in, which begins where the API does and is called as it is."""
    begins = urlsplit(server).path.rstrip("/")
    text = text.replace('api.collection("/contacts"', f"api.collection({json.dumps(begins + '/contacts')}", 1)
    if not scheme or scheme.auth != "api_key":
        return text
    if scheme.details["in"] == "query":
        return re.sub(r'^    headers=\{"X-API-Key": .*\n', "", text, flags=re.MULTILINE)

    return text.replace('"X-API-Key"', json.dumps(scheme.details["name"]), 1)


def _differing(connector: Connector, server: str, auth: str, wanted: str) -> list[str]:
    """Say what a user has to look at in a client that is theirs."""
    text = (content_of(connector, FILE) or b"").decode("utf-8", "replace")
    notes = []
    if server and json.dumps(server) not in text:
        notes.append(f"{FILE} is yours and stays as it is. The API begins at {server}: compare BASE_URL.")
    if wanted != auth:
        notes.append(
            f"The API wants `auth: {wanted}`, and this connector has `auth: {auth}`: see documentation/connections.md."
        )
    return notes


def as_json(settings: Settings) -> dict[str, Any]:
    """Return what is set, for a report."""
    return {"auth": settings.auth, "files": sorted(settings.files), "notes": list(settings.notes)}
