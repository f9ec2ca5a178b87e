"""Compare what a connector answers before and after it is adopted: the same requests to both, and what differs.

    python tests/adopt/compare_on_the_wire.py http://127.0.0.1:8001 http://127.0.0.1:8002 --connector FOLDER
    python tests/adopt/compare_on_the_wire.py --before FOLDER --before-python PATH --after FOLDER --after-python PATH

The second form starts both with gunicorn, each in its own environment, where every call to another machine is refused.
In the first form that is up to whoever started them. Needs nothing but Python's library.
"""

from __future__ import annotations

import argparse
import difflib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

PATIENCE = 60.0  # seconds for an answer, and for a start
LONGEST_DIFF = 40  # lines of one difference that are shown

# Loaded before anything of a connector: all it can reach is this machine. Both sides get the same error.
REFUSING = """\
import socket

_LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}
_connect, _look_up = socket.socket.connect, socket.getaddrinfo


def _refuse(sock, address):
    if sock.family != socket.AF_UNIX and address[0] not in _LOCAL:
        raise ConnectionRefusedError(111, "refused by the comparison")
    return _connect(sock, address)


def _look_up_here(host, *arguments, **options):
    if host not in _LOCAL:
        raise socket.gaierror(-2, "refused by the comparison")
    return _look_up(host, *arguments, **options)


socket.socket.connect, socket.getaddrinfo = _refuse, _look_up_here
"""


@dataclass(frozen=True)
class Asked:
    """A request.

    Args:
        kind: What it is called in the report.
        lost: The beginnings of the URLs of modules that the SDK lists, but could not load.
    """

    method: str
    path: str
    kind: str
    body: str | None = None
    lost: frozenset[str] = frozenset()

    @property
    def base(self) -> str:
        """The beginning of the URLs of its module."""
        return "/".join(self.path.split("/", 3)[:3])

    @property
    def is_execute(self) -> bool:
        """Whether it runs a module."""
        return self.path.endswith("/execute")

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.kind})"


@dataclass(frozen=True)
class Reply:
    """A status and a body, parsed where it is JSON."""

    status: int
    body: Any

    @property
    def error(self) -> str | None:
        """The text of the error in its envelope."""
        text = self.body.get("error") if isinstance(self.body, dict) else None
        return text if isinstance(text, str) else None

    def lines(self) -> list[str]:
        """Return it as it is compared and shown."""
        return [f"status {self.status}", *json.dumps(self.body, indent=2, sort_keys=True).splitlines()]


Pair = tuple[Reply, Reply]
DIRECTORY_KEYS = {"routes_directory_path", "routes_directory", "routes_dir", "routes_path"}


@dataclass(frozen=True)
class Planned:
    """A difference that is meant.

    Args:
        reason: Why it is there, and how to go back where that is possible.
        align: Returns both replies without the difference; the same two where it is not there.
    """

    reason: str
    align: Callable[[Asked, Reply, Reply], Pair]


def _without_traces(_asked: Asked, before: Reply, after: Reply) -> Pair:
    def cut(reply: Reply) -> Reply:
        metadata = reply.body.get("metadata") if reply.error is not None else None
        if not isinstance(metadata, dict):
            return reply
        kept = {key: value for key, value in metadata.items() if key not in ("error_id", "stack_trace")}
        return replace(reply, body={**reply.body, "metadata": kept})

    return cut(before), cut(after)


def _own_status(_asked: Asked, before: Reply, after: Reply) -> Pair:
    if before.status != 400 or after.status < 400 or before.error is None or before.error != after.error:
        return before, after

    return replace(before, status=after.status), after


def _internal_text(_asked: Asked, before: Reply, after: Reply) -> Pair:
    told = before.error is not None and (before.error.startswith("Internal server error: ") or before.status >= 500)
    if not told or (after.status, after.error) != (500, "Internal server error"):
        return before, after

    hidden = Reply(500, "an internal error")
    return hidden, hidden


def _refused_bodies(asked: Asked, before: Reply, after: Reply) -> Pair:
    is_refused = asked.kind.startswith("malformed") and after.status in (400, 415) and after.error is not None
    return (after, after) if is_refused else (before, after)


def _envelope(_asked: Asked, before: Reply, after: Reply) -> Pair:
    has_one = isinstance(before.body, dict) and not before.body.keys().isdisjoint({"data", "error"})
    wrapped = not has_one and after.body == {"data": before.body}
    return (replace(before, body=after.body), after) if wrapped else (before, after)


def _passed_over(asked: Asked, before: Reply, after: Reply) -> Pair:
    is_told = _is_missing(before) or (asked.base in asked.lost and before.status == 404)
    return (after, after) if is_told and after.status != 503 else (before, after)


def _loaded_by_neither(asked: Asked, before: Reply, after: Reply) -> Pair:
    return (after, after) if asked.base in asked.lost and after.status == 503 else (before, after)


def _spaced_form(asked: Asked, before: Reply, after: Reply) -> Pair:
    is_found = asked.path.endswith("/schema") and "_" in asked.path and (before.status, after.status) == (404, 200)
    return (after, after) if is_found else (before, after)


def _is_missing(reply: Reply) -> bool:
    """Say whether nothing answers a path, as those of modules that the SDK could not load."""
    return reply.status == 404 and (reply.error or "").startswith("The requested URL")


def _app_config(asked: Asked, before: Reply, after: Reply) -> Pair:
    if asked.path != "/app-config":
        return before, after

    shared = _settings(before).keys() & _settings(after).keys()
    if not _module_paths(before):
        shared -= DIRECTORY_KEYS
    return _listing(before, shared, asked.lost), _listing(after, shared, asked.lost)


def _settings(reply: Reply) -> dict[str, Any]:
    data = reply.body.get("data") if isinstance(reply.body, dict) else None
    found = data.get("app_settings") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _listing(reply: Reply, keys: set[str], lost: frozenset[str]) -> Reply:
    data = reply.body.get("data") if isinstance(reply.body, dict) else None
    if not isinstance(data, dict):
        return reply

    settings = {key: value for key, value in _settings(reply).items() if key in keys}
    listed = [module for module in data.get("modules") or [] if _base(str(module.get("module_path"))) not in lost]
    modules = sorted(listed, key=lambda module: str(module.get("module_id")))
    return replace(reply, body={"data": {**data, "app_settings": settings, "modules": modules}})


def _base(module_path: str) -> str:
    return f"/{module_path}".replace(" ", "_")


PLANNED = (
    Planned("an error has an id, which stands in the log, and never a trace", _without_traces),
    Planned(
        "an error has its own status, where the SDK made all 400; runtime_settings.errors_always_400 restores that",
        _own_status,
    ),
    Planned("an unexpected error is 500, and its text stays in the log", _internal_text),
    Planned("a body that is no JSON object is refused, where the SDK handed {} to the handler", _refused_bodies),
    Planned("what a handler returns beside its status is put into the envelope as well", _envelope),
    Planned("a module that the SDK listed and could not load (404) is served", _passed_over),
    Planned("NOT COMPARED: a module that neither can load, 404 before and 503 after", _loaded_by_neither),
    Planned(
        "/app-config lists what is served, in order, and shows public settings; its modules' folder is there",
        _app_config,
    ),
)

_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "<address>"),
    (re.compile(r"\bhttps?://(?:127\.0\.0\.1|localhost):\d+"), "<connector>"),
)
_CHANGING_KEYS = re.compile(r"(?i)^(timestamp|.*_at|.*time(_seconds|_ms)?|duration\w*|.*elapsed.*)$")


def normalised(value: Any, root: str = "", key: str = "") -> Any:
    """Return a value without what differs from run to run: ids, times, addresses, and where the connector lies."""
    if isinstance(value, dict):
        return {name: normalised(inner, root, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [normalised(inner, root) for inner in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _CHANGING_KEYS.match(key):
        return "<time>"
    if not isinstance(value, str):
        return value

    text = value.replace(root, "<root>") if root else value
    for pattern, name in _CHANGING:
        text = pattern.sub(name, text)
    return text


class Server:
    """One of the two, asked over one address."""

    def __init__(self, address: str, root: str = "") -> None:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        self._host, self._port, self._root = parts.hostname or "", parts.port or 80, root

    def ask(self, asked: Asked) -> Reply:
        """Return what it answers."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            headers = {} if asked.body is None else {"Content-Type": "application/json"}
            connection.request(asked.method, quote(asked.path), asked.body, headers)
            reply = connection.getresponse()
            return Reply(reply.status, normalised(_parsed(reply.read()), self._root))
        finally:
            connection.close()

    def answers(self) -> bool:
        """Say whether it is there."""
        try:
            return self.ask(Asked("GET", "/health", "")).status < 500
        except OSError:
            return False


def _parsed(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def requests_for(before: Server, after: Server, connector: Path | None) -> Iterator[Asked]:
    """Yield what both are asked: the listing, and each endpoint of each version that one of them lists."""
    yield Asked("GET", "/app-config", "listing")
    replies = [each.ask(Asked("GET", "/app-config", "listing")) for each in (before, after)]
    for path in sorted({path for reply in replies for path in _module_paths(reply)}):
        base = _base(path)
        schema = _schema(connector, path, after.ask(Asked("GET", f"{base}/schema", "")))
        yield Asked("GET", f"{base}/schema", "form")
        yield Asked("POST", f"{base}/schema", "empty", "{}")
        yield from _bodies(f"{base}/content", _content_bodies(schema))
        yield from _bodies(f"{base}/execute", _execute_bodies(schema, connector, path))


def _module_paths(reply: Reply) -> list[str]:
    data = reply.body.get("data") if isinstance(reply.body, dict) else None
    modules = data.get("modules") if isinstance(data, dict) else None
    return [str(module["module_path"]) for module in modules or [] if "module_path" in module]


def _schema(connector: Path | None, path: str, reply: Reply) -> Mapping[str, Any]:
    for file in sorted(connector.rglob(f"{path}/schema.json")) if connector else ():
        found = _parsed(file.read_bytes())
        if isinstance(found, dict):
            return found
    data = reply.body.get("data") if isinstance(reply.body, dict) else None
    schema = data.get("schema") if isinstance(data, dict) else None
    return schema if isinstance(schema, dict) else {}


def _bodies(path: str, bodies: Mapping[str, Any]) -> Iterator[Asked]:
    for kind, body in bodies.items():
        yield Asked("POST", path, kind, json.dumps(body))
    yield Asked("POST", path, "malformed JSON", '{"data": ')
    yield Asked("POST", path, "malformed: a list", "[1]")


def _content_bodies(schema: Mapping[str, Any]) -> dict[str, Any]:
    names = [each["id"] for each in _objects(schema)]
    asked = {name: [{"id": name}] for name in [*dict.fromkeys(names), "no_such_object"]}
    forms = {"empty form": {}, "example form": example(schema.get("fields"))} if names else {"empty form": {}}
    bodies = {
        f"{name}, {kind}": {"data": {"content_object_names": wanted, "form_data": form}, **CREDENTIALS}
        for name, wanted in asked.items()
        for kind, form in forms.items()
    }
    return {"empty": {}, "no data": {"data": {}}, **bodies}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the content objects that a form names, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and isinstance(value.get("content_objects"), list):
        yield from (each for each in value["content_objects"] if isinstance(each, dict) and "id" in each)
    for each in inner:
        yield from _objects(each)


def _execute_bodies(schema: Mapping[str, Any], connector: Path | None, path: str) -> dict[str, Any]:
    data = example(schema.get("fields"))
    wrong = {name: {"not": ["what", "was", "asked"]} for name in data}
    kept = {f"example {file.stem}": _kept_input(file) for file in _examples(connector, path)}
    return {
        "empty": {},
        "no data": {"data": {}},
        "data null": {"data": None},
        "invalid": {"data": wrong, **CREDENTIALS},
        "text for all": {"data": dict.fromkeys(data, "x"), **CREDENTIALS},
        "example": {"data": data, **CREDENTIALS},
        "example, no connection": {"data": data},
        **kept,
    }


def _examples(connector: Path | None, path: str) -> list[Path]:
    return sorted(connector.rglob(f"{path}/examples/*.json")) if connector else []


def _kept_input(file: Path) -> Any:
    content = _parsed(file.read_bytes())
    given = content.get("input", content) if isinstance(content, dict) else {}
    return given if isinstance(given, dict) and "data" in given else {"data": given}


CREDENTIALS = {"credentials": {"connection_data": {"value": {"api_key": "made-up", "access_token": "made-up"}}}}
_BY_TYPE: dict[str, Any] = {
    "string": "example",
    "number": 1.5,
    "integer": 1,
    "boolean": True,
    "connection": {"id": "1", **CREDENTIALS["credentials"]},
}


def example(fields: Any) -> dict[str, Any]:
    """Return data that fits the fields of a form: defaults, first choices, or something of the type."""
    named = (field for field in fields if isinstance(field, dict) and "id" in field) if isinstance(fields, list) else ()
    return {str(field["id"]): _value(field) for field in named}


def _value(field: Mapping[str, Any]) -> Any:
    choices = field.get("choices")
    values = choices.get("values") if isinstance(choices, dict) else None
    if field.get("default") not in (None, "", [], {}):
        return field["default"]
    if isinstance(values, list) and values and isinstance(values[0], dict):
        return values[0].get("value")
    if field.get("type") == "object":
        return example(field.get("fields"))
    if field.get("type") == "array":
        items = field.get("items")
        return [_value(items)] if isinstance(items, dict) else []

    return _BY_TYPE.get(str(field.get("type")), "example")


@dataclass(frozen=True)
class Comparison:
    """What came of one request.

    Args:
        asked: The request.
        planned: The reasons of the planned differences between the two replies.
        diff: What differs besides, line by line; empty where nothing does.
    """

    asked: Asked
    planned: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()


def compared(asked: Asked, before: Reply, after: Reply) -> Comparison:
    """Hold two replies against each other."""
    reasons: list[str] = []
    for planned in PLANNED:
        aligned = planned.align(asked, before, after)
        if before != after and aligned != (before, after):
            reasons.append(planned.reason)
        before, after = aligned
    lines = difflib.unified_diff(before.lines(), after.lines(), lineterm="", n=1)
    return Comparison(asked, tuple(reasons), tuple(lines)[2:])


def compare(before: Server, after: Server, connector: Path | None = None) -> list[Comparison]:
    """Ask both the same, one after the other."""
    asked = list(requests_for(before, after, connector))
    replies = [(each, before.ask(each), after.ask(each)) for each in asked]
    lost = frozenset(
        each.path.removesuffix("/execute") for each, reply, _ in replies if each.is_execute and _is_missing(reply)
    )
    return [compared(replace(each, lost=lost), *pair) for each, *pair in replies]


def report(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield the lines of a report: each difference once, with the requests that show it; planned ones as figures."""
    grouped: dict[tuple[str, ...], list[Asked]] = defaultdict(list)
    for each in comparisons:
        if each.diff:
            grouped[each.diff].append(each.asked)
    for diff, asked in grouped.items():
        yield from (f"DIFFERENT {each}" for each in asked[:5])
        if len(asked) > 5:
            yield f"DIFFERENT in the same way: {len(asked) - 5} more"
        yield from (f"    {line}" for line in diff[:LONGEST_DIFF])
        if len(diff) > LONGEST_DIFF:
            yield f"    … {len(diff) - LONGEST_DIFF} more lines"
    for reason, count in Counter(reason for each in comparisons for reason in each.planned).items():
        yield f"planned, {count} times: {reason}"
    different = sum(bool(each.diff) for each in comparisons)
    planned = sum(bool(each.planned) and not each.diff for each in comparisons)
    same = len(comparisons) - different - planned
    yield f"{len(comparisons)} requests: {same} answered the same, {planned} as planned, {different} otherwise"


@contextmanager
def served(folder: Path, python: Path) -> Iterator[str]:
    """Serve a connector in its environment, cut off from other machines, and return its address.

    Raises:
        RuntimeError: It does not answer.
    """
    with ExitStack() as opened:
        private = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        (private / "sitecustomize.py").write_text(REFUSING, "utf-8")
        port, log = _free_port(), opened.enter_context((private / "log").open("w+b"))
        known = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
        variables = {**known, "PYTHONPATH": str(private), "PYTHONDONTWRITEBYTECODE": "1", "ENVIRONMENT": "dev"}
        command = [str(python), "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--timeout", "120"]
        process = subprocess.Popen([*command, "main:app"], cwd=folder, env=variables, stdout=log, stderr=log)
        opened.callback(process.wait)
        opened.callback(process.terminate)
        address = f"http://127.0.0.1:{port}"
        _wait_for(Server(address), process, Path(log.name))
        yield address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the connector does not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print the report, and return 1 where something differs that is not planned."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("addresses", nargs="*", help="the addresses of the connector before and after")
    parser.add_argument("--connector", type=Path, help="its folder, for forms and examples; by default that of --after")
    for side in ("before", "after"):
        parser.add_argument(f"--{side}", type=Path, metavar="FOLDER", help=f"serve the connector {side}")
        parser.add_argument(f"--{side}-python", type=Path, metavar="PYTHON", help="the Python of its environment")
    given = parser.parse_args(arguments)
    if len(given.addresses) != (0 if given.before and given.after else 2):
        parser.error("name two addresses, or --before and --after")

    with ExitStack() as opened:
        addresses = list(given.addresses)
        for folder, python in ((given.before, given.before_python), (given.after, given.after_python)):
            if not addresses or len(addresses) < 2:
                addresses.append(opened.enter_context(served(folder, (python or Path(sys.executable)).absolute())))
        roots = [str(each.resolve()) if each else "" for each in (given.before, given.after)]
        before, after = (Server(address, root) for address, root in zip(addresses, roots, strict=True))
        comparisons = compare(before, after, given.connector or given.after)
    for line in report(comparisons):
        sys.stdout.write(f"{line}\n")
    return int(any(each.diff for each in comparisons))


if __name__ == "__main__":
    sys.exit(main())
