"""Connections and secrets in the requests that the platform sends, and made-up ones in their place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ..carried import SECRET_NAMES, SHORTEST_VALUE
from ..stand_in import with_connection
from .content import Json
from .placeholders import Placeholders


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
