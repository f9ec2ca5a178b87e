"""What callers of an adopted connector see otherwise than before, and the switch that restores it, if there is one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_STATUS = re.compile(
    r"status_code\s*=\s*(?!400)\d{3}|\.(?:not_found|unauthorized|forbidden|server_error|service_error)\("
)
_FAILS = re.compile(r"\bManagedError\b|\braise\b")


@dataclass(frozen=True)
class Difference:
    """A difference on the wire.

    Args:
        text: What differs.
        switch: What restores it; empty where nothing does.
    """

    text: str
    switch: str = ""


_ALWAYS = (
    Difference("malformed JSON, and a body that is no object, is answered with 400 before the module is called"),
    Difference("a 500 says `Internal server error` and an error id; the exception stands in the log"),
    Difference("a module that cannot be loaded answers 503, and /ready names it; before, its URLs were missing"),
)
_STATUSES = Difference(
    "errors go out with the status that the code gives; before, each was a 400",
    "`errors_always_400: true` under `runtime_settings` in app_config.yaml",
)
_ORIGINS = Difference(
    "under `stacksync dev`, pages of other origins are refused, because app_config.yaml has no `cors_origins`",
    '`cors_origins: ["*"]` under `local_development_settings`',
)


def differences(sources: Iterable[str], names_origins: bool) -> list[Difference]:
    """Return what differs for a connector of such code.

    Args:
        sources: The texts of its Python files.
        names_origins: Whether its configuration says which pages may call it.
    """
    texts = list(sources)
    statuses = [_STATUSES] if any(_STATUS.search(text) and _FAILS.search(text) for text in texts) else []
    return [*statuses, *_ALWAYS, *([] if names_origins else [_ORIGINS])]
