"""Examples of a module: what was filled in, as a file that the connector's tests send again."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.errors import StacksyncError
from stacksync.masking import MASK, mask, mask_in
from stacksync.plain_files import read_plain_text
from stacksync.runtime import decode, forms
from stacksync.studio.form.controls import Input
from stacksync.studio.runs.history import HistoryEntry

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder
    from stacksync.runtime.forms import Field, Form, Steps

FOLDER = "examples"
NAMED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")  # as string.Template has it
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def names_of(folder: "VersionFolder") -> list[str]:
    """Return the names of the examples of a version."""
    return sorted(file.stem for file in (folder.path / FOLDER).glob("*.json"))


@dataclass(frozen=True)
class Sent:
    """What the platform would send, secrets included.

    Args:
        form: The effective form, which says what is secret.
        data: What is filled in.
        credentials: Those of the connection chosen above the form.
        names: The content objects that are asked for, of content.
    """

    form: "Form"
    data: dict[str, Any]
    credentials: Mapping[str, Any]
    endpoint: str = "execute"
    names: tuple[str, ...] = ()

    def body(self, data: Any) -> Any:
        """Return what stands under `data` in the request."""
        if self.endpoint == "execute":
            return data

        asked = {"content_object_names": [{"id": name} for name in self.names]} if self.endpoint == "content" else {}
        return {"form_data": data, **asked}


def read(folder: "VersionFolder", name: str) -> Input:
    """Return what an example fills in; secrets, which it only names, are left out.

    Raises:
        StacksyncError: It is no example of execute.
    """
    file = _file(folder, name)
    try:
        content = decode(read_plain_text(file))
        data, credentials = content["request"]["data"], content["request"].get("credentials") or {}
    except FileNotFoundError:
        raise StacksyncError(f"There is no example {name} any more.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StacksyncError(f"{FOLDER}/{file.name} holds no request that can be read ({error}).") from None
    if not isinstance(data, dict) or content.get("endpoint", "execute") != "execute":
        raise StacksyncError(f"{FOLDER}/{file.name} is no example of execute, so it cannot be filled in.")

    connection = forms.value_at(credentials, ("connection_data", "connection_id"))
    return Input(unescaped(data), connection=connection if isinstance(connection, str) else "")


def request_of(folder: "VersionFolder", name: str) -> tuple[str, dict[str, Any]]:
    """Return what an example calls, and the body that it sends; the names of secrets stand in it.

    Raises:
        StacksyncError: There is none, or it holds no request.
    """
    file = file_of(folder, name)
    try:
        content = decode(read_plain_text(file))
        return str(content.get("endpoint", "execute")), dict(_plain(content["request"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StacksyncError(f"{FOLDER}/{file.name} holds no request that can be read ({error}).") from None


def text_of(sent: Sent, answered: HistoryEntry | None, secrets: Iterable[str]) -> str:
    """Return the text of an example, whose secrets become `${name}`, which tests fill in.

    Args:
        answered: The newest call with this input: tests then expect its status and reply.
        secrets: What may stand nowhere in it.
    """
    request = {"data": sent.body(_with_names(sent))}
    if sent.credentials:
        request["credentials"] = _named_connection(sent.credentials)
    content: dict[str, Any] = {"endpoint": sent.endpoint, "request": _without(frozenset(secrets), request, "secret")}
    content["status"] = (answered.answer.status if answered else None) or 200
    reply = mask_in(_reply(answered), secrets)
    if MASK in json.dumps(reply, ensure_ascii=False):
        reply = None
    if reply is not None:
        content["reply"] = reply
    return f"{json.dumps(content, indent=2, ensure_ascii=False)}\n"


def require_free(folder: "VersionFolder", name: str) -> None:
    """Refuse a name that an example cannot have.

    Raises:
        StacksyncError: It cannot be one, or is taken.
    """
    if _file(folder, name).exists():
        raise _taken(name)


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
        raise _taken(name) from None
    return file


def file_of(folder: "VersionFolder", name: str) -> Path:
    """Return the file of an example.

    Raises:
        StacksyncError: There is none of that name.
    """
    file = _file(folder, name)
    if file.is_file():
        return file

    known = ", ".join(names_of(folder))
    tip = f"there are {known}" if known else "save one: --save-example NAME, or in Studio"
    raise StacksyncError(f"{folder.module_path} has no example {name}.", tip)


def _taken(name: str) -> StacksyncError:
    return StacksyncError(f"{FOLDER}/{name}.json exists already. Choose another name, or remove it.")


def _file(folder: "VersionFolder", name: str) -> Path:
    if not NAME.fullmatch(name):
        raise StacksyncError(f"{name!r} cannot be the name of an example: small letters, digits, _ and - only.")

    return folder.path / FOLDER / f"{name}.json"


def _reply(answered: HistoryEntry | None) -> Any:
    """Return what tests may expect: nothing of a reply that held secrets, nor what differs each time."""
    if answered is None or answered.answer.status is None or MASK in answered.reply:
        return None
    try:
        reply = json.loads(answered.reply)
    except ValueError:
        return None

    kept = {key: value for key, value in reply.items() if key in ("data", "error")} if isinstance(reply, dict) else {}
    return _escaped(kept if answered.answer.status < 400 else {"error": kept.get("error")})


def _with_names(sent: Sent) -> Any:
    """Return data with `${name}` for what is secret, and every other $ written so that it stays one."""
    secrets = [each for each in forms.walk(sent.form, sent.data) if forms.is_secret(each.field, each.value)]
    return _named(sent.data, (), {each.steps: each.field for each in secrets})


def _named(value: Any, steps: "Steps", secrets: "Mapping[Steps, Field]") -> Any:
    field = secrets.get(steps)
    if field and field.type != "connection":
        return f"${{{_word('_'.join(map(str, steps)))}}}"
    if field and isinstance(value, Mapping) and "connection_data" in value:
        return _named_connection(value)
    if isinstance(value, list):
        return [_named(inner, (*steps, index), secrets) for index, inner in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: _named(inner, (*steps, key), secrets) for key, inner in value.items()}

    return _escaped(value)


def _named_connection(holder: Mapping[str, Any]) -> dict[str, Any]:
    """Return a connection with the names of its values in their place."""
    data = holder["connection_data"]
    values = data.get("value") if isinstance(data, Mapping) else None
    named = {key: f"${{{_word(key)}}}" for key in values} if isinstance(values, Mapping) else {}
    rest = {key: _escaped(inner) for key, inner in data.items()} if isinstance(data, Mapping) else {}
    return {key: _escaped(inner) for key, inner in holder.items()} | {"connection_data": {**rest, "value": named}}


def _without(secrets: frozenset[str], value: Any, name: str) -> Any:
    """Return a value with `${name}` for each text that holds a secret, though it stands in no field for one."""
    if isinstance(value, Mapping):
        return {mask(key, secrets): _without(secrets, inner, _word(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(secrets, inner, name) for inner in value]

    plain = value.replace("$$", "$") if isinstance(value, str) else value
    return value if mask_in(plain, secrets) == plain else f"${{{name}}}"


def _word(key: str) -> str:
    """Return a key as a name that `string.Template` reads."""
    word = re.sub(r"\W", "_", key, flags=re.ASCII)
    return f"_{word}" if word[:1].isdigit() else word or "_"


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]

    return {key: _escaped(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


def unescaped(value: Any) -> Any:
    """Return what an example says, `$$` read as $, without what it only names."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [unescaped(inner) for inner in value if not _is_name(inner)]
    if isinstance(value, Mapping):
        return {key: unescaped(inner) for key, inner in value.items() if not _is_name(inner)}

    return value


def _plain(value: Any) -> Any:
    """Return JSON with each `$$` as the dollar that it stands for."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [_plain(inner) for inner in value]

    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAMED.fullmatch(value) is not None
