"""Git on nobody's machine: an environment in which it does the same everywhere, and can still fetch.

Copier runs git in the environment that it finds, moves contents by it, and ignores its exit code. One setting, such as
`apply.whitespace=error` or an excludes file that names AGENTS.md, is enough to lose edits without a word.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.git.addresses import without_secrets
from stacksync.git.command import GitError, environment, settings_in, start

# What fetching needs: who one is, and which way leads to the other machine. By it CI and Renovate pass credentials.
_FETCHING = re.compile(
    r"(?:credential|http|protocol|url|ssh)\..*|core\.(?:sshcommand|askpass|gitproxy)|remote\..*\.proxy(?:authmethod)?"
)
# What the file system and its owner need. Without the second every repository of somebody else's would be refused.
_MACHINE = re.compile(r"core\.longpaths|safe\.directory")
# Programs and places of the same kind, as variables: https://git-scm.com/docs/git#_environment_variables
_VARIABLES = (
    "GIT_ASKPASS",
    "GIT_SSH",
    "GIT_SSL",
    "GIT_PROXY",
    "GIT_HTTP",
    "GIT_ALLOW_PROTOCOL",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_EXEC_PATH",
)
# What git would otherwise look for beside its settings, or find in the settings of one repository.
_NEUTRAL = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "",
    "core.hooksPath": os.devnull,
    "core.quotePath": "true",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "init.defaultBranch": "main",
    "maintenance.auto": "false",
}
_NONE: Mapping[str, str] = {}
_GLOBAL_BY_NAME = (2, 32)  # the first that knows GIT_CONFIG_GLOBAL


class Isolation:
    """An environment for git that holds what fetching needs, and nothing else of the user's.

    Args:
        variables: It.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = dict(variables)

    def git(
        self,
        folder: Path,
        *arguments: str,
        given: bytes = b"",
        fine: range = range(1),
        variables: Mapping[str, str] = _NONE,
    ) -> bytes:
        """Run git in a folder that we made, and return what it prints.

        Raises:
            GitError: It failed.
        """
        return start(folder, arguments, given, {**self.variables, **variables}, fine)


@contextmanager
def isolated(folder: Path, secret: str | None = None) -> Iterator[Isolation]:
    """Yield an environment in which git does the same on every machine.

    Args:
        folder: The connector, because a user may set what fetching needs for some folders only.
        secret: An address with credentials, by which git reaches the one without them.
    """
    found = _settings_of_the_user(folder)
    settings = [*found, *([_way_to(secret, found)] if secret else []), *_NEUTRAL.items()]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith(_VARIABLES)}
    # LC_ALL is for git alone. Nobody is asked for a password: a question in the middle of an update helps nobody.
    kept |= {"LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    kept |= {"GIT_TEMPLATE_DIR": "", "GIT_EDITOR": "true", "GIT_MERGE_AUTOEDIT": "no"}
    if _version() >= _GLOBAL_BY_NAME:
        yield Isolation(kept | {"GIT_CONFIG_GLOBAL": os.devnull} | in_variables(settings))
        return

    with TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as home:
        for secrets in filter(Path.exists, (Path.home() / ".netrc", Path.home() / ".git-credentials")):
            Path(home, secrets.name).symlink_to(secrets)
        for key, value in settings:
            start(Path(home), ["config", "--file", str(Path(home, ".gitconfig")), "--add", key, value], b"", kept)
        yield Isolation(kept | {"HOME": home, "XDG_CONFIG_HOME": home})


def _way_to(secret: str, settings: "list[tuple[str, str]]") -> tuple[str, str]:
    """Return the setting that leads there; git follows one such setting, so the user's own is followed here."""
    rules = [(value, key[len("url.") : -len(".insteadof")]) for key, value in settings if key.endswith(".insteadof")]
    begin, other = max(((old, new) for old, new in rules if secret.startswith(old)), default=("", ""))
    return f"url.{other}{secret.removeprefix(begin)}.insteadOf", without_secrets(secret)


def in_variables(settings: "list[tuple[str, str]]") -> dict[str, str]:
    """Return settings of git as variables: https://git-scm.com/docs/git-config#ENVIRONMENT."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def with_setting(key: str, value: str) -> dict[str, str]:
    """Return the variables that give git one more setting besides those in this process's environment."""
    count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    return {"GIT_CONFIG_COUNT": str(count + 1), f"GIT_CONFIG_KEY_{count}": key, f"GIT_CONFIG_VALUE_{count}": value}


def _settings_of_the_user(folder: Path) -> list[tuple[str, str]]:
    """Return the settings that count for fetching, without what the repository itself says: it may be anybody's."""
    entries = [entry.partition("\n") for entry in _listed(folder)]
    wanted = [entry for entry in entries if _FETCHING.fullmatch(entry[0]) or _MACHINE.fullmatch(entry[0])]
    return [(key, value if equals else "true") for key, equals, value in wanted]


def _listed(folder: Path) -> list[str]:
    try:
        listed = settings_in(folder, "--show-scope")
    except GitError:  # git before 2.26, which knows no setting from variables either
        return [entry for scope in ("--system", "--global") for entry in _of_scope(folder, scope)]

    pairs = zip(listed[::2], listed[1::2], strict=False)
    return [entry for scope, entry in pairs if scope in ("system", "global", "command")]


def _of_scope(folder: Path, scope: str) -> list[str]:
    try:
        return settings_in(folder, scope)
    except GitError:  # there is no such file
        return []


def _version() -> tuple[int, ...]:
    said = start(Path(), ["version"], b"", environment()).decode()
    match = re.search(r"(\d+)\.(\d+)", said)
    return tuple(map(int, match.groups())) if match else (0,)
