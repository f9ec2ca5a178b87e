"""Names of modules and files from those of a description, which may be anything."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from stacksync.errors import UsageError
from stacksync.naming import check_module_name
from stacksync.openapi.operations import Operation

LONGEST = 60
VERBS = {"GET": "get", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}


def names_of(operations: Sequence[Operation], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a name for each operation by its address: the same ones whichever of them are imported.

    Args:
        operations: All of a description.
        known: The addresses of those that have a name already, by their names; nobody else gets one of these.
    """
    taken = {address: name for name, address in (known or {}).items()}
    names = {*(known or ())}
    for operation in sorted(operations, key=lambda each: each.address):
        if operation.address in taken:
            continue
        wanted = plain_name(operation.id) or plain_name(
            f"{VERBS.get(operation.method, operation.method)} {operation.path}"
        )
        name, number = wanted or "operation", 2
        while name in names or not is_module_name(name):
            name, number = f"{(wanted or 'operation')[: LONGEST - 4]}_{number}", number + 1
        taken[operation.address] = name
        names.add(name)
    return taken


def plain_name(text: str) -> str:
    """Return a text as a name that is an identifier of ASCII; "" where nothing of it can be one."""
    ascii_text = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", ascii_text)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    plain = plain if plain[:1].isalpha() or not plain else f"n{plain}"
    if len(plain) <= LONGEST:
        return plain

    return plain[:LONGEST].rpartition("_")[0] or plain[:LONGEST]


def is_module_name(name: str) -> bool:
    """Say whether a module may have a name: it is no word of Python and no device of Windows."""
    try:
        check_module_name(name)
    except UsageError:
        return False
    return True
