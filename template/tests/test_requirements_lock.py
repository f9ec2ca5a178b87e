"""requirements.lock, from which the image is installed, holds what requirements.txt asks for."""

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OUT_OF_DATE = (
    "requirements.lock is out of date. Run (`pip install uv` brings the command): uv pip compile --universal"
    " --generate-hashes --python-version 3.10 --no-python-downloads requirements.txt -o requirements.lock"
)


def test_the_lock_is_that_of_the_requirements() -> None:
    asked = read("requirements.txt", r"[\w.-]+\s*($|[\[<>=!~;@#\\])")
    versions: dict[str, list[str]] = {}
    # Read strictly, so that a conflict of an update that nobody resolved fails here.
    for pin in read("requirements.lock", r"[^\s#-]"):
        versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))

    for requirement in asked:
        locked = versions.get(canonicalize_name(requirement.name))
        assert locked, f"{OUT_OF_DATE}\nIt lacks {requirement.name}."
        fitting = [version for version in locked if requirement.url or requirement.specifier.contains(version, True)]
        assert locked == fitting, f"{OUT_OF_DATE}\nIt has {requirement.name} {', '.join(locked)}, not {requirement}."


def read(name: str, pattern: str) -> list[Requirement]:
    """Return the requirements in the lines that begin so; the hashes below them and pip's options do not."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(re.sub(r"\s+#.*|\s*\\$", "", line)) for line in lines if re.match(pattern, line)]
