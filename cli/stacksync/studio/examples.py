"""Examples of a module: what was filled in, as a file that the connector's tests send again."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from stacksync.dev.hiding import MASK, hide, hide_in
from stacksync.errors import StacksyncError

from .history import Entry
from .schemas import Schema

if TYPE_CHECKING:
    from src.runtime.discovery import VersionFolder
    from src.runtime.forms import Field

FOLDER = "examples"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def names_of(folder: "VersionFolder") -> list[str]:
    """Return the names of the examples of a version."""
    return sorted(file.stem for file in (folder.path / FOLDER).glob("*.json"))


def read(folder: "VersionFolder", name: str) -> dict[str, Any]:
    """Return the data that an example fills in.

    Raises:
        StacksyncError: It is no example of execute.
    """
    file = _file(folder, name)
    try:
        content = json.loads(file.read_text("utf-8-sig"))
        data = content["request"]["data"]
    except FileNotFoundError:
        raise StacksyncError(f"There is no example {name} any more.") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StacksyncError(f"{FOLDER}/{file.name} holds no request that can be read ({error}).") from None
    if not isinstance(data, dict) or content.get("endpoint", "execute") != "execute":
        raise StacksyncError(f"{FOLDER}/{file.name} is no example of execute, so it cannot be filled in.")

    filled_in: dict[str, Any] = _as_it_was(data)
    return filled_in


def text_of(schema: Schema, data: dict[str, Any], answered: Entry | None, secrets: Iterable[str]) -> str:
    """Return the text of an example.

    Args:
        data: What the platform would send, secrets included; they become `${name}`, which tests fill in.
        answered: The newest call with this data: tests then expect its status and reply.
        secrets: What may stand nowhere in it.
    """
    named = _without(frozenset(secrets), _with_names(schema.form.fields, data), "secret")
    content: dict[str, Any] = {"endpoint": "execute", "request": {"data": named}}
    content["status"] = (answered.answer.status if answered else None) or 200
    reply = hide_in(_reply(answered), secrets)
    if MASK in json.dumps(reply, ensure_ascii=False):
        reply = None
    if reply is not None:
        content["reply"] = reply
    return f"{json.dumps(content, indent=2, ensure_ascii=False)}\n"


def save(folder: "VersionFolder", name: str, text: str) -> Path:
    """Write an example.

    Raises:
        StacksyncError: The name cannot be one, or is taken.
    """
    file = _file(folder, name)
    file.parent.mkdir(exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise StacksyncError(f"{FOLDER}/{file.name} exists already. Choose another name, or remove it.") from None
    return file


def _file(folder: "VersionFolder", name: str) -> Path:
    if not NAME.fullmatch(name):
        raise StacksyncError(f"{name!r} cannot be the name of an example: small letters, digits, _ and - only.")

    return folder.path / FOLDER / f"{name}.json"


def _reply(answered: Entry | None) -> Any:
    """Return what tests may expect: nothing of a reply that held secrets, nor what differs each time."""
    if answered is None or answered.answer.status is None or MASK in answered.reply:
        return None
    try:
        reply = json.loads(answered.reply)
    except ValueError:
        return None

    kept = {key: value for key, value in reply.items() if key in ("data", "error")} if isinstance(reply, dict) else {}
    return _escaped(kept if answered.answer.status < 400 else {"error": kept.get("error")})


def _with_names(fields: "tuple[Field, ...]", data: Any) -> Any:
    """Return data with `${name}` for what is secret, and every other $ written so that it stays one."""
    if not isinstance(data, Mapping):
        return _escaped(data)

    by_id = {each.id: each for each in fields}
    return {name: _with_name(by_id[name], value) if name in by_id else _escaped(value) for name, value in data.items()}


def _with_name(field: "Field", value: Any) -> Any:
    if field.widget == "password" and value:
        return f"${{{field.id}}}"
    if field.type == "connection" and isinstance(value, Mapping):
        values = value.get("connection_data", {}).get("value", {})
        return {"id": value.get("id"), "connection_data": {"value": {key: f"${{{_word(key)}}}" for key in values}}}
    if isinstance(value, list):
        items = (field.item(index) for index in range(len(value)))
        return [_with_name(item, each) if item else _escaped(each) for item, each in zip(items, value, strict=True)]

    return _with_names(field.fields, value) if field.fields else _escaped(value)


def _without(secrets: frozenset[str], value: Any, name: str) -> Any:
    """Return a value with `${name}` for each text that holds a secret, though it stands in no field for one."""
    if isinstance(value, Mapping):
        return {hide(key, secrets): _without(secrets, inner, _word(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(secrets, inner, name) for inner in value]

    plain = value.replace("$$", "$") if isinstance(value, str) else value
    return value if hide_in(plain, secrets) == plain else f"${{{name}}}"


def _word(key: str) -> str:
    return re.sub(r"\W", "_", key, flags=re.ASCII)


def _as_it_was(value: Any) -> Any:
    """Return data with each `$$` as the `$` that it is for tests; a `${name}` is for the user to fill in."""
    if isinstance(value, str):
        return Template(value).safe_substitute()
    if isinstance(value, list):
        return [_as_it_was(inner) for inner in value]

    return {key: _as_it_was(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]

    return {key: _escaped(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
