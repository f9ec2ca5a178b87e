"""What a handler leaves to threads is logged as its own: with the request's id, and without what the request carried.

A task takes a copy of the context of the request that submitted it. A pool's thread has none of its own: it would take
that of the request for which it happened to be started into the tasks of all others.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial, wraps
from multiprocessing.pool import ThreadPool
from typing import Any

import flask

logger = logging.getLogger("threads")

INSTALLED = "_stacksync"
# Threads that a library starts during a request, and keeps for all others.
SERVANTS = ("sentry",)
# How multiprocessing's pools take tasks: one call each, or a list of arguments.
POOL_METHODS = ("apply_async", "_map_async", "imap", "imap_unordered")


def install() -> None:
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

    def reported(callback: Method, future: Future[Any]) -> None:
        try:
            callback(future)
        except Exception:
            logger.exception("What was to be called at the end of a task failed")

    return wraps(add)(lambda future, callback: _submit(add)(future, partial(reported, callback)))


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
