"""A call to an API as a command for a POSIX shell, which runs as soon as its variables are set."""

import shlex
from collections.abc import Iterator

from stacksync.dev.calls.call import ApiCall, Body, header
from stacksync.dev.calls.hiding import Hidden, Text

# What curl writes itself; and what it is told by an option.
_LEFT_OUT = frozenset({"content-length", "host", "connection", "transfer-encoding", "accept-encoding"})
_BODY_FILE = "BODY_FILE"


def as_curl(call: ApiCall) -> str:
    """Return a call as a command: a variable in the place of each secret, and first a line that asks for them.

    A shell that lacks one of them says so, and does not call.
    """
    options = " \\\n  ".join(["curl --globoff --path-as-is", *_options(call), _quoted(call.address)])
    lines = [f': "${{{name}:?{_escaped(what)}}}" &&\n' for name, what in _variables(call).items()]
    return "".join([*lines, options])


def _options(call: ApiCall) -> Iterator[str]:
    yield "--head" if call.method == "HEAD" else f"--request {shlex.quote(call.method)}"
    if "gzip" in header(call.headers, "accept-encoding"):
        yield "--compressed"
    for name, value in call.headers:
        if name.lower() not in _LEFT_OUT:
            yield f"--header {_quoted((f'{name}: ', *value))}" if value else f"--header {shlex.quote(f'{name};')}"
    if call.body is None:
        return
    if not header(call.headers, "content-type"):
        yield "--header 'Content-Type:'"  # without, curl says that it is a form
    yield f"--data-raw {_quoted(call.body.text or ())}" if _is_kept(call.body) else f'--data-binary @"${_BODY_FILE}"'


def _is_kept(body: Body) -> bool:
    return body.text is not None and not body.is_cut


def _variables(call: ApiCall) -> "dict[str, str]":
    """Return which variables the command needs, and what they hold."""
    found: dict[str, str] = {}
    for name, value in call.headers:
        if name.lower() not in _LEFT_OUT:
            found |= {_name(each): _what(each, f"the header {name}") for each in _hidden(value)}
    found |= {_name(each): _what(each, "the address") for each in _hidden(call.address)}
    if call.body is None:
        return found
    if not _is_kept(call.body):
        size = "the body" if call.body.size is None else f"the body of {call.body.size} bytes"
        return {**found, _BODY_FILE: f"export it first, the name of a file with {size}, which is not kept"}

    return found | {_name(each): _what(each, "the body") for each in _hidden(call.body.text or ())}


def _hidden(text: Text) -> Iterator[Hidden]:
    return (each for each in text if isinstance(each, Hidden))


def _name(hidden: Hidden) -> str:
    kinds = {"percent-encoded": "_IN_URL", "as in JSON": "_IN_JSON"}
    return hidden.name + kinds.get(hidden.written, "")


def _what(hidden: Hidden, where: str) -> str:
    written = f", {hidden.written}" if hidden.written else ""
    return f"export it first, the secret in {where}{written}"


def _quoted(text: Text) -> str:
    """Return a text as one word of a shell: variables in double quotes, all else in single ones."""
    pieces = (f'"${_name(each)}"' if isinstance(each, Hidden) else shlex.quote(each) for each in text)
    return "".join(pieces) or "''"


def _escaped(text: str) -> str:
    return "".join(each for each in text if each.isalnum() or each in " _-.,:;()/")
