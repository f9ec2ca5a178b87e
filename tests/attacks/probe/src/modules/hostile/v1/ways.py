"""Every way in which a module can write a secret to its log; the tests plant one in each."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import escape
from multiprocessing.pool import ThreadPool
from typing import Any
from urllib.parse import quote, quote_plus

logger = logging.getLogger(__name__)
POOL = ThreadPoolExecutor(1)


@cache
def thread_pool() -> ThreadPool:
    """Return a pool that the first request makes, and all others use."""
    return ThreadPool(1)


def fail(secret: str) -> None:
    raise RuntimeError(f"refused {secret}")


def chain(secret: str) -> None:
    try:
        raise KeyError(secret)
    except KeyError as error:
        raise RuntimeError("outer") from error


def logged_exception(secret: str) -> None:
    try:
        fail(secret)
    except RuntimeError:
        logger.exception("failed for %s", secret)


def parsed_as_code(secret: str) -> None:
    compile(f"{secret} ) (", secret, "eval")


def noted(secret: str) -> None:
    error = RuntimeError("noted")
    error.__notes__ = [secret]  # type: ignore[attr-defined]
    raise error


def in_thread(secret: str) -> None:
    joined(threading.Thread(target=logger.error, args=("thread %s", secret)))


def uncaught_in_thread(secret: str) -> None:
    joined(threading.Thread(target=fail, args=(secret,)))


def in_timer(secret: str) -> None:
    joined(threading.Timer(0, logger.error, ("timer %s", secret)))


def thread_of_thread(secret: str) -> None:
    joined(threading.Thread(target=in_thread, args=(secret,)))


def joined(thread: threading.Thread) -> None:
    thread.start()
    thread.join()


def in_pool(secret: str) -> None:
    POOL.submit(logger.error, "pool %s", secret).result()


def in_pool_called_by_name(secret: str) -> None:
    thread_pool().apply_async(func=logger.error, args=(f"by name {secret[:4]}",)).get()


def mapped_in_pool(secret: str) -> None:
    list(POOL.map(logger.error, [f"mapped {secret}"]))


def in_own_pool(secret: str) -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(logger.error, "own pool %s", secret)


def in_thread_pool(secret: str) -> None:
    thread_pool().apply(logger.error, (f"thread pool {secret}",))
    thread_pool().map(logger.error, [f"thread pool {secret}"])


def called_back(secret: str) -> None:
    def fail_later(_: Any) -> None:
        raise RuntimeError(secret)

    future = POOL.submit(time.sleep, 0.01)
    future.add_done_callback(fail_later)
    future.result()
    POOL.submit(time.sleep, 0).result()


def in_event_loop(secret: str) -> None:
    async def run() -> None:
        logger.error("loop %s", secret)
        await asyncio.to_thread(logger.error, "to_thread %s", secret)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, logger.error, "executor %s", secret)
        loop.call_soon(fail, secret)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(run())


def never_awaited(secret: str) -> None:
    class Thing:
        def __del__(self) -> None:
            raise RuntimeError(secret)

    Thing()


def formatted_wrong(secret: str) -> None:
    logger.error("%d", secret)
    logger.error("%s %s", secret)
    logger.error("%(name)s", {"other": secret})


class Broken:
    """Fails when it is written."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __str__(self) -> str:
        raise RuntimeError(self.secret)


def warn(secret: str) -> None:
    warnings.simplefilter("always")
    warnings.warn(f"careful {secret}", stacklevel=1)


def call_back_to_root(secret: str) -> None:
    logging.error(f"root {secret}")


def extra(secret: str) -> None:
    logger.error("extra", extra={"secret": secret})


def stack(secret: str) -> None:
    logger.error("stack %s", secret, stack_info=True)


def text_of_traceback(secret: str) -> None:
    try:
        fail(secret)
    except RuntimeError:
        logger.error(traceback.format_exc())


def at_every_level(secret: str) -> None:
    for level in (10, 20, 30, 40, 50):
        logger.log(level, secret)


def across_the_cut(secret: str) -> None:
    for many in range(14_980, 15_001):
        logger.error("x" * many + secret + "y" * 9_000)


def listed(secret: str) -> None:
    logger.error("told %s", [{"key": secret, secret: 1}, (secret,), {secret}])


def spelled(spell: Callable[[str], Any]) -> Callable[[str], None]:
    return lambda secret: logger.error("spelled %s", spell(secret))


WAYS: dict[str, Callable[[str], Any]] = {
    "as it is": spelled(str),
    "in a sentence": lambda secret: logger.error(f"the key {secret} is not known"),
    "as the message": lambda secret: logger.error(secret),
    "at every level": at_every_level,
    "in an object": lambda secret: logger.error({"key": secret}),
    "in lists and sets": listed,
    "by name": lambda secret: logger.error("%(key)s", {"key": secret}),
    "upper-cased": spelled(str.upper),
    "with letters whose case is longer": spelled(lambda secret: f"İİİ{secret.upper()}İ"),
    "repr": spelled(repr),
    "repr of repr": spelled(lambda secret: repr(repr(secret))),
    "bytes": spelled(str.encode),
    "JSON": spelled(json.dumps),
    "JSON in JSON": spelled(lambda secret: json.dumps(json.dumps({"key": secret}))),
    "URL-encoded": spelled(lambda secret: quote(secret, safe="")),
    "URL-encoded twice": spelled(lambda secret: quote(quote(secret, safe=""))),
    "in a query": spelled(lambda secret: f"https://api.example.com/?key={quote_plus(secret)}"),
    "in an address": spelled(lambda secret: f"https://user:{quote(secret, safe='')}@api.example.com/"),
    "in HTML": spelled(escape),
    "base64": spelled(lambda secret: base64.b64encode(secret.encode()).decode()),
    "base64 of more": spelled(lambda secret: base64.b64encode(f"user:{secret}".encode()).decode()),
    "base64 for addresses": spelled(lambda secret: "key_" + base64.urlsafe_b64encode(secret.encode()).decode()),
    "hexadecimal": spelled(lambda secret: secret.encode().hex()),
    "in a header": spelled(lambda secret: f"Authorization: Bearer {secret}"),
    "with a break": spelled(lambda secret: f"a\n{secret}\nb"),
    "behind much else": spelled(lambda secret: "x" * 3000 + secret),
    "across the cut": across_the_cut,
    "as a large argument": spelled(lambda secret: [secret] * 5000),
    "in an exception": fail,
    "in the cause of an exception": chain,
    "in a logged exception": logged_exception,
    "in a note of an exception": noted,
    "in a syntax error": parsed_as_code,
    "in a key error": lambda secret: dict[str, int]()[secret],
    "in a conversion": lambda secret: float(f"x{secret}"),
    "in the text of a traceback": text_of_traceback,
    "with the stack": stack,
    "in extra": extra,
    "by the root logger": call_back_to_root,
    "by a library": lambda secret: logging.getLogger("urllib3.connectionpool").warning("retrying %s", secret),
    "by an error of logging": formatted_wrong,
    "by an object that cannot be written": lambda secret: logger.error("broken %s", Broken(secret)),
    "by a warning": warn,
    "from a thread": in_thread,
    "from a thread of a thread": thread_of_thread,
    "from a timer": in_timer,
    "from a thread that fails": uncaught_in_thread,
    "from a pool": in_pool,
    "from a pool that is called by name": in_pool_called_by_name,
    "from a pool's map": mapped_in_pool,
    "from a pool of one's own": in_own_pool,
    "from a pool of multiprocessing": in_thread_pool,
    "from a callback of a future": called_back,
    "from an event loop": in_event_loop,
    "from a destructor": never_awaited,
}
