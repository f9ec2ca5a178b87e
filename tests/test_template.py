"""Rules for the template's files, and what odd answers do to the files made from them."""

import ast
import json
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEMPLATE = ROOT / "template"
FILES = sorted(
    path
    for path in TEMPLATE.rglob("*")
    if path.is_file() and not re.search(r"/\.\w+_cache/|/__pycache__/", path.as_posix())
)
FREE_TEXTS = ["app_name", "app_description"]


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("ref", ["", *git("tag", "--list", "v*").split()])
def test_no_release_ever_asks_for_trust(ref: str) -> None:
    text = git("show", f"{ref}:copier.yml") if ref else (ROOT / "copier.yml").read_text(encoding="utf-8")

    assert {"_tasks", "_migrations", "_jinja_extensions"} & set(yaml.safe_load(text)) == set()


def test_the_questions_are_one_short_file() -> None:
    assert len((ROOT / "copier.yml").read_text(encoding="utf-8").splitlines()) < 165


def test_every_free_answer_is_validated() -> None:
    questions = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8")).items()
    free = [name for name, spec in questions if name[0] != "_" and "choices" not in spec and spec["type"] != "bool"]

    assert [name for name in free if "validator" not in dict(questions)[name] and dict(questions)[name]["when"]] == []


def test_a_file_is_executable_if_and_only_if_it_is_a_script() -> None:
    scripts = {name_of(path) for path in FILES if path.read_bytes().startswith(b"#!")}

    assert {name_of(path) for path in FILES if path.stat().st_mode & stat.S_IXUSR} == scripts


def test_no_file_depends_on_where_it_is_rendered() -> None:
    place = r"_copier_conf\.(?!answers_file)\w+|_folder_name|_commit\b.*}}|_src_path\b.*}}"
    found = {name_of(path): re.findall(place, path.read_text(encoding="utf-8")) for path in FILES}

    assert {name: places for name, places in found.items() if places} == {}


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATE).as_posix()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory, project: Path) -> dict[str, str]:
    """Return the files of a connector whose free texts can be found again."""
    return connector(
        project, tmp_path_factory.mktemp("reference"), {name: f"FREE_{name.upper()}" for name in FREE_TEXTS}
    )


def connector(project: Path, folder: Path, answers: dict[str, str]) -> dict[str, str]:
    pairs = [f"{name}={value}" for name, value in answers.items()] + ["workflows_cdk_compat=true"]
    render(TemplateSource(project, None, None), folder / "crm", gather(project, "crm", None, pairs))
    paths = [path for path in (folder / "crm").rglob("*") if path.is_file()]
    return {path.relative_to(folder / "crm").as_posix(): path.read_text(encoding="utf-8") for path in paths}


PARSERS: dict[str, Any] = {
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".py": lambda text: [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)],
}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def parsed(name: str, text: str) -> list[str]:
    return list(strings(PARSERS[Path(name).suffix](text)))


def test_free_text_stands_only_where_a_parser_finds_it(reference: dict[str, str]) -> None:
    """Never in a comment, a script, a path, or any format without a parser here; prose aside."""
    used = {name: text for name, text in reference.items() if re.search("FREE_", name + text)}

    assert used
    for name, text in used.items():
        if not name.endswith(".md"):
            assert text.count("FREE_") == "".join(parsed(name, text)).count("FREE_"), name


ODD = [
    "yes", "no", "null", "~", "true", "1.0", "0x1F", "1e3", "2024-01-01", "12:30:45", "=", "<<", "? a", "- a", "a: b",
    "a # b", "'", '"', "'''", '"""', '"""; import os #', "\\", "\\n", "\\u0041", "{{ 7*7 }}", "{% raw %}", "{# x #}",
    "${HOME} $(id) `id`", "%PATH% !x!", "&anchor *alias", "!!python/object:os.system", "[a, b]", "{a: b}", "@", "|",
    ">", " padded ", "😀", "Ünïcödé", "日本語", "\N{RIGHT-TO-LEFT MARK}عربى", "<script>alert(1)</script>",
    "%s %(x)s {0}", "; rm -rf /", "a" * 64,
]  # fmt: skip


@pytest.mark.parametrize("value", ODD)
def test_odd_text_is_exactly_the_answer_wherever_it_stands(
    tmp_path: Path, project: Path, reference: dict[str, str], value: str
) -> None:
    made = connector(project, tmp_path, dict.fromkeys(FREE_TEXTS, value))

    assert sorted(made) == sorted(reference)
    for name, text in made.items():
        if Path(name).suffix in PARSERS and text != reference[name]:
            expected = [
                re.sub("FREE_(APP_NAME|APP_DESCRIPTION)", lambda _: value, one) for one in parsed(name, reference[name])
            ]
            assert parsed(name, text) == expected, name


def test_an_address_is_exactly_the_answer(tmp_path: Path, project: Path) -> None:
    address = "https://user-content.example.com:8443/~a/b%20c.svg?v=1&x=a,b;c#top"

    made = connector(project, tmp_path, {"app_icon_svg_url": address})

    assert yaml.safe_load(made["app_config.yaml"])["app_settings"]["app_icon_svg_url"] == address
