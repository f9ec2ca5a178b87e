"""A small interpreter of Dockerfiles: it copies and runs as `docker build` would, into folders.

What it does not know it refuses, and so does it what Docker would only warn of, as a variable that is not set.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp

from tests.production.context import Context, build_context
from tests.production.dockerfile import Instruction, read_instructions
from tests.production.image import SETTINGS, Image


class BuildError(Exception):
    """A build fails."""


@dataclass
class Builder:
    """Builds images from folders, and keeps what each step left, as Docker keeps layers.

    Args:
        bases: the images that FROM may name.
        store: the folder for images and layers.
        wheels: what pip finds instead of an index.
        ran: the commands that were run by the last build, and not taken from an earlier one.
    """

    bases: Mapping[str, Image]
    store: Path
    wheels: Path
    ran: list[str] = field(default_factory=list)

    def build(self, folder: Path, target: str = "", **arguments: str) -> Image:
        """Return the last image of a Dockerfile, or that of a stage.

        Raises:
            BuildError: An instruction is unknown or fails; it is named by its line.
        """
        self.ran.clear()
        build = _Build(self, build_context(folder), arguments)
        for instruction in _needed(read_instructions((folder / "Dockerfile").read_text("utf-8")), target):
            try:
                build.do(instruction)
            except Exception as problem:  # noqa: PERF203 - where it was is what is wanted
                where = f"Dockerfile:{instruction.line}: {instruction.name} {instruction.value}"
                raise BuildError(f"{where}\n{type(problem).__name__}: {problem}") from problem
        return build.image


@dataclass
class _Build:
    builder: Builder
    context: Context
    arguments: Mapping[str, str]
    image: Image = field(default_factory=lambda: Image(Path(), {}))
    variables: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    stages: dict[str, Path] = field(default_factory=dict)
    key: str = ""

    def do(self, instruction: Instruction) -> None:
        """Do what one instruction says."""
        known, options = _KNOWN[instruction.name]
        unknown = set(instruction.options) - options
        if unknown or "<<" in instruction.value:
            raise NotImplementedError(f"an option ({', '.join(unknown)}), or a document in the Dockerfile")

        self.key = _digest(self.key, instruction.name, instruction.value, *map(str, self.variables.items()))
        known(self, instruction)

    def change(self, **settings: object) -> None:
        """Go on with other settings of the image."""
        self.image = replace(self.image, **settings)  # type: ignore[arg-type]

    def expand(self, text: str) -> str:
        """Put the values of variables in."""
        known = {**self.variables, **self.image.environment}
        return re.sub(r"(?<!\\)\$(?:\{(\w+)\}|(\w+))", lambda found: known[found[1] or found[2]], text)

    def pairs(self, instruction: Instruction) -> dict[str, str]:
        """Return the `name=value` of an instruction."""
        return {name: self.expand(value) for name, value in (word.split("=", 1) for word in instruction.words())}

    # --- stages and settings ---------------------------------------------------------------------

    def begin(self, instruction: Instruction) -> None:
        """FROM: begin a stage with the files of a base."""
        # What was declared before the first stage is known to the FROM of each, and to nothing else.
        self.shared = self.shared or self.variables
        self.variables = self.shared
        base, _, name = re.split(r" +(AS) +", f"{self.expand(instruction.value)} AS ", flags=re.IGNORECASE)[:3]
        self.image = replace(self.builder.bases[base], root=Path(mkdtemp(dir=self.builder.store), "root"))
        _copy_all(self.builder.bases[base].root, self.image.root)
        self.stages[name.strip()] = self.image.root
        self.variables, self.key = {}, base

    def declare(self, instruction: Instruction) -> None:
        """ARG: a variable of the build."""
        name, _, default = self.expand(instruction.words()[0]).partition("=")
        self.variables[name] = self.arguments.get(name, default)

    def set_environment(self, instruction: Instruction) -> None:
        """ENV: variables of the build and of what runs in the image."""
        self.change(environment={**self.image.environment, **self.pairs(instruction)})

    def label(self, instruction: Instruction) -> None:
        """LABEL: what an image says about itself."""
        self.change(labels={**self.image.labels, **self.pairs(instruction)})

    def enter(self, instruction: Instruction) -> None:
        """WORKDIR: the folder of what follows, made if there is none."""
        folder = self.image.path(self.expand(instruction.value))
        folder.mkdir(parents=True, exist_ok=True)
        self.change(workdir=f"/{folder.relative_to(self.image.root)}")

    def become(self, instruction: Instruction) -> None:
        """USER: who runs what follows."""
        self.change(user=self.expand(instruction.value))
        self.image.account()

    def expose(self, instruction: Instruction) -> None:
        """EXPOSE: the ports."""
        self.change(exposed=(*self.image.exposed, *self.expand(instruction.value).split()))

    def check_health(self, instruction: Instruction) -> None:
        """HEALTHCHECK: the command that tells whether it works."""
        kind, command = instruction.value.split(maxsplit=1)
        if kind != "CMD":
            raise NotImplementedError("only HEALTHCHECK CMD")
        self.change(healthcheck=replace(instruction, value=command).command())

    def enter_by(self, instruction: Instruction) -> None:
        """ENTRYPOINT: what is run; a CMD of before is forgotten."""
        self.change(entrypoint=instruction.command(), command=())

    def command(self, instruction: Instruction) -> None:
        """CMD: what is run, or the arguments of the entrypoint."""
        self.change(command=instruction.command())

    # --- files -----------------------------------------------------------------------------------

    def copy(self, instruction: Instruction) -> None:
        """COPY: files of the context, or of another stage."""
        stage = instruction.options.get("from")
        origin = Context(self.stages[stage]) if stage else self.context
        *sources, target = (self.expand(word) for word in instruction.words())
        found = {source: origin.matching(source) for source in sources}
        missing = [source for source, paths in found.items() if not paths]
        if missing:
            raise FileNotFoundError(f"not among what can be copied: {', '.join(missing)}")
        paths = [path for each in found.values() for path in each]
        if len(paths) > 1 and not target.endswith("/"):
            raise NotADirectoryError(f"several are copied, and {target} does not end with /")

        place = self.image.path(target)
        for path in paths:
            self.key = _digest(self.key, *origin.copy(path, place, into=target.endswith("/") or place.is_dir()))

    def run(self, instruction: Instruction) -> None:
        """RUN: a command in the image; what it left the last time is taken if nothing before it is another."""
        layer = self.builder.store / self.key
        if layer.exists():
            shutil.rmtree(self.image.root)
            _copy_all(layer, self.image.root)
            return

        self.builder.ran.append(instruction.value)
        image = replace(self.image, environment={**self.variables, **self.image.environment, **SETTINGS})
        done = image.run(*instruction.command(), writable=True, wheels=self.builder.wheels)
        if done.returncode:
            raise RuntimeError(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        _copy_all(self.image.root, layer)


_KNOWN: dict[str, tuple[Callable[[_Build, Instruction], None], set[str]]] = {
    "FROM": (_Build.begin, set()),
    "ARG": (_Build.declare, set()),
    "ENV": (_Build.set_environment, set()),
    "LABEL": (_Build.label, set()),
    "WORKDIR": (_Build.enter, set()),
    "COPY": (_Build.copy, {"from"}),
    "RUN": (_Build.run, set()),
    "USER": (_Build.become, set()),
    "EXPOSE": (_Build.expose, set()),
    "HEALTHCHECK": (_Build.check_health, {"interval", "timeout", "start-period", "retries"}),
    "ENTRYPOINT": (_Build.enter_by, set()),
    "CMD": (_Build.command, set()),
}


def _needed(instructions: Iterable[Instruction], target: str) -> Iterator[Instruction]:
    """Yield those of the stage `target` and of what comes before the first; without one, of all but the stage `dev`.

    BuildKit builds the stages that the wanted one needs, and no other needs `dev`.
    """
    stage: str | None = None
    for instruction in instructions:
        if instruction.name == "FROM":
            stage = instruction.value.partition(" AS ")[2]
        if stage is None or (stage == target if target else stage != "dev"):
            yield instruction


def _copy_all(source: Path, target: Path) -> None:
    # Links, which take no time: what changes a file here writes another in its place, as useradd and pip do.
    subprocess.run(["cp", "-al", str(source), str(target)], check=True)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
