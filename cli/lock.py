"""Renew the template's requirements.lock: `python cli/lock.py`, with uv (https://docs.astral.sh/uv/) on the path.

Only OAuth 2.0 needs Authlib and what comes with it, so there are two locks. One file holds both: what they do not share
stands in conditions.
"""

import re
import subprocess
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, StrictUndefined

TEMPLATE = Path(__file__).parents[1] / "template"
# A developer renews the lock of a connector with it too: documentation/production.md of the template.
COMMAND = (
    "uv pip compile --universal --generate-hashes --python-version 3.10 --no-python-downloads"
    " requirements.txt -o requirements.lock"
)


def main() -> None:
    """Write the newest versions that requirements.txt allows, and the hashes of their files."""
    with TemporaryDirectory() as folder:
        # In one folder, one after the other: uv keeps the versions of the lock it finds, so that the two agree.
        with_authlib, plain = compiled(Path(folder), "oauth2"), compiled(Path(folder), "none")

    (TEMPLATE / "requirements.lock.jinja").write_text(merged(plain, with_authlib), "utf-8", newline="\n")


def compiled(folder: Path, auth: str) -> str:
    """Return the lock of a connector with this answer."""
    asked = (TEMPLATE / "requirements.txt.jinja").read_text("utf-8")
    (folder / "requirements.txt").write_text(rendered(asked, auth), "utf-8")
    subprocess.run(COMMAND.split(), cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return (folder / "requirements.lock").read_text("utf-8")


def rendered(template: str, auth: str) -> str:
    """Return what Copier makes of a file whose only answer is `auth`."""
    return Environment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(template).render(auth=auth)


def merged(plain: str, with_authlib: str) -> str:
    """Return a template of both locks."""
    old, new = entries(plain), entries(with_authlib)
    parts = []
    for kind, start, end, begin, until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append("".join(old[start:end]))
            continue
        for auth, chosen in (("==", new[begin:until]), ("!=", old[start:end])):
            if chosen:
                parts.append(f'{{% if auth {auth} "oauth2" -%}}\n{"".join(chosen)}{{% endif -%}}\n')
    return "".join(parts)


def entries(lock: str) -> list[str]:
    """Split a lock before each line that is not indented: its comments, then a package each with hashes and origin."""
    return re.split(r"^(?=\S)", lock, flags=re.MULTILINE)[1:]


if __name__ == "__main__":
    main()
