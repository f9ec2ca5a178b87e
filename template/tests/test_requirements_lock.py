"""requirements.lock, from which the image is installed, holds what requirements.txt asks for."""

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"[\w.-]+\s*($|[\[<>=!~;@#\\])")
OUT_OF_DATE = (
    "requirements.lock is out of date. Run (`pip install uv` brings the command): uv pip compile --universal"
    " --generate-hashes --python-version 3.10 --no-python-downloads requirements.txt -o requirements.lock"
)


def test_the_lock_is_that_of_the_requirements() -> None:
    asked, pins = read("requirements.txt"), read("requirements.lock")
    versions: dict[str, list[str]] = {}
    for pin in pins:
        versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))

    for requirement in asked:
        locked = versions.get(canonicalize_name(requirement.name))
        assert locked, f"{OUT_OF_DATE}\nIt lacks {requirement.name}."
        fitting = [version for version in locked if requirement.url or requirement.specifier.contains(version, True)]
        assert locked == fitting, f"{OUT_OF_DATE}\nIt has {requirement.name} {', '.join(locked)}, not {requirement}."


def read(name: str) -> list[Requirement]:
    """Return the requirements of a file; pip's options, hashes and bare addresses have no name."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(re.sub(r"\s+#.*|\s*\\$", "", line)) for line in lines if NAMED.match(line)]
