"""Log lines on standard output: JSON in production and staging, readable in development; one for each request.

Written: time, level, request id, method, route, module, version, status, milliseconds; for an error its id and its
traceback with source lines, without local variables. Not written, whatever the level: what the request carried (see
`redaction`), path and query as the caller wrote them, bodies and headers of replies.

`LOG_LEVEL` is DEBUG, INFO (the default), WARNING or ERROR. Request lines are INFO.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial, wraps
from multiprocessing.pool import ThreadPool
from typing import Any

import flask

from .carried import environment_secrets
from .config import Config, ConfigError
from .log_lines import LineFormatter, json_line, readable_line
from .wsgi import layer

STDOUT = 1
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# Below WARNING they write the URLs that the connector calls, and with them queries and paths.
URL_WRITERS = ("urllib3", "requests", "httpx", "httpcore", "authlib", "sentry_sdk")


class LineHandler(logging.Handler):
    """Write each record as one line to standard output."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            write(self.format(record))
        except Exception:  # noqa: BLE001 - a line that cannot be made must not fail the request
            write(f"A line of {record.name} could not be written ({record.pathname}:{record.lineno})")


def install(app: flask.Flask, config: Config) -> None:
    """Log each request of the application, and what anything logs, as lines on standard output.

    Raises:
        ConfigError: LOG_LEVEL is not a level.
    """
    level = _level()
    environment_secrets.cache_clear()
    # What logging prints of a line that it cannot make are its arguments; ours says so without them.
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    follow_threads()
    formatter = LineFormatter(as_json=not config.is_development)
    _listen(formatter, level)
    _tame_servers(formatter)
    if level > logging.INFO:
        return

    request_line = json_line if formatter.as_json else readable_line
    layer(app).observers.append(lambda environ, kind, seconds: write(request_line(environ, kind, seconds)))


def write(line: str) -> None:
    """Write one line to standard output, by one system call: threads and workers then do not mix theirs.

    A log that nobody reads any more must not fail the request.
    """
    rest = f"{line}\n".encode("utf-8", "backslashreplace")
    try:
        while (written := os.write(STDOUT, rest)) < len(rest):
            rest = rest[written:]
    except OSError:
        pass


def _level() -> int:
    name = os.environ.get("LOG_LEVEL", "").strip().upper() or "INFO"
    if name not in LEVELS:
        raise ConfigError(f"The environment variable LOG_LEVEL is {name!r}. Write one of {', '.join(LEVELS)}.")

    return int(getattr(logging, name))


def _listen(formatter: logging.Formatter, level: int) -> None:
    root = logging.getLogger()
    for earlier in [handler for handler in root.handlers if isinstance(handler, LineHandler)]:
        root.removeHandler(earlier)
    handler = LineHandler()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(level)


def _tame_servers(formatter: logging.Formatter) -> None:
    for name in URL_WRITERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Their access lines hold the path and the query; ours replace them.
    logging.getLogger("gunicorn.access").disabled = True
    logging.getLogger("werkzeug").addFilter(_is_no_access_line)
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.addFilter(_forget_request)
    for handler in gunicorn.handlers:
        handler.setFormatter(formatter)


def _is_no_access_line(record: logging.LogRecord) -> bool:
    return " - - [" not in str(record.msg)


def _forget_request(record: logging.LogRecord) -> bool:
    """Drop gunicorn's lines that quote a request at DEBUG, and shorten those above it."""
    if record.levelno < logging.INFO:
        return False

    text = str(record.msg)
    if text.startswith("Invalid request"):
        record.msg, record.args = "Invalid request: it is not well-formed HTTP", ()
    if text.startswith("Socket error"):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args, record.exc_info = "A client stalled, and was let go", (), None
    if text.startswith("Error handling request"):
        record.msg, record.args = "Error handling request", ()
        _forget_message(record)
    return True


def _forget_message(record: logging.LogRecord) -> None:
    if record.exc_info and record.exc_info[0]:
        record.exc_text = "".join(traceback.format_tb(record.exc_info[2])) + record.exc_info[0].__name__
        record.exc_info = None


logger = logging.getLogger("threads")

# What a handler leaves to threads is logged as its own: with the request's id, and without what the request carried.
# A task takes a copy of the context of the request that submitted it. A pool's thread has none of its own: it would
# take that of the request for which it happened to be started into the tasks of all others.
INSTALLED = "_stacksync"
# Threads that a library starts during a request, and keeps for all others.
SERVANTS = ("sentry",)
# How multiprocessing's pools take tasks: one call each, or a list of arguments.
POOL_METHODS = ("apply_async", "_map_async", "imap", "imap_unordered")


def follow_threads() -> None:
    """Have threads and pools work in the context of the request that gave them their work, and failures be logged."""
    # Test runners have hooks of their own.
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_uncaught
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable
    if hasattr(threading.Thread.start, INSTALLED):
        return

    _replace(threading.Thread, "start", _start)
    _replace(ThreadPoolExecutor, "submit", _submit)
    _replace(Future, "add_done_callback", _call_back)
    _replace(ThreadPool, "__init__", _without_context)
    for method in POOL_METHODS:
        _replace(ThreadPool, method, _submit)


Method = Callable[..., Any]


def _replace(owner: type, name: str, change: Callable[[Method], Method]) -> None:
    method = change(getattr(owner, name))
    setattr(method, INSTALLED, True)
    setattr(owner, name, method)


def _start(start: Method) -> Method:
    @wraps(start)
    def started(thread: threading.Thread) -> None:
        if flask.has_request_context() and not thread.name.startswith(SERVANTS):
            thread.run = _reporting(copy_context(), thread)  # type: ignore[method-assign]
        start(thread)

    return started


def _reporting(context: Context, thread: threading.Thread) -> Callable[[], None]:
    """Return the thread's `run`, whose failure is reported within its context: Python would do so when it was left."""
    run = thread.run

    def reported() -> None:
        try:
            run()
        except SystemExit:
            pass
        except BaseException:  # noqa: BLE001 - what threading does with it
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), thread)))

    return lambda: context.run(reported)


def _submit(submit: Method) -> Method:
    @wraps(submit)
    def submitted(pool: Any, *arguments: Any, **options: Any) -> Any:
        if not flask.has_request_context():
            return submit(pool, *arguments, **options)

        context = copy_context()
        if arguments:
            arguments = (_Task(context, arguments[0]), *arguments[1:])
        else:
            options["func"] = _Task(context, options["func"])
        # A pool may start a thread for this task: it is to have no context.
        return Context().run(submit, pool, *arguments, **options)

    return submitted


def _call_back(add: Method) -> Method:
    """Have a callback that fails be logged in its context; the future would do so outside of it."""
    add_task = _submit(add)

    def reported(callback: Method, future: Future[Any]) -> None:
        try:
            callback(future)
        except Exception:
            logger.exception("What was to be called at the end of a task failed")

    @wraps(add)
    def added(future: Future[Any], callback: Method) -> None:
        # gunicorn adds one for each request, outside of it: that must cost next to nothing.
        if flask.has_request_context():
            add_task(future, partial(reported, callback))
        else:
            add(future, callback)

    return added


class _Task:
    """A task that runs in the context it was submitted in, in several threads at once if need be."""

    def __init__(self, context: Context, task: Method) -> None:
        self.context = context
        self.task = task

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.context.copy().run(self.task, *arguments, **options)


def _without_context(make: Method) -> Method:
    @wraps(make)
    def made(pool: Any, *arguments: Any, **options: Any) -> Any:
        return Context().run(make, pool, *arguments, **options)

    return made


def _log_uncaught(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_type is SystemExit or failed.exc_value is None:
        return

    text = "A thread ended with an error that nobody caught"
    logger.error(text, exc_info=failed.exc_value)


def _log_unraisable(failed: Any) -> None:
    """Log what was raised where nobody can catch it, as in `__del__`; Python prints the object too."""
    logger.error("An error was ignored: %s", failed.err_msg or type(failed.object).__name__, exc_info=failed.exc_value)
