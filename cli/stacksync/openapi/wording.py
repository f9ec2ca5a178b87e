"""What forms say of values: labels, ids, and hints of what a text cannot say by itself."""

import json
import re
from typing import Any

from stacksync.openapi.shapes import Shape

LONGEST_TEXT = 300
FORMATS = {
    "date": "As 2026-01-31.",
    "date-time": "As 2026-01-31T12:00:00Z.",
    "time": "As 12:00:00.",
    "duration": "As P1DT12H.",
    "email": "An email address.",
    "uri": "A web address.",
    "url": "A web address.",
    "uuid": "As 123e4567-e89b-12d3-a456-426614174000.",
    "byte": "Base64.",
    "ipv4": "As 192.0.2.1.",
    "ipv6": "As 2001:db8::1.",
}
NUMBERS = {"integer": "A whole number.", "number": "A number."}
TEXTS = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "a text"}


def choice_text(value: Any, shape: Shape) -> str:
    """Return a value as the text of a choice: one that the plan reads as the value again."""
    if isinstance(value, str):
        return json.dumps(value) if shape.types != ("string",) and _is_json(value) else value

    return json.dumps(value)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def hints_of(shape: Shape) -> list[str]:
    """Return what a text cannot say by itself: its format, its kind and its limits."""
    if shape.values:
        return []
    kinds = [TEXTS[each] for each in shape.types]
    kind = NUMBERS.get(shape.types[0], "") if len(kinds) == 1 else f"{' or '.join(kinds).capitalize()}."
    known = shape.keywords.get("x-known")
    offered = f"For example {', '.join(map(str, known[:20]))}." if known else ""
    return [kind, FORMATS.get(shape.text("format"), ""), _limits(shape), offered]


def _limits(shape: Shape) -> str:
    held = shape.keywords
    low, high = held.get("minimum"), held.get("maximum")
    longest = held.get("maxLength")
    if isinstance(longest, int) and shape.types == ("string",):
        return f"At most {longest} characters."
    if isinstance(low, (int, float)):
        return f"From {low} to {high}." if isinstance(high, (int, float)) else f"At least {low}."

    return f"At most {high}." if isinstance(high, (int, float)) else ""


def default_of(shape: Shape) -> str:
    """Say what the API does by default."""
    value = shape.keywords.get("default")
    if shape.kind != "scalar" or value in (None, "") or isinstance(value, (dict, list)):
        return ""

    return f"By default {value if isinstance(value, str) else json.dumps(value)}."[:120]


def first_paragraph(description: str) -> str:
    """Return the beginning of a description as one line of bounded length, without markup of HTML."""
    plain = re.sub(r"<[^<>]{0,200}>", " ", description[:4000])
    line = " ".join(re.split(r"\n\s*\n", plain.strip(), maxsplit=1)[0].split())
    clean = "".join(each for each in line if each.isprintable())
    if len(clean) > LONGEST_TEXT:
        clean = clean[:LONGEST_TEXT].rsplit(" ", 1)[0].rstrip(".,;:") + "…"
    return clean if not clean or clean[-1] in ".!?…:" else f"{clean}."


def label(name: str) -> str:
    """Return a name as a label: `firstName` and `first_name` are "First name"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = " ".join(re.sub(r"[^\w]+|_", " ", words).split())[:80]
    plain = words if words.isupper() else " ".join(each if each.isupper() else each.lower() for each in words.split())
    return (plain[:1].upper() + plain[1:]) or "Value"


def identifier(name: str) -> str:
    """Return a name as the id of a field."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name)[:60].strip("_")
    return plain if plain and not plain[0].isdigit() else f"field_{plain}".rstrip("_")


def free_id(name: str, taken: set[str]) -> str:
    """Return an id that no field beside it has; a union's parts have ids that begin with it."""
    wanted, number = identifier(name), 2
    found = wanted
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    taken.add(found)
    return found
