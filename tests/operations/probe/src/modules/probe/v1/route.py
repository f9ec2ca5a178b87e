"""What a module may do to its server: wait, fail, die, call out, and say in its log what it was told in confidence."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import requests

from src.runtime import ManagedError, Module, Request, Response
from src.runtime.http import ApiKeyAuth, session

module = Module(__name__)
logger = logging.getLogger(__name__)


@module.execute
def execute(request: Request) -> Any:
    act = ACTS[request.data.get("act", "answer")]
    return act(request)


def answer(request: Request) -> dict[str, int]:
    return {"pid": os.getpid()}


def wait(request: Request) -> dict[str, int]:
    time.sleep(request.data["seconds"])
    return answer(request)


def wait_for_file(request: Request) -> dict[str, int]:
    with Path(request.data["started"]).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    while not Path(request.data["go_on"]).exists():
        time.sleep(0.01)
    return answer(request)


def fail(request: Request) -> None:
    told = confided(request)
    try:
        raise KeyError(told[0])
    except KeyError as error:
        raise RuntimeError(f"the service refused {told}") from error


def refuse(request: Request) -> None:
    raise ValueError(f"cannot read {confided(request)}")


def manage(request: Request) -> None:
    raise ManagedError(f"not accepted: {confided(request)}", status_code=503)


def log(request: Request) -> dict[str, Any]:
    told = confided(request)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logger.log(level, "told %s", told)
        logger.log(level, "told %s aloud and %s in part", " ".join(told).upper(), told[1][:18])
        logger.log(level, "told %r in bytes", [text.encode() for text in told])
    return {}


def call(request: Request) -> Response:
    told = confided(request)
    reply = requests.get(request.data["url"], params={"key": told[0]}, headers={"X-Key": told[1]}, timeout=5)
    return Response({"status": reply.status_code})


def fetch(request: Request) -> Any:
    return session(request.data["url"], timeout=0.5).get("/things").json()


def fetch_with_key(request: Request) -> Any:
    return session(request.data["url"], ApiKeyAuth(request.data["key"])).get("things").json()


def large(request: Request) -> dict[str, str]:
    return {"text": "x" * 20_000_000}


def confided(request: Request) -> list[str]:
    """Return everything that the request carried."""
    body, flask_request = request.json, request
    carried = [body["data"]["note"], body["data"]["connection"]["connection_data"]["value"]["api_key"]]
    carried += list(body["credentials"]["connection_data"]["value"].values())
    carried += list(flask_request.args.values()) + list(flask_request.cookies.values())
    carried += [
        flask_request.headers["Authorization"],
        flask_request.headers["X-Custom"],
        flask_request.user_agent.string,
    ]
    return carried


ACTS: dict[str, Callable[[Request], Any]] = {
    "answer": answer,
    "wait": wait,
    "wait_for_file": wait_for_file,
    "fail": fail,
    "refuse": refuse,
    "manage": manage,
    "log": log,
    "call": call,
    "fetch": fetch,
    "fetch_with_key": fetch_with_key,
    "large": large,
    "die": lambda request: os._exit(1),
    "threads": lambda request: {"threads": threading.active_count()},
}


@module.route("/files/<name>")
def file(name: str) -> str:
    raise RuntimeError(f"no file {name}")


@module.route("/cached")
def cached() -> flask.Response:
    return flask.Response("{}", headers={"Cache-Control": "max-age=60"})
