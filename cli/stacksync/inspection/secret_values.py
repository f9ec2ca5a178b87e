"""How secrets are told from other values: by the name they have, or by how they look."""

import re

# The last words of names that hold secrets: `hubspot_api_key`, `CLIENT_SECRET`, `db.password`.
_SECRET_NAME = re.compile(
    r"(?i)(^|_)(api_?key|access_?key|private_?key|secret_?key|token|passw(or)?d|pwd|secret|credentials?|authorization)$"
)
# A token of these kinds opens nothing: it marks a place in a list or a text.
_HARMLESS_NAME = re.compile(
    r"(?i)(page|next|prev(ious)?|cursor|continuation|sync|csrf|xsrf|stop|pad|max|min)_?tokens?$"
)

# Secrets that say what they are, each by its maker's documented prefix.
_SECRET_LOOK = re.compile(
    r"""
    (?<![\w-]) (?:
      sk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,}            # OpenAI, Anthropic
    | [sr]k_live_[A-Za-z0-9]{16,}                  # Stripe
    | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_\w{30,}
    | glpat-[\w-]{20,}                             # GitLab
    | xox[abprs]-[A-Za-z0-9-]{10,}                 # Slack
    | AKIA[0-9A-Z]{16}                             # AWS
    | AIza[\w-]{35}                                # Google
    | pat-(?:na|eu|ap)\d-[0-9a-f-]{36}             # HubSpot
    | SG\.[\w-]{16,}\.[\w-]{16,}                   # SendGrid
    | eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}     # a signed JSON Web Token
    ) | -----BEGIN\ (?:[A-Z]+\ )?PRIVATE\ KEY-----
    | (?i:\bbearer)\ [\w.~+/-]{20,}
    """,
    re.VERBOSE,
)
SHORTEST = 16
_PLACEHOLDER = re.compile(r"(?i)your|x{3,}|example|change|placeholder|dummy|sample|test|todo|redacted|\.\.\.|[<>{}$*…]")


def is_secret_name(name: str) -> bool:
    """Say whether something of this name is a secret."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").replace(" ", "_")
    return bool(_SECRET_NAME.search(words)) and not _HARMLESS_NAME.search(words)


def looks_secret(value: str) -> bool:
    """Say whether a text is of a form that only secrets have."""
    if len(value) < SHORTEST:
        return False

    match = _SECRET_LOOK.search(value)
    return match is not None and not _PLACEHOLDER.search(match.group())


def is_secret(name: str, value: str) -> bool:
    """Say whether a text, under a name that secrets have, is likely to be one, and not a word or a placeholder."""
    if len(value) < 8 or not is_secret_name(name) or _PLACEHOLDER.search(value):
        return False

    dense = not re.search(r"\s", value) and "://" not in value and not value.startswith("/")
    return dense and (bool(re.search(r"\d", value) and re.search(r"[A-Za-z]", value)) or len(value) >= 32)
