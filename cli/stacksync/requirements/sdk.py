"""Stacksync's own SDKs, for which connectors were written before they came here: what they are called and bring.

A connector's compatibility packages stand in for them, so what only they installed has to be asked for by name.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from packaging.utils import canonicalize_name

from stacksync.requirements.file import RequirementLine

# The packages, and the repositories that they are installed from.
NAMES = frozenset({"workflows-cdk", "stacksync-cdk", "stacksync-workflows-cdk"})

# What can be imported because an SDK requires it: `install_requires` in setup.py of workflows-cdk 0.1.0, authlib of its
# releases before, `dependencies` in pyproject.toml of stacksync-cdk 1.0.1, and what pyopenssl requires. Its exact
# versions are lower bounds here: nothing but that SDK depended on them.
BROUGHT: Mapping[str, str] = MappingProxyType(
    {
        "OpenSSL": "pyopenssl>=24.1.0",
        "authlib": "authlib>=1.1.0",
        "cryptography": "cryptography>=41.0.5",
        "dotenv": "python-dotenv>=1.0.0",
        "flask": "flask",
        "flask_cors": "flask-cors>=4.0.0",
        "gunicorn": "gunicorn",
        "pydantic": "pydantic>=2.0.0",
        "sentry_sdk": "sentry-sdk[flask]",
        "werkzeug": "werkzeug",
        "yaml": "pyyaml>=6.0.0",
    }
)
# The exact versions that workflows-cdk 0.1.0 and its template ask for: nobody chose them for one connector.
PINS: Mapping[str, str] = MappingProxyType({"gunicorn": "22.0.0", "werkzeug": "2.2"})

_NAMED = re.compile(r"(?<![\w.-])(?:workflows|stacksync(?:[-_.]workflows)?)[-_.]+cdk(?![a-z_]|-[a-z])", re.IGNORECASE)
_IMPORTED = re.compile(r"\b(?:from|import)\s+\w+_cdk\b")
_COMMENT = re.compile(r"\s*(?:#|//|::|@?rem\b)", re.IGNORECASE)
# Between the parts of an address or path, one of which is the package or its repository.
_BETWEEN = re.compile(r"[\\/@#=&?:\s]|\[[^]]*\]")
_ENDING = re.compile(r"\.git$|\.(?:zip|whl|tar\.\w+)$|-v?\d[\w.+!-]*$")


def is_sdk(line: RequirementLine) -> bool:
    """Say whether a requirement installs an SDK, by its name, or by a part of the address or path that it names."""
    named = line.requirement.url if line.requirement else line.location
    parts = [line.name, *_BETWEEN.split(named or "")]
    return any(_package(part) in NAMES for part in parts if part)


def names_sdk(line: str) -> bool:
    """Say whether a line of a script or setting names an SDK as a package, other than in a comment."""
    return bool(_NAMED.search(line)) and not _COMMENT.match(line) and not _IMPORTED.search(line)


def _package(part: str) -> str:
    shorter = _ENDING.sub("", part)
    while shorter != part:
        part, shorter = shorter, _ENDING.sub("", shorter)
    return canonicalize_name(part)
