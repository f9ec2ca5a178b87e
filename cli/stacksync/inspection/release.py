"""The release of the template that came with this command."""

import json

from stacksync.checkout import read_checkout
from stacksync.source import CHECKOUT, EMBEDDED, PACKAGE


def own_release() -> str | None:
    """Return the release whose files are exactly those at hand; None in a checkout that has moved on from it."""
    if EMBEDDED.is_dir():
        facts = PACKAGE / "_source.json"
        ref = json.loads(facts.read_text("utf-8")).get("ref") if facts.is_file() else None
        return str(ref) if ref else None

    checkout = read_checkout(CHECKOUT)
    return checkout.ref if checkout and checkout.exact and not checkout.dirty else None
