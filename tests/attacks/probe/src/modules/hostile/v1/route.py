"""A module that does what hurts: it writes secrets to its log, many values, and answers with any status."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from flask import Response as FlaskResponse
from flask import request as flask_request

from src.runtime import ManagedError, Module, Request, Response

from .ways import WAYS

module = Module(__name__)
logger = logging.getLogger(__name__)


@module.execute
def execute(request: Request) -> Any:
    way = request.data.get("way", "")
    if way in WITH_ROWS:
        return WITH_ROWS[way](request.data["rows"])
    if way in WAYS:
        WAYS[way](secret_of(request))
    if "part" in request.data:
        logger.error("the key %s is not known", secret_of(request)[slice(*request.data["part"])])
    return {"thread": threading.current_thread().name}


@module.route("/status", methods=["POST"])
def status() -> Any:
    """Answer with the status that was asked for, in one of the ways that a handler has."""
    asked = flask_request.get_json()
    given = asked["status"]
    if asked.get("way") == "managed":
        raise ManagedError("not this way", status_code=given)
    if asked.get("way") == "response":
        return Response({"a": 1}, status_code=given)
    if asked.get("way") == "flask":
        return FlaskResponse('{"data": 1}', given if isinstance(given, int) else f"{given} Conflict")

    return {"a": 1}, given


@module.route("/headers", methods=["POST"])
def headers() -> Any:
    """Answer with headers that every answer has, written as one likes."""
    return {"a": 1}, 200, {"x-request-id": "other", "cache-control": "max-age=1", "X-FRAME-OPTIONS": "DENY"}


@module.route("/own", methods=["POST"])
def own() -> Any:
    """Read the body oneself, as a route of one's own may."""
    body = json.loads(flask_request.get_data())
    logger.error("own %s", body["note"])
    return {}


def secret_of(request: Request) -> str:
    """Return the secret, wherever the caller put it."""
    if "variable" in request.data:
        return os.environ[request.data["variable"]]
    account = request.connection("account")
    if "api_credentials" in account:
        account = json.loads(account["api_credentials"])
    return account.get("key") or request.data.get("pin") or request.data.get("note") or ""


def log_rows(rows: list[Any]) -> dict[str, int]:
    logger.info("creating %s", rows)
    return {"rows": len(rows)}


def log_rows_in_text(rows: list[Any]) -> dict[str, int]:
    logger.info(f"creating {rows}")
    return {"rows": len(rows)}


def fail_with_rows(rows: list[Any]) -> dict[str, int]:
    raise KeyError(rows)


def log_each_row(rows: list[Any]) -> dict[str, int]:
    for row in rows:
        logger.info("creating %s", row)
    return {"rows": len(rows)}


WITH_ROWS: dict[str, Callable[[list[Any]], Any]] = {
    "rows": log_rows,
    "rows in text": log_rows_in_text,
    "rows in an error": fail_with_rows,
    "each row": log_each_row,
    "recursion": lambda rows: recurse(),
}


def recurse() -> None:
    recurse()
