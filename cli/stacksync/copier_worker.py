"""Copier as we run it: nothing is fetched, compiled or asked anew for each render, and git runs as it is told."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any

import plumbum
from copier import _template, _vcs  # not public, as the next, and the only way to see what an update compares
from copier._main import Worker
from packaging.version import Version

from stacksync import lossless
from stacksync.git.isolation import Isolation

if TYPE_CHECKING:
    from types import CodeType

    from copier._jinja_ext import SandboxedEnvironment
    from jinja2 import Template

# A path without a tag.
PLAIN = re.compile(r"[\w./-]+")
# What git calls the commit of a release; it calls any other by its distance from one, or by its hash.
RELEASE = re.compile(r"v\d+(?:\.\d+)+")
# What Jinja made of each text, by the settings of the environment that made it.
_codes: "dict[tuple[object, ...], CodeType]" = {}


@contextmanager
def git_as(isolation: Isolation) -> Iterator[None]:
    """Let Copier run git in the environment, and lose no byte of what it prints."""
    lossless.register()
    machine = type(plumbum.local)  # whose instance takes no encoding of its own
    encoding = machine.custom_encoding  # type: ignore[misc]
    machine.custom_encoding = lossless.NAME  # type: ignore[misc]
    surroundings = dict(os.environ)
    try:
        with plumbum.local.env():
            # dunamai, which tells Copier the release, takes the process's environment; plumbum has a copy of its own.
            for variables in (os.environ, plumbum.local.env):
                variables.clear()
                variables.update(isolation.variables)
            yield
    finally:
        os.environ.clear()
        os.environ.update(surroundings)
        machine.custom_encoding = encoding  # type: ignore[misc]


@contextmanager
def fetching_once() -> Iterator[None]:
    """Let Copier fetch the template, check out each release of it and read its questions once, and trust its name.

    It does all of that for each of its renders, and to learn the release's name; and it asks dunamai which version that
    is, a dozen processes of git for each release.
    """
    clone, read = _template.clone, cache(_template.load_template_config)  # type: ignore[attr-defined]
    clones: dict[tuple[str, str], str] = {}
    with TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as folder:

        def once(url: str, ref: str, location: str) -> str:  # Copier removes the location, which then stays empty
            if (url, ref) not in clones:
                clones[url, ref] = clone(url, ref, str(Path(folder, str(len(clones)))))
            return clones[url, ref]

        with (
            _replaced(_template, "clone", once),
            _replaced(_template, "load_template_config", lambda path: deepcopy(read(path))),
            _replaced(_vcs, "_get_or_create_mirror", cache(_vcs._get_or_create_mirror)),
            _replaced(_vcs, "_clone_via_cache", partial(_check_out, _vcs._clone_via_cache)),
            _replaced(_template.Template, "version", _version_by_name(vars(_template.Template)["version"])),
        ):
            yield


@contextmanager
def _replaced(owner: ModuleType | type, name: str, value: object) -> Iterator[None]:
    before = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _version_by_name(otherwise: "cached_property[Version | None]") -> "property":
    """Return what reads the version of a release from its tag, which is what Copier calls its commit."""

    def version(template: _template.Template) -> "Version | None":
        is_release = RELEASE.fullmatch(template.commit or "")
        return Version(is_release[0]) if is_release else otherwise.__get__(template)

    return property(version)


def _check_out(with_submodules: Callable[..., str], ref: str, location: str, mirror: Path) -> str:
    """Check out a release, and start the shell scripts that look after submodules only where there are any."""
    git = _vcs.get_git().with_env(GIT_DIR=str(mirror))
    found = (
        git["cat-file", "--batch-check"] << f"{ref}:.gitmodules\n"
    )()  # never on the command line: see Copier's own
    if " blob " in found:
        return with_submodules(ref, location, mirror)

    git("worktree", "add", "--detach", "--force", "--", location, ref)
    return location


def _compile_once(environment: "SandboxedEnvironment", settings: str) -> None:
    """Let an environment take the code that another with the same settings has made of the same text.

    An update renders three times, each in an environment of its own, and the questions alone are a hundred templates.
    """
    compile_anew = environment.compile

    def compiled(source: str, name: str | None = None, filename: str | None = None, *options: bool) -> "CodeType":
        key = settings, source, name, options
        if key not in _codes:
            _codes[key] = compile_anew(source, name, filename, *options)  # type: ignore[call-overload]
        return _codes[key]

    environment.compile = compiled  # type: ignore[assignment, method-assign]


class ReusingWorker(Worker):
    """Copier's own, but that nothing is done anew for each file.

    It compiles each part of each path again and gathers the answers for it, most of what a render cost, and asks git
    again whether the index has to be told which files are executable, half of the processes of an update.
    """

    @cached_property
    def jinja_env(self) -> "SandboxedEnvironment":
        """The environment of all its templates."""
        environment = super().jinja_env
        settings = repr(sorted(self.template.envops.items()))
        if not self.template.jinja_extensions:  # of which each may compile otherwise
            _compile_once(environment, settings)
        compiled = cache(environment.from_string)

        def from_string(source: str) -> "Template":
            environment.preprocess(source)  # by which Copier forgets the last `yield`
            return compiled(source)

        environment.from_string = from_string  # type: ignore[assignment, method-assign]
        return environment

    def _render_string(self, string: str, extra_context: dict[str, Any] | None = None) -> str:
        if not PLAIN.fullmatch(string) or self._has_own_tags:
            return super()._render_string(string, extra_context)

        self.jinja_env.preprocess(string)
        return string

    @property
    def answers_relpath(self) -> Path:
        """Where the answers are recorded, in the connector."""
        path = str(self.answers_file or self.template.answers_relpath)
        return Path(path) if PLAIN.fullmatch(path) and not self._has_own_tags else super().answers_relpath

    @cached_property
    def _has_own_tags(self) -> bool:
        """Whether the template says what stands for a tag, which may then be anything."""
        return any(name.endswith(("_string", "_prefix")) for name in self.template.envops)

    @cached_property
    def _git_reads_modes(self) -> bool:
        """Whether git sees by itself which files are executable: it does unless `core.fileMode` is false."""
        command = plumbum.local["git"]["config", "--type=bool", "--get", "core.fileMode"]
        _, value, _ = command.with_cwd(self.subproject.local_abspath).run(retcode=None)
        return bool(value.strip() != "false")

    def _sync_git_index_executable_bit(self, dst_relpath: Path, src_mode: int) -> None:
        if not self._git_reads_modes:
            super()._sync_git_index_executable_bit(dst_relpath, src_mode)
