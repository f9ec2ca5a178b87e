"""The calls to APIs of one `invoke`, as a table."""

from collections.abc import Iterable, Iterator, Sequence

from stacksync.dev.calls.call import ApiCall
from stacksync.dev.calls.log import RunCalls

HEADINGS = ("#", "METHOD", "ADDRESS", "STATUS", "TIME", "SIZE", "LINE", "")


def table(runs: Iterable[RunCalls]) -> Iterator[str]:
    """Yield the lines of a table for each run."""
    for run in runs:
        yield from _of_run(run)


def _of_run(run: RunCalls) -> Iterator[str]:
    calls, beyond = run.calls, sum(run.beyond.values())
    yield f"{run.endpoint}: {_counted(len(calls) + beyond)}"
    if calls:
        yield from _aligned([HEADINGS, *(_row(each) for each in calls)])
    if beyond:
        counts = ", ".join(f"{status} ×{count}" for status, count in sorted(run.beyond.items()))
        yield f"  and {_counted(beyond)} more: {counts}"
    for way in run.other_ways:
        yield f"  calls {'not seen' if way.is_certain else 'may not be seen'}: {way.sentence}"


def _row(call: ApiCall) -> tuple[str, ...]:
    status = str(call.status or "none")
    history = "; ".join(filter(None, (call.history, call.error)))
    return str(call.number), call.method, call.url, status, call.seconds, call.size, call.place, history


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _counted(number: int) -> str:
    return f"{number or 'no'} {'call' if number == 1 else 'calls'}"
