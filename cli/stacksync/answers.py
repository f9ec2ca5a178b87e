"""Answers given on the command line or in a file, checked against the template's questions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from stacksync.errors import UsageError
from stacksync.naming import app_type_from
from stacksync.plain_files import read_plain_text

Questions = Mapping[str, Mapping[str, Any]]

_TRUE, _FALSE = {"true", "yes", "on", "y", "1"}, {"false", "no", "off", "n", "0"}


@dataclass(frozen=True)
class Given:
    """One answer: as it was written, its value, and where it was given."""

    text: str
    value: Any
    origin: str

    def refused(self, name: str, rule: str) -> UsageError:
        """Say that this cannot be the answer to the question `name`."""
        return UsageError(f"{self.origin}: {name} {rule}, not {self.text!r}.")


def questions_of(root: Path, kind: str) -> Questions:
    """Return the questions that the template in `root` asks for a connector or for a module."""
    config = yaml.safe_load((root / "copier.yml").read_text(encoding="utf-8"))
    asked = {True, f"{{{{ kind == '{kind}' }}}}"}
    return {name: spec for name, spec in config.items() if name[0] != "_" and spec.get("when", True) in asked}


def gather(
    root: Path | None, folder: str, file: Path | None, pairs: Iterable[str], *, here: bool = False
) -> dict[str, Given]:
    """Collect the answers for a new connector: options go before the file, and both before the folder's name.

    Args:
        root: The template if it is at hand; a fetched one is checked after the render.
        folder: Name of the connector's folder.
        file: A YAML file of answers.
        pairs: What `--data` says, and options of their own as `--KEY=VALUE`.
        here: The folder is there, so that it cannot have another name.
    """
    given = {**(from_file(file) if file else {}), **from_options(pairs)}
    if "app_type" not in given:
        app_type = app_type_from(folder, here=here)
        given["app_type"] = Given(app_type, app_type, "NAME")
    return checked(given, questions_of(root, "connector")) if root else given


def from_options(pairs: Iterable[str]) -> dict[str, Given]:
    """Read `--data KEY=VALUE` options, and those of their own as `--KEY=VALUE`."""
    given = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--data takes KEY=VALUE, not {pair!r}.", "--data port=2004")
        given[key.removeprefix("--")] = Given(value, value, key if key.startswith("--") else "--data")
    return given


def from_file(path: Path) -> dict[str, Given]:
    """Read a YAML file of answers.

    Raises:
        UsageError: It cannot be read, or is not a mapping of names to single values.
    """
    try:
        node = yaml.compose(read_plain_text(path), Loader=yaml.SafeLoader)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}{_where(error)} is not YAML.") from error

    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path} must hold answers as KEY: VALUE lines.", "port: 2004")
    return dict(_answer(path, key, value) for key, value in node.value)


def _answer(path: Path, key: yaml.Node, value: yaml.Node) -> tuple[str, Given]:
    origin = f"{path}:{key.start_mark.line + 1}"
    if not isinstance(key, yaml.ScalarNode) or not (isinstance(value, yaml.ScalarNode) or _is_list(value)):
        raise UsageError(f"{origin}: an answer is a name and one value, or a list of values.", "port: 2004")
    if isinstance(value, yaml.SequenceNode):
        values = [item.value for item in value.value]
        return key.value, Given(f"[{', '.join(values)}]", values, origin)

    # The text as written: `yes` and `1.0` are what they look like where a text is asked for.
    return key.value, Given(value.value, _typed(value), origin)


def _is_list(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value)


def _typed(node: yaml.Node) -> Any:
    return yaml.safe_load(yaml.serialize(node, Dumper=yaml.SafeDumper))


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark else ""


def checked(given: Mapping[str, Given], questions: Questions) -> dict[str, Given]:
    """Return the answers with values of the template's types; the template's own validators come later.

    Raises:
        UsageError: A name that is no question, or a value that is not of its type.
    """
    for name, answer in given.items():
        if name not in questions:
            raise unknown(name, answer.origin, questions)

    return {name: replace(answer, value=_converted(name, answer, questions[name])) for name, answer in given.items()}


def listed(answer: Given, question: Mapping[str, Any]) -> Any:
    """Return the answer to a multiple choice as the list that Copier takes: `a,b`, `[a, b]` or nothing at all."""
    if not question.get("multiselect") or isinstance(answer.value, list):
        return answer.value

    text = answer.text.strip().removeprefix("[").removesuffix("]")
    return [part.strip() for part in text.split(",") if part.strip()]


def choices_of(question: Mapping[str, Any]) -> list[str]:
    """Return the values that a question can be answered with; empty where any may."""
    choices = question.get("choices", [])
    return [str(value) for value in (choices.values() if isinstance(choices, dict) else choices)]


def unknown(name: str, origin: str, questions: Iterable[str]) -> UsageError:
    """Say that a name is no question, and which one is nearest to it."""
    names = list(questions)
    near = get_close_matches(name, names, n=1)
    tip = f"did you mean {near[0]}?" if near else f"the questions are {', '.join(names)}"
    return UsageError(f"{origin}: {name} is not a question of the template.", tip)


def _converted(name: str, answer: Given, question: Mapping[str, Any]) -> Any:
    values = choices_of(question)
    if question.get("multiselect"):
        return _chosen(name, answer, question, values)
    if isinstance(answer.value, list):
        raise answer.refused(name, "must be one value")
    if values and answer.text not in values:
        raise answer.refused(name, f"must be one of {', '.join(values)}")
    if question["type"] == "int":
        return _whole_number(name, answer)
    if question["type"] == "bool":
        return _truth(name, answer)
    return answer.text


def _chosen(name: str, answer: Given, question: Mapping[str, Any], values: list[str]) -> list[str]:
    chosen: list[str] = listed(answer, question)
    if not set(chosen) <= set(values):
        raise answer.refused(name, f"must be any of {', '.join(values)}, separated by commas")

    return chosen


def _whole_number(name: str, answer: Given) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", answer.text):
        raise answer.refused(name, "must be a whole number")

    return int(answer.text)


def _truth(name: str, answer: Given) -> bool:
    word = answer.text.lower()
    if word not in _TRUE | _FALSE:
        raise answer.refused(name, "must be true or false")

    return word in _TRUE
