"""Whether an answer of the connector is what the platform expects, and what to change where it is not."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stacksync.runtime import forms
from stacksync.studio.runs.sending import Answer

NAMES = ("content_object_name", "id", "name")
PLATFORM_NAMES = ("id", "content_object_name")
LISTS = ("data", "content")


@dataclass(frozen=True)
class ContractFinding:
    """One thing that is off in an answer.

    Args:
        where: The place in the answer, such as `data.content_objects[0]`; "" for the answer as a whole.
        message: What is wrong.
        tip: What to do.
    """

    where: str
    message: str
    tip: str


def check_execute(answer: Answer) -> list[ContractFinding]:
    """Return what is off in an answer of `/execute`."""
    return list(_envelope(answer))


def check_content(answer: Answer, asked: Iterable[str]) -> list[ContractFinding]:
    """Return what is off in an answer of `/content` to a request for these content objects."""
    found = list(_envelope(answer))
    if found or answer.status is None or answer.status >= 400:
        return found

    return list(_content_objects(answer.json["data"], list(asked)))


def check_schema(answer: Answer) -> list[ContractFinding]:
    """Return what is off in an answer of `/schema`."""
    found = list(_envelope(answer))
    if found or answer.status is None or answer.status >= 400:
        return found

    return list(_schema(schema_of(answer.json)))


def schema_of(content: Any) -> Any:
    """Return the form of an answer of `/schema`: `{"data": {"schema": …}}` and `{"data": {…}}` mean the same."""
    data = content.get("data") if isinstance(content, dict) else None
    return data["schema"] if isinstance(data, dict) and "schema" in data else data


@dataclass(frozen=True)
class Listed:
    """The choices that an answer of `/content` has for a content object: values and labels.

    Args:
        more: whether there are more than these.
    """

    choices: tuple[tuple[Any, str], ...] = ()
    more: bool = False


def choices_of(content: Any, name: str) -> Listed:
    """Return what an answer of `/content` has for a content object."""
    data = content.get("data") if isinstance(content, dict) else None
    listed = data.get("content_objects") if isinstance(data, dict) else None
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and _first(each, NAMES) == name:
            return _listed(each)
    return Listed()


def _envelope(answer: Answer) -> Iterator[ContractFinding]:
    if answer.is_cancelled:
        return
    if answer.status is None:
        yield ContractFinding("", answer.problem, "see the connector's log")
        return
    if "json" not in answer.content_type:
        yield ContractFinding(
            "", f"The answer is {answer.content_type or 'of no type'}, not JSON.", "return a Response"
        )
        return
    try:
        content = answer.json
    except (ValueError, RecursionError):
        yield ContractFinding("", "The answer says that it is JSON, and is not.", "return a Response")
        return

    if answer.status < 400:
        yield from _success(content)
    else:
        yield from _failure(content)


def _success(content: Any) -> Iterator[ContractFinding]:
    if not isinstance(content, dict) or "data" not in content:
        yield ContractFinding("", "The answer has no `data`.", "return a Response, whose data is what the module found")
    elif not isinstance(content.get("metadata", {}), dict):
        yield ContractFinding("metadata", "It is no object.", "give Response(metadata=...) a dictionary")


def _failure(content: Any) -> Iterator[ContractFinding]:
    if not isinstance(content, dict) or not isinstance(content.get("error"), str):
        yield ContractFinding(
            "", "The answer has no `error` text.", "raise a ManagedError, or return Response.error(...)"
        )
    elif not isinstance(content.get("metadata", {}), dict):  # the platform's present kit leaves out what is empty
        yield ContractFinding("metadata", "It is no object.", "raise a ManagedError, which brings it")


def _content_objects(data: Any, asked: list[str]) -> Iterator[ContractFinding]:
    tip = 'answer {"content_objects": [{"id": name, "content_object_name": name, "data": [...]}]}'
    listed = data.get("content_objects") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        yield ContractFinding("data.content_objects", "It is missing or no list.", tip)
        return

    named = []
    for index, each in enumerate(listed):
        where = f"data.content_objects[{index}]"
        name = _first(each, NAMES) if isinstance(each, dict) else None
        if not isinstance(name, str):
            yield ContractFinding(where, "It has no name.", tip)
            continue
        named.append((where, name, each))
    yield from _names(asked, [name for _, name, _ in named])
    for where, name, each in named:
        yield from _choices(each, where, name)
        yield from _content_object(each, where, name)


def _content_object(each: dict[str, Any], where: str, name: str) -> Iterator[ContractFinding]:
    """Yield what is off beside the choices: the platform reads `id` when it fills a form, the other to refresh one."""
    for key in PLATFORM_NAMES:
        if each.get(key) != name:
            fault = f"`{name}` has no `{key}`." if key not in each else f"Its `{key}` is another than `{name}`."
            yield ContractFinding(where, fault, "give it its name under `id` and under `content_object_name`")
    pagination = each.get("pagination")
    if not isinstance(pagination, dict) or not isinstance(pagination.get("has_next_page"), bool):
        tip = 'write {"data": {}, "has_next_page": false}'
        yield ContractFinding(f"{where}.pagination", f"`{name}` does not say whether there are more choices.", tip)


def _names(asked: list[str], got: list[str]) -> Iterator[ContractFinding]:
    missing = [name for name in asked if name not in got]
    extra = [name for name in got if name not in asked]
    for name in missing:
        instead = f", got `{extra[0]}`" if len(extra) == 1 else ""
        yield ContractFinding(
            "data.content_objects", f"Asked for `{name}`{instead}.", f"answer the content object `{name}`"
        )
    for name in extra if len(extra) > 1 or not missing else []:
        yield ContractFinding(
            "data.content_objects", f"`{name}` was not asked for.", "answer only what the request names"
        )


def _choices(each: dict[str, Any], where: str, name: str) -> Iterator[ContractFinding]:
    items = _first(each, LISTS)
    if not isinstance(items, list):
        yield ContractFinding(where, f"`{name}` has no list of choices.", "put it under `data`")
        return
    if "data" not in each:
        yield ContractFinding(where, f"`{name}` has its choices under `content`.", "put them under `data`")

    seen, unnumbered = set(), []
    for number, item in enumerate(items, 1):
        place = f"{where}.data[{number - 1}]"
        if not isinstance(item, dict) or "value" not in item:
            yield ContractFinding(place, f"Item {number} has no value.", 'write {"value": ..., "label": ...}')
            continue
        if not isinstance(item.get("label"), str):
            yield ContractFinding(place, f"Item {number} has no label.", "give it the text that users see")
        if item.get("index") != number - 1:
            unnumbered.append(number)
        text = json.dumps(item["value"], sort_keys=True)
        if text in seen:
            yield ContractFinding(place, f"Item {number} repeats the value {text}.", "leave out one of them")
        seen.add(text)
    if unnumbered:
        which = f"Item {unnumbered[0]}" + (f" and {len(unnumbered) - 1} more" if unnumbered[1:] else "")
        yield ContractFinding(
            f"{where}.data", f"{which}: the `index` is not the place in the list.", "number them from 0"
        )


def _schema(schema: Any) -> Iterator[ContractFinding]:
    try:
        form = forms.read_form(schema)
    except forms.FormError as error:
        yield ContractFinding("data.schema", str(error), "answer a form as schema.json has one")
        return

    for note in forms.remarks(form):
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in note.path)
        yield ContractFinding(f"data.schema{where}", note.message, note.suggestion or "see the module schema guide")


def _first(content: dict[str, Any], keys: Iterable[str]) -> Any:
    return next((content[key] for key in keys if key in content), None)


def _listed(each: dict[str, Any]) -> Listed:
    items, pagination = _first(each, LISTS), each.get("pagination")
    more = isinstance(pagination, dict) and pagination.get("has_next_page") is True
    return Listed(tuple(_choice(item) for item in items if _is_choice(item)) if isinstance(items, list) else (), more)


def _is_choice(item: Any) -> bool:
    return isinstance(item, dict) and "value" in item


def _choice(item: dict[str, Any]) -> tuple[Any, str]:
    label = item.get("label")
    return item["value"], label if isinstance(label, str) else str(item["value"])
