"""Placeholders: `${name}` stands in a cassette for what must not be written, and made-up values come back for it.

The same for the connections in the requests that the platform sends.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from ..carried import SECRET_NAMES, SHORTEST_VALUE
from ..stand_in import with_connection
from .content import Json
from .texts import CLOSED, OPENED, SHORTEST, SURE, Texts, is_address, is_here

# A value this long is none of a language, whatever it is made of.
LONG = 16
SECRET_NAME = re.compile(
    r"(?i)(token|secret|passw(or)?d|passphrase|pwd|jwt|credential|signature|assertion|cookie|code_verifier"
    r"|(api|access|private|secret|subscription|functions|shared|auth)[_-]?key|session([_-]?(id|key))?|(^|[_-])sid"
    r"|authori[sz]ation|^(x-)?auth|bearer|otp)s?$"
)
# They mark a place in a list or a text, and open nothing.
HARMLESS_NAME = re.compile(
    r"(?i)(page|next|prev(ious)?|cursor|continuation|sync|csrf|xsrf|stop|pad|max|min)[_-]?tokens?$"
)
NAMED_TEXT = re.compile(r"""["'<]?([\w-]{2,40})["']?\s*(?:[:=]|(?<=\w)>)\s*["']?([^\s"'<>&,;]{8,})""")
PAIR = re.compile(r"(^|[?&])([^=&#?\s]+)=([^&#\s]*)")
WHOLE = re.compile(r"\$\{[^${}]*\}")
PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^${}]*)\}")


def is_secret_name(name: str) -> bool:
    """Say whether what has this name is likely to be a secret."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return bool(SECRET_NAME.search(words)) and not HARMLESS_NAME.search(words)


class Placeholders(Texts):
    """Values by the names that stand for them.

    Args:
        numbers: Whether another value of a name is told from the first, as `${name.2}`; not so when a run is played
            back, where a secret of the environment may be any.
    """

    def __init__(self, *, numbers: bool = True) -> None:
        super().__init__()
        self.values: dict[str, object] = {}
        self._numbers = numbers

    def learn(self, name: str, value: object) -> None:
        """Have `${name}` stand for a value."""
        text = str(value)
        if len(text) < SHORTEST or isinstance(value, bool) or WHOLE.fullmatch(self.of_text(text)):
            return

        plain = _word(name)
        numbered = (f"{plain}.{number}" for number in range(2, 1_000_000))
        is_new = plain not in self.values or not self._numbers
        chosen = plain if is_new else next(each for each in numbered if each not in self.values)
        self.values.setdefault(chosen, value)
        self.put(text, f"{OPENED}{chosen}{CLOSED}")

    def learn_secret(self, name: str, value: object) -> None:
        """Learn a value by a name that secrets have; a mere word is hidden under that name, and not everywhere."""
        text = str(value)
        if is_secret_name(name) and len(text) >= SURE and (re.search(r"[0-9]", text) or len(text) >= LONG):
            self.learn(name, value)

    def of(self, value: Any) -> Any:
        """Return JSON with all of them replaced, and whatever stands under a name that secrets have."""
        if not isinstance(value, Mapping):
            return super().of(value)

        return {self.of_text(key): self._hidden(str(key), inner, self.of(inner)) for key, inner in value.items()}

    def of_pairs(self, text: str) -> str:
        """Return an address or a form with all of them replaced, and the values of secret names."""
        return PAIR.sub(self._of_pair, self.of_text(text))

    def _of_pair(self, pair: re.Match[str]) -> str:
        name = unquote_plus(pair[2])
        is_open = is_secret_name(name) and pair[3] and "${" not in pair[3]
        return f"{pair[1]}{pair[2]}=${{{_word(name)}}}" if is_open else pair[0]

    def _hidden(self, name: str, value: Any, made: Any) -> Any:
        if made != value or isinstance(value, (bool, type(None), Mapping, list)) or not is_secret_name(name):
            return made
        if isinstance(value, str):
            # What has spaces in it is a message about the secret.
            return f"${{{_word(name)}}}" if value and not re.search(r"\s", value) else made
        return f"${{number.{_word(name)}}}"

    def learn_connection(self, prefix: str, values: Mapping[str, Any]) -> None:
        """Learn what a connection holds; of an address its host as well."""
        for name, value in _leaves(prefix, values):
            if is_address(value):
                value = value.rstrip("/")
                self.learn(name, value)
                if not is_here(value):
                    self.learn(f"{name}.host", urlsplit(value).netloc)
            self.learn(name, value)

    def learn_secrets(self, value: Any) -> None:
        """Learn what stands in JSON under names that secrets have."""
        for name, inner in _named(value):
            self.learn_secret(name, inner)

    def learn_text(self, text: str) -> None:
        """Learn what stands in another text under such names: `token=…`, `<sessionId>…`."""
        for name, value in NAMED_TEXT.findall(text):
            self.learn_secret(name, value)

    def made_up(self, value: Any) -> Any:
        """Return a connection's value as a cassette has it: what is replaced anywhere is made up."""
        if isinstance(value, Mapping):
            return {key: self.made_up(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.made_up(inner) for inner in value]
        inner = parsed(value)
        if inner is not None:
            return json.dumps(self.made_up(inner), sort_keys=True)

        name = self.get(value.rstrip("/") if is_address(value) else value)
        return value if name is None or isinstance(value, bool) else made_up(name.strip(OPENED + CLOSED), value)


def made_up(name: str, like: object = "") -> Any:
    """Return a value for a name, of the kind of the one that it stands for; the same each time."""
    number = zlib.crc32(name.removeprefix("number.").encode()) % 10**9 + 10**9
    if name.startswith("number.") or isinstance(like, (int, float)):
        return number
    if str(like).isdecimal():
        return str(number)

    word = re.sub(r"[^a-z0-9]+", "-", name.lower().removeprefix("connection.")).strip("-")
    if is_address(like):
        return "http://127.0.0.1" if is_here(str(like)) else f"https://{word}.example"
    return f"made-up-{word}"


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """Return JSON with the values of names in the place of placeholders."""
    if isinstance(value, str):
        return _filled_text(value, names)
    if isinstance(value, Mapping):
        return {_filled_text(key, names): filled(inner, names) for key, inner in value.items()}

    return [filled(inner, names) for inner in value] if isinstance(value, list) else value


def _filled_text(text: str, names: Mapping[str, Any]) -> Any:
    whole = PLACEHOLDER.fullmatch(text)
    if whole and whole[1] and whole[1].startswith("number."):
        return made_up(whole[1])

    return PLACEHOLDER.sub(
        lambda found: "${" if found[1] is None else str(names.get(found[1], made_up(found[1]))), text
    )


def parsed(value: object) -> Any:
    """Return the JSON object that a text holds, as a connection of the type generic_api_credentials may; else None."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _word(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    inner = parsed(value)
    if inner is not None:
        yield from _leaves(name.rpartition(".")[0] or name, inner)
    elif isinstance(value, Mapping):
        for key, each in sorted(value.items()):
            yield from _leaves(f"{name}.{key}", each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(f"{name}.{index}", each)
    elif value is not None:
        yield name, value


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, (str, int, float)) and not isinstance(inner, bool):
                yield str(key), inner
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def connections_in(body: Json) -> dict[str, Json]:
    """Return what the connections of a request hold: the only one as `connection`, else each by its field."""
    beside = _values_in(body.get("credentials"))
    fields = {name: _values_in(value) for name, value in _form_of(body).items()}
    inline = {name: values for name, values in fields.items() if values}
    if bool(beside) + len(inline) == 1:
        return {"connection": next(iter(inline.values()), beside)}

    return {
        **({"connection": beside} if beside else {}),
        **{f"connection.{name}": each for name, each in inline.items()},
    }


def with_connections(body: Json, connections: Mapping[str, Json]) -> Json:
    """Return a request in which the connections of a cassette stand in the place of its own."""
    if set(connections) == {"connection"}:
        return with_connection(body, connections["connection"])

    form = {name: _of_field(name, value, connections) for name, value in _form_of(body).items()}
    data = {**body["data"], "form_data": form} if "form_data" in (body.get("data") or {}) else form
    made = {**body, "data": data}
    if "connection" in connections:
        held = {**((body.get("credentials") or {}).get("connection_data") or {}), "value": connections["connection"]}
        made["credentials"] = {**(body.get("credentials") or {}), "connection_data": held}
    return made


def _of_field(name: str, value: Any, connections: Mapping[str, Json]) -> Any:
    values = connections.get(f"connection.{name}")
    if values is None or not isinstance(value, dict):
        return value

    return {**value, "connection_data": {**(value.get("connection_data") or {}), "value": values}}


def _form_of(body: Json) -> Json:
    data = body.get("data")
    form = data.get("form_data", data) if isinstance(data, dict) else {}
    return form if isinstance(form, dict) else {}


def _values_in(holder: Any) -> Json:
    data = holder.get("connection_data") if isinstance(holder, dict) else None
    values = data.get("value") if isinstance(data, dict) else None
    return values if isinstance(values, dict) else {}


def learn_surroundings(names: Placeholders, bodies: Iterable[Json]) -> None:
    """Learn the secrets of forms and of the environment."""
    for body in bodies:
        form = {name: value for name, value in _form_of(body).items() if not _values_in(value)}
        for name, value in form.items():
            names.learn_secrets({name: value})
    for name, value in sorted(os.environ.items()):
        if SECRET_NAMES.search(name) and len(value) >= SHORTEST_VALUE:
            names.learn(f"env.{name}", value)
