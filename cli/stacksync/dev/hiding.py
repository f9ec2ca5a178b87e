"""Secrets in texts that are shown: a mask stands in their place."""

import json
from collections.abc import Iterable

MASK = "••••••"
# Words like "v1" or "true" are everywhere and give nothing away.
SHORTEST = 4


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return a text with every secret in it masked, also where JSON writes it escaped."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            for spelling in (secret, json.dumps(secret)[1:-1]):
                text = text.replace(spelling, MASK)
    return text
