"""Rules about updates: what a plain `copier update` would lose here, and what the answers file gives away."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import ClassVar

from stacksync.connector import ANSWERS_FILE
from stacksync.git.addresses import without_secrets
from stacksync.git.command import GitError, settings_in
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.survey import Survey
from stacksync.rules.rule import CheckRule
from stacksync.runtime.source import TEMPLATE

_ADDRESS = re.compile(r"(?m)^_src_path:\s*['\"]?(\S+?)['\"]?\s*$")

# Settings by which git answers Copier otherwise than Copier expects. What a value does not matter for is not here.
_HARMFUL = {
    "apply.whitespace": {"error", "error-all", "fix", "strip"},
    "apply.ignorewhitespace": {"change"},
    "diff.noprefix": {"true"},
    "diff.mnemonicprefix": {"true"},
    "diff.external": None,
    "diff.orderfile": None,
    "diff.relative": {"true"},
    "diff.ignoresubmodules": None,
    "diff.interhunkcontext": None,
    "diff.srcprefix": None,
    "diff.dstprefix": None,
    "color.ui": {"always"},
    "color.diff": {"always"},
    "color.status": {"always"},
    "core.autocrlf": {"true", "input"},
    "core.eol": None,
    "core.safecrlf": {"true"},
    "core.excludesfile": None,
    "core.attributesfile": None,
    "core.hookspath": None,
    "core.quotepath": {"false"},
    "core.worktree": None,
    "init.templatedir": None,
    "merge.conflictstyle": {"diff3", "zdiff3"},
    "status.relativepaths": {"false"},
    "status.short": {"true"},
    "status.branch": {"true"},
    "status.showuntrackedfiles": {"no", "false", "all"},
}
_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS")
_SHOWN = 3

# Copier deletes the files of a platform that is dropped from the answer `deployment`, edits included.
_OF_PLATFORMS = {"kubernetes": "config/kubernetes/", "cloud_run": "config/cloudrun.yaml"}


class LossyUpdate(CheckRule):
    """Plain Copier finds git as it expects it, and files that it can handle."""

    code = "REP006"
    title = "A plain `copier update` could lose edits here"
    why = (
        "Copier moves contents through git with this machine's settings, and as text: some settings, bytes that are no "
        "text, and links make it lose edits silently. It also deletes the files of a platform that you drop from the "
        "answer `deployment`. `stacksync update` keeps your edits."
    )
    severity: ClassVar[Severity] = "note"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield one finding with the reasons, of a connector that can be updated."""
        answers = survey.text(ANSWERS_FILE)
        if answers is None or survey.tracked is None or not survey.connector.answers.get("_src_path"):
            return

        reasons = [*_settings(survey), *_surroundings(), *_files(survey), *_deployments(survey)]
        if reasons:
            more = f" and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
            message = f"a plain `copier update` could lose edits: {', '.join(reasons[:_SHOWN])}{more}"
            yield self.found(answers.place(), message, "update with: stacksync update")


class SecretInAddress(CheckRule):
    """The template's address is for everybody who reads the repository."""

    code = "REP007"
    title = "The template's address holds a user name or a password"
    why = "Whoever can read the repository, now or later, can use it."
    private = True

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the addresses, of the connector and of modules, that hold more than git needs."""
        names = [name for name in survey.files if name.rpartition("/")[2] == ANSWERS_FILE]
        for file in filter(None, map(survey.text, names)):
            for match in _ADDRESS.finditer(file.text):
                if without_secrets(match[1]) != match[1]:
                    tip = (
                        "revoke it, `stacksync update` removes it from here; give git the new one: git help credentials"
                    )
                    yield self.found(file.place(match.start(1), match.end(1)), "a credential in an address", tip)


def _settings(survey: Survey) -> Iterator[str]:
    try:
        listed = settings_in(survey.root)
    except GitError:
        return

    for entry in listed:
        key, equals, value = entry.partition("\n")
        harmful = _HARMFUL.get(key, set())
        if harmful is None or (value.lower() if equals else "true") in harmful:
            yield f"git's setting {key}"


def _surroundings() -> Iterator[str]:
    yield from (f"the variable {name}" for name in _VARIABLES if name in os.environ)
    encoding = sys.getfilesystemencoding()  # by which plumbum, and so Copier, reads what git prints
    if encoding != "utf-8":
        yield f"the locale's encoding {encoding}"


def _files(survey: Survey) -> Iterator[str]:
    """Yield names that Copier cannot read, files of the template that are no text, and links in the place of some."""
    templates = _names_of_the_template()
    folders = {str(folder) for name in templates for folder in PurePosixPath(name).parents}
    for name in sorted(survey.tracked.tracked if survey.tracked else ()):
        if name.encode("utf-8", "replace").decode() != name:
            yield f"the file name {name!a}"
        elif name in templates | folders and (survey.root / name).is_symlink():
            yield f"the link {name}"
        elif name in templates and _fault(survey, name):
            yield f"{name}, which is not UTF-8"


def _deployments(survey: Survey) -> Iterator[str]:
    """Yield the files that a connector would lose with a platform: overlays and services are there to be edited."""
    wanted = survey.connector.answers.get("deployment")
    tracked = survey.tracked.tracked if survey.tracked else ()
    for platform, files in _OF_PLATFORMS.items():
        if isinstance(wanted, list) and platform in wanted and any(name.startswith(files) for name in tracked):
            yield f"{files}, if you drop {platform} from deployment"


def _names_of_the_template() -> set[str]:
    files = (path.relative_to(TEMPLATE).as_posix() for path in TEMPLATE.rglob("*") if path.is_file())
    return {name.removesuffix(".jinja") for name in files if not name.startswith("src/modules/")}


def _fault(survey: Survey, name: str) -> str:
    file = survey.text(name)
    return file.fault if file else ""


RULES: tuple[type[CheckRule], ...] = (LossyUpdate, SecretInAddress)
