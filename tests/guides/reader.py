"""A reader who does what a page says, block by block, in a connector of their own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

from src.runtime.forms import read_form, remarks
from tests.guides.checks import check_alerts, check_answer, check_jobs, check_log_line, check_schema
from tests.guides.pages import Block, read_blocks
from tests.polling import poll

# A line of a script that is nothing else: the commands after it, and all blocks that follow, are for that folder.
ENTERS = re.compile(r"^cd (\w+)$", re.MULTILINE)
SERVES = re.compile(
    r"^(?:\w+=\S+ )*(?:stacksync dev|(?:stacksync run -- |\.venv/bin/)?(?:python main\.py|gunicorn ))", re.MULTILINE
)


@dataclass
class Reader:
    """Follows pages in one connector, which changes as they say.

    The connector is served from the first call of a page until something else is run or written.

    Args:
        port: where the connector is served, instead of the 2003 that pages show.
    """

    folder: Path
    environment: dict[str, str]
    port: int
    answer: str = ""
    server: ExitStack = field(default_factory=ExitStack)
    is_serving: bool = False

    def follow(self, page: str) -> None:
        """Do what a page says.

        Raises:
            AssertionError: A block is not true; it is named by its line.
        """
        blocks = list(read_blocks(page))
        self.answer = ""
        self.said.unlink(missing_ok=True)
        try:
            for block, after in zip_longest(blocks, blocks[1:]):
                with at(block):
                    self.do(block)
                    assert not self.failed_at(block) or (after and after.language == "json"), self.answer
        finally:
            self.stop()

    def failed_at(self, block: Block) -> bool:
        """Say whether a call was answered with an error, which a page has to show."""
        return block.language == "bash" and '"error"' in self.answer

    def do(self, block: Block) -> None:
        """Do what one block says."""
        assert block.language in ACTIONS, f"a block is one of {', '.join(ACTIONS)}"
        if block.file and block.language != "diff" and block.file.startswith(("src/", "tests/")):
            self.write(block)
        ACTIONS[block.language](self, block)

    def write(self, block: Block) -> None:
        """Write the file that a block is the text of."""
        self.stop()
        file = self.folder / str(block.file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")

    # --- commands ------------------------------------------------------------------------------------

    def run(self, block: Block) -> None:
        """Run commands; one that serves is ended once it answers."""
        script = block.text.replace("2003", str(self.port))
        self.answer = ""
        if "curl" in script:
            self.start()
            self.answer = self.shell(script)
            return

        self.stop()
        if "stacksync invoke" in script:
            self.answer = self.shell(script, may_fail=True)
            return
        if not SERVES.search(script):
            self.shell(script)
            return
        with self.serving(script):
            pass

    def start(self) -> None:
        """Serve the connector as in production, which is when it logs what pages show."""
        if not self.is_serving:
            self.server.enter_context(self.serving(f'ENVIRONMENT=prod "{sys.executable}" main.py'))
            self.is_serving = True

    def stop(self) -> None:
        """Serve it no longer."""
        self.server.close()
        self.is_serving = False

    def shell(self, script: str, *, may_fail: bool = False) -> str:
        """Run a script to its end and return what it printed.

        Args:
            may_fail: Its end may be a bad one where it printed an error as the connector answers it.
        """
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        is_good = done.returncode == 0 or (may_fail and '"error"' in done.stdout)
        assert is_good, done.stdout + done.stderr
        for name in ENTERS.findall(script):
            self.folder /= name
        return done.stdout

    @contextmanager
    def serving(self, script: str) -> Iterator[None]:
        """Run a script that serves until it is ended."""
        with (
            self.said.open("w") as output,
            subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as served,
        ):
            try:
                assert answers(self.port, served), self.said.read_text("utf-8")
                yield
            finally:
                if served.poll() is None:
                    os.killpg(served.pid, signal.SIGTERM)

    @property
    def said(self) -> Path:
        """Return where the connector's own lines are."""
        return self.folder.parent / "said"

    def change(self, block: Block) -> None:
        """Replace lines of a file; each change stands by itself, with an empty line between two."""
        assert block.file, "a diff is of a file, which the line above names"
        self.stop()
        file = self.folder / block.file
        for lines in (change.splitlines() for change in block.text.split("\n\n")):
            before, after = ("".join(f"{line[1:]}\n" for line in lines if line[0] in of) for of in (" -", " +"))
            text = file.read_text("utf-8")
            assert text.count(before) == 1, f"{block.file} has {text.count(before)} times: {before}"
            file.write_text(text.replace(before, after), "utf-8")

    def execute(self, block: Block) -> None:
        """Run a piece of Python, where it is not the file of a module."""
        if not block.file:
            command = [sys.executable, "-W", "error", "-c", block.text]
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr

    # --- data ------------------------------------------------------------------------------------------

    def read_json(self, block: Block) -> None:
        """Read a form, or one field of one; a line of the log; or the answer to the commands above.

        Examples, which have a file, are replayed by the connector's own tests.
        """
        document = json.loads(block.text)
        if "fields" not in document and "type" in document:
            document = {"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": [document]}
        if "fields" in document:
            assert remarks(read_form(document)) == ()
            check_schema("schema", document)
        elif "logger" in document:
            check_log_line(document, self.said.read_text("utf-8"))
        elif not block.file:
            assert self.answer, "neither a form, a field, a file nor the answer to the commands above"
            check_answer(document, json.loads(self.answer))

    def read_yaml(self, block: Block) -> None:
        """Read a part of a configuration file, or of what CI runs."""
        document = yaml.safe_load(block.text)
        if "groups" in document:
            check_alerts(document)
        elif any("steps" in job or "script" in job for job in document.values() if isinstance(job, dict)):
            check_jobs(self.folder, document)
        elif "module_settings" in document:
            check_schema("module_config", document)
        else:
            check_schema("app_config", {"app_settings": {"app_type": "a", "app_name": "A"}} | document)

    def find_paths(self, block: Block) -> None:
        """Find the files of a listing: a path, two spaces or more, what it is."""
        parent = Path()
        for indent, path in re.findall(r"^( *)(\S+)(?:  .*)?$", block.text, re.MULTILINE):
            parent = parent if indent else Path(path)
            found = self.folder / (parent / path if indent else path)
            assert found.exists(), f"there is no {found.relative_to(self.folder)}"

    def translate(self, block: Block) -> None:
        """Run commands of Windows as what they are elsewhere."""
        script = block.text
        for windows, elsewhere in (("py -m", "python3 -m"), (".venv\\Scripts\\activate", ". .venv/bin/activate")):
            script = script.replace(windows, elsewhere)
        self.run(Block(block.line, "bash", script))


ACTIONS: dict[str, Callable[[Reader, Block], None]] = {
    "bash": Reader.run,
    "bat": Reader.translate,
    "diff": Reader.change,
    "python": Reader.execute,
    "json": Reader.read_json,
    "yaml": Reader.read_yaml,
    "text": Reader.find_paths,
}


@contextmanager
def at(block: Block) -> Iterator[None]:
    """Say where on the page something was not true."""
    try:
        yield
    except Exception as problem:
        raise AssertionError(f"line {block.line}, {block.language}: {problem}") from problem


def answers(port: int, served: "subprocess.Popen[Any]") -> bool:
    """Wait until /health answers, or the process is at its end."""

    def is_healthy() -> bool:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return bool(answer.status == 200)
        return False

    poll(lambda: served.poll() is not None or is_healthy(), "/health", every=0.05)
    return served.poll() is None
