"""What the command line gives for a call: an input, values at places in it, and values for templates."""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.errors import UsageError
from stacksync.runtime import JsonError, YamlFileError, decode, forms, read_yaml

if TYPE_CHECKING:
    from stacksync.runtime.forms import Form

STDIN = "-"
# A part of a path, up to the next dot; a backslash takes the meaning from a dot, an equals sign or another one.
_PART = re.compile(r"((?:[^\\.=]|\\.|\\$)*)([.=]|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\([.=\\])")


@dataclass(frozen=True)
class Setting:
    """A value for one place of the input.

    Args:
        option: What gave it, as it is named in messages.
        path: The ids and positions that lead there.
    """

    option: str
    path: tuple[str, ...]
    value: Any


def read_input(text: str, option: str = "--input") -> Any:
    """Return the JSON that an option gives: itself, as `@file`, or as `@-` on standard input.

    Raises:
        UsageError: There is no such file, or it holds no JSON.
    """
    source, content = _content(text, option)
    try:
        return decode(content)
    except JsonError as error:
        raise UsageError(f"{source}:{error.lineno}: It is no JSON: {error.reason}.", _QUOTING) from None


_QUOTING = 'in a shell, quote it: --input \'{"name": "Ada"}\''


def reads_stdin(text: str | None) -> bool:
    """Say whether an input comes from standard input."""
    return text == f"@{STDIN}"


def _content(text: str, option: str) -> tuple[str, str]:
    if not text.startswith("@"):
        return option, text

    name = text[1:]
    try:
        content = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        return "standard input" if name == STDIN else name, content.decode("utf-8-sig")
    except UnicodeDecodeError:
        fault = "it is not text in UTF-8"
    except OSError as error:
        fault = str(error.strerror)
    raise UsageError(f"{option}: {name} cannot be read: {fault}.")


def read_setting(text: str, *, as_json: bool = False) -> Setting:
    """Return what `--set a.b=text` or `--set-json a.b=JSON` says.

    Raises:
        UsageError: It has no equals sign, no path, or a value that is no JSON.
    """
    option = "--set-json" if as_json else "--set"
    path: list[str] = []
    for found in _PART.finditer(text):
        path.append(_ESCAPED.sub(r"\1", found[1]))
        if found[2] == "=":
            break
    else:
        raise UsageError(f"{option} {path[0] if path else ''}: a value is missing.", f"{option} field=value")
    if not all(path):
        tip = r"a dot leads into an object; write \. for a dot in an id"
        raise UsageError(f"{option} {text[: found.end()]}: an id is empty.", tip)

    value = text[found.end() :]
    return Setting(option, tuple(path), read_input(value, f"{option} {'.'.join(path)}") if as_json else value)


def with_setting(form: "Form", data: dict[str, Any], setting: Setting) -> dict[str, Any]:
    """Return data with a value at its place; what leads there is made.

    Args:
        form: Says what is a list where the data does not yet.

    Raises:
        UsageError: Something else stands on the way.
    """
    made: dict[str, Any] = _put(form, data, setting, ())
    return made


def _put(form: "Form", value: Any, setting: Setting, done: "forms.Steps") -> Any:
    if len(done) == len(setting.path):
        return setting.value

    part = setting.path[len(done)]
    if _is_list(form, value, done, part):
        items = list(value) if isinstance(value, list) else []
        if not part.isdecimal() or int(part) > len(items):
            raise _refused(setting, done, f"is a list of {len(items)}, and {part!r} is no place in it")
        inner = items[int(part)] if int(part) < len(items) else None
        items[int(part) : int(part) + 1] = [_put(form, inner, setting, (*done, int(part)))]
        return items
    if not (value is None or isinstance(value, dict)):
        raise _refused(setting, done, "holds a value, and nothing can stand within it")

    known = value or {}
    return {**known, part: _put(form, known.get(part), setting, (*done, part))}


def _is_list(form: "Form", value: Any, steps: "forms.Steps", part: str) -> bool:
    """Say whether a list stands somewhere, or belongs there: a field says so, else a number that leads into it."""
    if value is not None or not steps:
        return isinstance(value, list)

    passed = list(forms.fields_on(form.fields, steps))
    is_known = len(passed) == len(steps)
    return passed[-1].type == "array" if is_known else part.isdecimal()


def _refused(setting: Setting, done: "forms.Steps", fault: str) -> UsageError:
    return UsageError(f"{setting.option} {'.'.join(setting.path)}: {'.'.join(map(str, done))} {fault}.")


def read_variables(file: str) -> dict[str, str]:
    """Return values for templates from a JSON or YAML file, by what stands between the braces, as JSON.

    `{"MODULE": {"crm": {"output": {"id": 7}}}}` gives what `{"MODULE.crm.output.id": 7}` does.

    Raises:
        UsageError: It cannot be read, or holds no object.
    """
    import json

    try:
        content = read_yaml(Path(file))  # JSON is YAML
    except FileNotFoundError:
        raise UsageError(f"--variables: there is no file {file}.") from None
    except YamlFileError as error:
        raise UsageError(f"--variables: {error}.") from None
    if not isinstance(content, dict):
        raise UsageError(f"--variables: {file} holds no object.", '{"MODULE.crm.output.id": 7}')

    return {name: json.dumps(value, default=str) for name, value in _named(content, "")}


def _named(values: Mapping[Any, Any], within: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = within + str(key).strip().removeprefix("{{").removesuffix("}}").strip()
        yield name, value
        if isinstance(value, Mapping):
            yield from _named(value, f"{name}.")
