"""Render the template, by Copier. That takes half a second to import: so this is imported late."""

import re
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import copier
import copier._main
import plumbum
import yaml
from copier._main import Worker
from copier._settings import SettingsModel

from stacksync.answers import Given, listed, unknown
from stacksync.asking import ask
from stacksync.copier_errors import outdated, plain_errors, refused_answer
from stacksync.copier_worker import ReusingWorker, fetching_once, git_as
from stacksync.git.isolation import Isolation, isolated
from stacksync.source import TemplateSource

ANSWERS_FILE = ".copier-answers.yml"
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
        with git_as(isolation), fetching_once(), _keeping_renders(wanted, renders) as worker:
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

    class Keeping(ReusingWorker):
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
            git_as(isolation),
            ReusingWorker(src_path=str(source.src_path), vcs_ref=source.ref, **settings) as worker,
        ):
            _list_choices(worker, given)
            worker.run_copy()
            _refuse_unknown(given, worker.template.questions_data)
        return

    # Without git on the path Copier takes the folder as it is, and starts no process for each file.
    with plumbum.local.env(PATH=""), ReusingWorker(src_path=str(source.root), **settings) as worker:
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
