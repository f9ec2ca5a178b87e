"""Render the template, by Copier. That takes half a second to import: so this is imported late."""

import os
import re
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any

import copier
import copier._main
import plumbum
import yaml
from copier import _template, _vcs  # not public, as the next two, and the only way to see what an update compares
from copier._main import Worker
from copier._settings import SettingsModel
from packaging.version import Version

from stacksync import lossless
from stacksync.answers import Given, listed, unknown
from stacksync.asking import ask
from stacksync.copier_errors import outdated, plain_errors, refused_answer
from stacksync.git.isolation import Isolation, isolated
from stacksync.source import TemplateSource

if TYPE_CHECKING:
    from types import CodeType

    from copier._jinja_ext import SandboxedEnvironment
    from jinja2 import Template

ANSWERS_FILE = ".copier-answers.yml"
# A path without a tag.
PLAIN = re.compile(r"[\w./-]+")
# What git calls the commit of a release; it calls any other by its distance from one, or by its hash.
RELEASE = re.compile(r"v\d+(?:\.\d+)+")
# What Jinja made of each text, by the settings of the environment that made it.
_codes: "dict[tuple[object, ...], CodeType]" = {}

vars(copier._main)["unsafe_prompt"] = ask  # there is no setting for how it asks


def render(source: TemplateSource, folder: Path, given: Mapping[str, Given], *, prompt: bool = False) -> dict[str, Any]:
    """Render a connector into a new folder, and return what its answers file holds.

    Args:
        source: The template.
        folder: Where to render.
        given: Answers by the name of the question.
        prompt: Ask for the answers that are missing, instead of taking the defaults.

    Raises:
        StacksyncError: An answer is not valid, or the template cannot be fetched or rendered.
    """
    return _render(source, folder, given, {"defaults": not prompt})


def render_module(source: TemplateSource, folder: Path, module_dir: str, given: Mapping[str, Given]) -> dict[str, Any]:
    """Render one module as if `folder` were its connector, and return what the module's own answers file holds.

    Args:
        source: The template.
        folder: Where to render.
        module_dir: Where in it the module goes: `src/modules/get_contacts/v1`.
        given: Answers by the name of the question.

    Raises:
        StacksyncError: An answer is not valid, or the template cannot be fetched or rendered.
    """
    return _render(source, folder, given, {"defaults": True, "answers_file": Path(module_dir, ANSWERS_FILE)})


@dataclass(frozen=True)
class TemplateUpdate:
    """An update to make.

    Args:
        top: A git repository without changes.
        prefix: The connector's folder in it: empty, or it ends with a slash.
        answers_file: The connector's, or one of a module.
        source: The address and the release to go to.
        home: Where a relative address starts.
        given: New answers by the name of the question.
        ask: Ask for the answers that are missing, instead of taking the defaults.
    """

    top: Path
    prefix: str
    answers_file: str
    source: TemplateSource
    home: Path
    given: Mapping[str, Given] = field(default_factory=dict)
    ask: bool = False


def update(wanted: TemplateUpdate, isolation: Isolation, renders: Path) -> None:
    """Run `copier update`.

    Args:
        wanted: What to update.
        isolation: The environment for git.
        renders: Where to keep what it renders: the release that was there as `base`, the new one as `release`.

    Raises:
        StacksyncError: Copier refuses, or the template cannot be fetched or rendered.
    """
    with (
        plain_errors(wanted.source, wanted.given, wanted.answers_file),
        warnings.catch_warnings(),
        plumbum.local.cwd(wanted.home),
    ):
        warnings.simplefilter("ignore")
        with _git_as(isolation), _fetching_once(), _keeping_renders(wanted, renders) as worker:
            recorded = dict(worker.subproject.last_answers)
            _list_choices(worker, wanted.given)
            worker.run_update()
            _refuse_unknown(wanted.given, worker.template.questions_data)
            _refuse_dropped(wanted, recorded, worker.answers.combined)


def _refuse_dropped(wanted: TemplateUpdate, recorded: Mapping[str, Any], taken: Mapping[str, Any]) -> None:
    """Refuse to lose an answer: Copier takes the default for a recorded one that the release finds invalid."""
    names = [name for name in recorded if name in taken and name[0] != "_" and name not in wanted.given]
    dropped = [name for name in names if str(taken[name]) != str(recorded[name])]
    if not dropped:
        return

    name, rule = dropped[0], f"would become {taken[dropped[0]]!r}"
    with TemporaryDirectory(prefix="stacksync-") as folder:
        try:
            options: dict[str, Any] = {"data": dict(recorded), "defaults": True, "quiet": True}
            copier.run_copy(str(wanted.source.src_path), folder, vcs_ref=wanted.source.ref, **options)
        except ValueError as error:  # now that it is given as new, Copier says what is wrong with it
            rule = refused_answer(error)[1]
    raise outdated(f"{wanted.answers_file}: {wanted.source.ref}", name, rule)


def _keeping_renders(wanted: TemplateUpdate, renders: Path) -> Worker:
    """Return what updates, and lets the two renders stay that it compares: Copier removes them when it is done."""
    names = iter(["base", "release"])

    class Keeping(_Worker):
        def run_copy(self) -> None:
            super().run_copy()
            if not self.dst_path.absolute().is_relative_to(wanted.top):
                shutil.copytree(self.dst_path, renders / next(names) / wanted.prefix, symlinks=True)

    return Keeping(
        dst_path=wanted.top / wanted.prefix,
        answers_file=Path(wanted.answers_file),
        vcs_ref=wanted.source.ref,
        data={name: answer.value for name, answer in wanted.given.items()},
        defaults=not wanted.ask,
        skip_answered=wanted.ask,
        overwrite=True,
        quiet=True,
        settings=SettingsModel(),  # nobody's defaults for answers
    )


@contextmanager
def _git_as(isolation: Isolation) -> Iterator[None]:
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
def _fetching_once() -> Iterator[None]:
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


class _Worker(Worker):
    """Copier's own, but that nothing is done anew for each file.

    It compiles each part of each path again and gathers the answers for it, most of what a render cost, and asks git
    again whether the index has to be told which files are executable, half of the processes of an update.
    """

    @cached_property
    def jinja_env(self) -> "SandboxedEnvironment":
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


def _render(
    source: TemplateSource, folder: Path, given: Mapping[str, Given], options: Mapping[str, Any]
) -> dict[str, Any]:
    with plain_errors(source, given), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _copy(source, folder, given, options)

    file = folder / options.get("answers_file", ANSWERS_FILE)
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}


def _copy(source: TemplateSource, folder: Path, given: Mapping[str, Given], options: Mapping[str, Any]) -> None:
    data = {name: answer.value for name, answer in given.items()}
    settings = {"data": data, "quiet": True, "settings": SettingsModel(), "dst_path": folder, **options}
    if source.root is None:
        with (
            isolated(Path.cwd(), source.access) as isolation,
            _git_as(isolation),
            _Worker(src_path=str(source.src_path), vcs_ref=source.ref, **settings) as worker,
        ):
            _list_choices(worker, given)
            worker.run_copy()
            _refuse_unknown(given, worker.template.questions_data)
        return

    # Without git on the path Copier takes the folder as it is, and starts no process for each file.
    with plumbum.local.env(PATH=""), _Worker(src_path=str(source.root), **settings) as worker:
        worker.run_copy()
    _stamp(folder / options.get("answers_file", ANSWERS_FILE), source)


def _list_choices(worker: Worker, given: Mapping[str, Given]) -> None:
    """Let `--data deployment=kubernetes` be a list, once the template is there to say that it has to be one."""
    questions = worker.template.questions_data
    worker.data.update({name: listed(answer, questions[name]) for name, answer in given.items() if name in questions})


def _refuse_unknown(given: Mapping[str, Given], questions: Mapping[str, Any]) -> None:
    for name, answer in given.items():
        if name not in questions and answer.origin != "NAME":
            raise unknown(name, answer.origin, questions)


def _stamp(file: Path, source: TemplateSource) -> None:
    """Record where the template came from, byte for byte as `copier copy -r REF SRC_PATH` does."""
    origin = {"_commit": source.ref, "_src_path": source.src_path}
    lines = yaml.safe_dump(origin, width=1000, allow_unicode=True) if source.src_path else ""
    text = file.read_text(encoding="utf-8")
    file.write_bytes(re.sub(r"(?m)^_src_path: .*\n", lambda _: lines, text, count=1).encode())
