"""What `stacksync adopt` says: secrets first, then what became of the files, and what to do next."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stacksync import kit_project
from stacksync.adopt.existing import Existing
from stacksync.adopt.order import Adoption
from stacksync.adopt.plan import Step
from stacksync.adopt.reading import is_about_secrets, lines_of_user, mentions, variables_of, without_secret
from stacksync.adopt.wire import Difference, differences
from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.survey import Survey
from stacksync.requirements.file import DEV_FILE, FILE, LOCK, LOCK_COMMAND
from stacksync.requirements.sdk_places import Line
from stacksync.shell import quoted
from stacksync.source import TemplateSource
from stacksync.updates.reports import Report

_SHOWN = 15
_SAID = {
    "merged": "brought together with the template's",
    "replaced": "unedited file of the vendor's template, replaced",
    "moved": "moved",
    "kept": "stays",
}
_COMMIT = 'git add --all && git commit -m "Adopt the stacksync template"'
_LOCK = f"stacksync run -- {LOCK_COMMAND}  # first: stacksync run -- pip install uv"
_LISTED = "These errors are listed in pyproject.toml, [tool.stacksync.check.per-file-ignores]. Fix them file by file."


def of_adoption(adoption: Adoption, source: TemplateSource, *, dry_run: bool) -> Report:
    """Say what was done, or would be."""
    facts = _facts(adoption, source)
    facts["modules"] = [] if dry_run else _loaded(adoption.existing.root)
    lines = [*_secrets(facts), *_files(adoption, facts, dry_run), *_notes(adoption, facts), *_check(adoption, facts)]
    lines += [] if dry_run else _modules(facts)
    lines += ["", "Different on the wire from now on:", *map(_difference, facts["wire"])]
    return Report([*lines, "", *_next(adoption, facts, dry_run)], facts)


def _facts(adoption: Adoption, source: TemplateSource) -> dict[str, Any]:
    existing, plan, findings = adoption.existing, adoption.plan, adoption.inspection.findings
    gone = {step.path for step in plan.steps if step.fate in ("moved", "replaced")}
    survey = Survey(Connector(existing.root))
    texts = {name: file.text for name in existing.tracked - gone if (file := survey.text(name))}
    sources = [code for name in existing.sources if name not in gone and (code := survey.source(name))]
    return {
        "release": source.ref,
        "secrets": [finding.as_json() for finding in findings if is_about_secrets(finding)],
        "variables": [asdict(variable) for variable in variables_of(sources)],
        "examples": existing.examples,
        "files": [asdict(step) for step in plan.steps],
        "legacy": plan.legacy,
        "links": plan.links,
        "moved_lines": {path: list(map(asdict, lines_of_user(text))) for path, text in adoption.moved.items()},
        "mentions": [list(each) for each in mentions(texts, set(adoption.moved) - set(plan.taken))],
        "changed_lines": {path: list(map(without_secret, lines)) for path, lines in adoption.lines.items() if lines},
        "requirements": _requirements(adoption, gone),
        "refused_answers": dict(adoption.refused),
        "staged": adoption.staged,
        "wire": [asdict(each) for each in _wire(existing, sources)],
        "check": [finding.as_json() for finding in findings],
    }


def _wire(existing: Existing, sources: Iterable[PythonFile]) -> list[Difference]:
    if existing.connector.is_kit_project:
        return [Difference(text) for text in kit_project.DIFFERENCES]
    return differences([each.file.text for each in sources], existing.names_origins)


def _requirements(adoption: Adoption, gone: Iterable[str]) -> dict[str, Any]:
    files = list(adoption.requirements.values())
    places = [_shown(line) for each in files[:1] for line in each.other_places]
    return {
        "removed": [_shown(line) for each in files for line in each.removed],
        "added": [{"file": file, **asdict(new)} for file, each in adoption.requirements.items() for new in each.added],
        "raised": [asdict(pin) for each in files for pin in each.raised],
        "bounded": [name for each in files for name in each.bounded],
        "other_places": [each for each in places if each["place"].rpartition(":")[0] not in gone],
        "lock": without_secret(adoption.lock_fault),
    }


def _shown(line: Line) -> dict[str, str]:
    return {"place": line.place, "text": without_secret(line.text.strip())}


def _loaded(root: Path) -> list[dict[str, Any]]:
    """Load the modules, where the connector has an environment with all that it needs."""
    from stacksync.dev.environment.interpreter import VENV, find_interpreter
    from stacksync.modules.listing import loaded_modules
    from stacksync.requirements.installed import missing

    try:
        interpreter = find_interpreter(root) if (root / VENV).is_dir() else None
        if interpreter is None or missing(root, interpreter.environment, FILE):
            return []
        listed = loaded_modules(Connector(root))
    except StacksyncError:
        return []
    return [{"module": f"{each.module}/{each.version}", "problem": each.problem} for each in listed]


def _secrets(facts: dict[str, Any]) -> Iterator[str]:
    if not facts["secrets"]:
        return

    yield "Secrets are in git. They stay as they are, and whoever can read the repository has them:"
    yield from (f"  {each['file']}:{each['line']}: {each['message']}" for each in facts["secrets"])
    yield "Replace them where they were issued."
    yield ""


def _files(adoption: Adoption, facts: dict[str, Any], dry_run: bool) -> Iterator[str]:
    added = adoption.plan.paths("added")
    verb = "Would adopt" if dry_run else "Adopted"
    yield f"{verb} {adoption.existing.root.name} with release {facts['release']}; {len(added)} files are new."
    for step in adoption.plan.steps:
        if step.fate != "added":
            yield f"  {step.path:44} {_said(step)}"
        if step.fate == "moved":
            yield from _lines_moved(facts["moved_lines"][step.path])


def _said(step: Step) -> str:
    if step.why:
        return step.why
    if step.fate == "moved":
        return f"moved to {step.to}"
    return _SAID[step.fate] + (f" by {step.to}" if step.to not in ("", step.path) else "")


def _lines_moved(lines: list[dict[str, Any]]) -> Iterator[str]:
    if lines:
        yield "    Your lines in it:"
    yield from (f"    {line['number']:>4}  {line['text']}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"    and {len(lines) - _SHOWN} more"


def _notes(adoption: Adoption, facts: dict[str, Any]) -> Iterator[str]:
    notes = [*_notes_on_files(adoption, facts), *_notes_on_requirements(facts["requirements"])]
    if notes:
        yield from ["", "Note:", *(f"  {note}" for note in notes)]
    if facts["variables"]:
        yield ""
        yield "The code reads these variables. Set them in the deployment: the image does not hold `.env`."
        yield from (f"  {each['name']:30} {each['place']}" for each in facts["variables"])


def _notes_on_files(adoption: Adoption, facts: dict[str, Any]) -> Iterator[str]:
    for module in facts["examples"]:
        yield f"{module} is an example of the vendor's template: this connector publishes it as its own"
    file = adoption.existing.connector.config_file
    for name, rule in facts["refused_answers"].items():
        yield f"{file}: {name} {rule.rstrip('.')}. The value stays there; the recorded answer is the default"
    for path, lines in facts["changed_lines"].items():
        if path not in (FILE, DEV_FILE):
            yield from (f"{path}: changed: {line.strip()}" for line in lines)
    for place, name in facts["mentions"]:
        yield f"{place} names {name}, which is now {adoption.plan.legacy}/{name}"
    for link in facts["links"]:
        yield f"{link} stands where the template has something else, so nothing was put there"
    for path in facts["staged"]:
        yield f"{path} is ignored by git, so it was added to the index"


def _notes_on_requirements(facts: dict[str, Any]) -> Iterator[str]:
    yield from (f"{each['place']}: taken out: {each['text']}" for each in facts["removed"])
    yield from (f"{each['place']}: {each['theirs']} is now {each['needed']}" for each in facts["raised"])
    yield from (f"{each['file']}: {each['requirement']} added: {each['reason']}" for each in facts["added"])
    yield from (f"{each['place']} still installs the SDK: {each['text']}" for each in facts["other_places"])
    if facts["lock"]:
        yield f"{LOCK} was not renewed: {facts['lock']}"


def _check(adoption: Adoption, facts: dict[str, Any]) -> Iterator[str]:
    from stacksync.reports.text import summary

    yield ""
    yield f"stacksync check: {summary(adoption.inspection)}"
    errors = [each for each in facts["check"] if each["severity"] == "error" and each not in facts["secrets"]]
    yield from (f"  {each['file']}:{each['line']}: {each['code']} {each['message']}" for each in errors[:_SHOWN])
    if len(errors) > _SHOWN:
        yield f"  and {len(errors) - _SHOWN} more errors; --json has them all"
    if adoption.inspection.fails():
        yield _LISTED


def _modules(facts: dict[str, Any]) -> Iterator[str]:
    yield ""
    if not facts["modules"]:
        yield "Whether every module loads is said by stacksync list --load, once stacksync test has made .venv."
        return

    broken = [each for each in facts["modules"] if each["problem"]]
    yield f"{len(facts['modules']) - len(broken)} of {len(facts['modules'])} modules load."
    yield from (f"  {each['module']:30} {each['problem']}" for each in broken)


def _difference(difference: dict[str, str]) -> str:
    switch = difference["switch"]
    return f"  {difference['text']}" + (f". To restore it: {switch}" if switch else "")


def _next(adoption: Adoption, facts: dict[str, Any], dry_run: bool) -> Iterator[str]:
    if dry_run:
        yield "Nothing was changed. Next: the same command without --dry-run."
        return

    root = adoption.existing.root
    yield "Next:"
    if root != Path.cwd():
        yield f"  cd {quoted([os.path.relpath(root)])}"
    if facts["requirements"]["lock"]:
        yield f"  {_LOCK}"
    yield f"  {_COMMIT}"
    yield "  stacksync test"
    yield "Until the commit, stacksync adopt --undo puts everything back."
    if adoption.existing.connector.is_kit_project:
        yield from ["", kit_project.NOT_TRIED, kit_project.GO_BACK]
