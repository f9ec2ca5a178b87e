"""Run git in a folder without running anything that the folder brings along.

A repository can name programs: a file system monitor, hooks, filters, diff drivers. Whoever clones one to look at it
has not agreed to run them. The build of the package reads this too, so: standard library only.
"""

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from stacksync.errors import StacksyncError
from stacksync.git.addresses import without_secrets

# On the command line, because that goes before the repository's own settings, in every version of git. An empty
# fsmonitor is off since 2.16; `false` would be the name of a program before 2.35.
HARDENED = (
    "core.fsmonitor=",
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "core.editor=true",
    "diff.ignoreSubmodules=dirty",
    "log.showSignature=false",
    "safe.bareRepository=explicit",
)

# These read files of the work tree, or write them, and would call filters for that.
_READS_FILES = {"add", "checkout", "diff", "diff-files", "diff-index", "read-tree", "status", "update-index"}
_DIFFS = {"diff", "diff-files", "diff-index", "diff-tree", "show"}

# Of the variables that begin with GIT_, those that hold for all repositories. The others tie git to one, as inside a
# hook, or name programs.
_KEPT = ("GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")


_NONE: Mapping[str, str] = {}

# How many seconds git has for what is on this machine. A pipe may stand where it expects a file, named by an include of
# the repository's settings, say, and git would wait for somebody to write to it.
PATIENCE = 60.0
_OVER_THE_NETWORK = {"clone", "fetch", "ls-remote", "push"}
_stuck: set[Path] = set()  # where it has waited in vain, and is not started again


class GitError(StacksyncError):
    """Git was not there, or failed: in its own words, and its advice as the tip."""

    def __init__(self, message: str, tip: str = "", reason: str = "") -> None:
        super().__init__(message, tip)
        self.reason = reason or message


def git(
    folder: Path,
    *arguments: str,
    given: bytes = b"",
    settings: Iterable[str] = (),
    variables: Mapping[str, str] = _NONE,
) -> bytes:
    """Run git in a folder that somebody else may have made, and return what it prints.

    Args:
        folder: Where.
        arguments: The command and its options.
        given: What the command reads.
        settings: More settings for this once, each KEY=VALUE.
        variables: More of the environment.

    Raises:
        GitError: It failed.
    """
    if "GIT_DIR" not in variables:
        _refuse_bare(folder)
    hardened = [*settings, *HARDENED, *(_without_filters(folder) if arguments[0] in _READS_FILES else ())]
    plain = ["--no-ext-diff", "--no-textconv"] if arguments[0] in _DIFFS else []
    options = [part for setting in hardened for part in ("-c", setting)]
    return start(folder, [*options, arguments[0], *plain, *arguments[1:]], given, {**environment(), **variables})


def settings_in(folder: Path, *options: str) -> list[str]:
    """Return what git's settings are in a folder, as `config --list -z` prints them; to read them runs nothing.

    Raises:
        GitError: They cannot be read.
    """
    _refuse_bare(folder)
    return os.fsdecode(start(folder, ["config", *options, "--list", "-z"], b"", environment())).split("\0")


def ask(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, stripped; None where it fails, or is not there."""
    try:
        return os.fsdecode(git(folder, *arguments)).strip()
    except GitError:
        return None


def start(
    folder: Path, arguments: Sequence[str], given: bytes, variables: Mapping[str, str], fine: range = range(1)
) -> bytes:
    """Run git in an environment, and take the exit codes in `fine` for success.

    Raises:
        GitError: It failed.
    """
    command, name = ["git", "-C", str(folder), *arguments], _name_in(arguments)
    if folder in _stuck:
        raise GitError(f"git {name} was not started in {folder}: it waits there for something without end.")

    patience = None if name in _OVER_THE_NETWORK else PATIENCE
    try:
        done = subprocess.run(command, input=given, env=variables, capture_output=True, timeout=patience)
    except FileNotFoundError as error:
        raise GitError("git was not found.", "install git: an update is merged by it") from error
    except subprocess.TimeoutExpired as error:
        _stuck.add(folder)
        tip = f"see what it waits for: `git {name}` in {folder}"
        raise GitError(f"git {name} was not done after {PATIENCE:.0f} seconds, and was ended.", tip) from error
    if done.returncode in fine:
        return done.stdout

    said = without_secrets(done.stderr.decode(errors="replace"))
    reason = reason_in(said) or f"exit code {done.returncode}"
    raise GitError(f"git {name} failed: {reason}", advice_in(said), reason)


def environment() -> dict[str, str]:
    """Return this process's environment, and of git's own variables only those that hold for all repositories.

    Nothing is fetched, as a partial clone would by the programs that its own settings name. Messages come in English:
    what is looked for in them would differ with the language.
    """
    mine = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    return mine | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}


def reason_in(said: str) -> str:
    """Return the line that says what is wrong; advice may follow it."""
    lines = said.strip().splitlines()
    return next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1] if lines else "")


def advice_in(said: str) -> str:
    """Return the commands that git itself advises, or else its hints."""
    lines = said.splitlines()
    commands = [line.strip() for line in lines if line.startswith("\t")]
    hints = [line.removeprefix("hint:").strip() for line in lines if line.startswith("hint:")]
    return "; ".join(commands) or " ".join(filter(None, hints))


def _name_in(arguments: Sequence[str]) -> str:
    """Return the command: what stands after the settings, each of which is two arguments."""
    return next(word for word in arguments[::2] if word != "-c")


def _refuse_bare(folder: Path) -> None:
    """Refuse a folder that git would take for, or find in, a repository without a work tree.

    Anybody can commit such a folder, with settings of its own in it, and git before 2.38 knows no safe.bareRepository.
    """
    path = folder.absolute()
    for place in (path, *path.parents):
        if os.path.lexists(place / ".git"):
            return
        if (place / "HEAD").is_file() and ((place / "objects").is_dir() or (place / "commondir").is_file()):
            raise GitError(f"{place} is a repository without a work tree, which stacksync does not read.")


def _without_filters(folder: Path) -> Iterator[str]:
    """Yield what switches off each filter that there is: git before and after takes the file as it is."""
    keys = (entry.partition("\n")[0] for entry in settings_in(folder))
    names = {key.rpartition(".")[0] for key in keys if key.startswith("filter.")}
    for name in sorted(names):
        if "=" in name:
            raise GitError(f"git has a setting {name}, whose name stacksync cannot pass on.", "rename that filter")
        yield from (f"{name}.clean=", f"{name}.smudge=", f"{name}.process=", f"{name}.required=false")
