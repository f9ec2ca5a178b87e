"""The life of one process: warm up, load, serve or answer calls, stop; each when it is told to."""

import gc
import os
from pathlib import Path
from time import perf_counter
from typing import Any

from . import bytecode, calling, typed_lines
from .calls import Observer
from .channel import Orders, Reports
from .load_errors import ErrorDescriber
from .loading import LoadedApp, load
from .output import Output
from .warming import USUAL, imported, warm


def main() -> None:
    """Work on the orders that come on standard input; their end ends the process."""
    orders, reports = Orders(_moved(0, os.open(os.devnull, os.O_RDONLY))), Reports(_moved(1, 2))
    output = Output(reports)
    typed_lines.install(orders, reports, output)

    modules = orders.next()["modules"] or USUAL
    gc.disable()  # what is imported stays: looking for garbage in it takes longer than it frees
    warm(modules)
    gc.enable()
    reports.send("warm")

    order = orders.next()
    loaded = _load(order, output, reports)
    if loaded.app is None:
        return

    gc.freeze()  # nor is any of it worth looking at while it answers, and when it ends
    calls = Observer(reports)
    calls.begin()  # now that the connector is loaded: what it put in the place of parts of `requests` is below ours
    work = orders.next()
    if work["order"] in calling.ORDERS:
        calling.Answering(loaded.app, reports, output, calls).answer(work, orders)
        return

    from .callers import asks_for_guard
    from .failures import Failures
    from .serving import Observed, listening, serve

    Failures(_describer(output), reports).watch(loaded.app)
    guarded = order["guarded"] and asks_for_guard(loaded.app)
    serve(Observed(loaded.app, calls), listening(work), orders, reports, guarded=guarded)


def _moved(descriptor: int, substitute: int) -> int:
    """Return a copy of a descriptor for us alone; the connector has the substitute in its place."""
    own = os.dup(descriptor)
    os.dup2(substitute, descriptor)
    return own


def _load(order: dict[str, Any], output: Output, reports: Reports) -> LoadedApp:
    for name, value in order["environment"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    bytecode.skip_recent_files()
    started = perf_counter()
    loaded = load(_describer(output), order["route_files"])
    output.end_lines()
    reports.send(
        "loaded",
        serves=loaded.app is not None,
        errors=loaded.errors,
        modules=loaded.modules,
        rereads_forms=loaded.rereads_forms,
        seconds=perf_counter() - started,
        imported=imported(),
    )
    return loaded


def _describer(output: Output) -> ErrorDescriber:
    return ErrorDescriber(Path.cwd(), output.last_words)
