"""The instructions of a Dockerfile: https://docs.docker.com/reference/dockerfile/"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Instruction:
    """An instruction with its options, as `--from=build`, and the rest of its lines as one."""

    line: int
    name: str
    options: dict[str, str]
    value: str

    def words(self) -> list[str]:
        """Return what stands in it, without quotes."""
        return shlex.split(self.value)

    def command(self) -> tuple[str, ...]:
        """Return the command in it: a list as JSON, or a line for the shell."""
        listed = json.loads(self.value) if self.value.startswith("[") else ["/bin/sh", "-c", self.value]
        return tuple(map(str, listed))


def read_instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not re.match(r"\s*(#|$)", line)]
    begun = ""
    for number, line in lines:
        begun += line.removesuffix("\\")
        if line.endswith("\\"):
            continue
        name, rest = re.split(r"\s+", begun.strip(), maxsplit=1)
        options = re.match(r"(?:--[\w-]+=\S+\s+)*", rest)[0]  # type: ignore[index]
        pairs = dict(option[2:].split("=", 1) for option in options.split())
        yield Instruction(number, name.upper(), pairs, rest[len(options) :].strip())
        begun = ""
