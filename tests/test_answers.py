"""Answers from the command line and from files: taken as written, refused with the place and the reason."""

from pathlib import Path
from typing import Any

import pytest

from stacksync.answers import gather
from stacksync.errors import UsageError
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ROOT, Stacksync
from tests.test_new import answers_of

NAME_RULE = "must be 1 to 63 lowercase letters, digits and underscores, a letter first"
QUESTIONS = "app_type, app_name, app_description, app_icon_svg_url, port, auth, ci, deployment, workflows_cdk_compat"


def values(*pairs: str, file: Path | None = None) -> dict[str, Any]:
    return {name: answer.value for name, answer in gather(ROOT, "crm", file, pairs).items()}


@pytest.mark.parametrize(
    "pair, message, tip",
    [
        ("app_nmae=x", "--data: app_nmae is not a question of the template.", "did you mean app_name?"),
        ("zzz=x", "--data: zzz is not a question of the template.", f"the questions are {QUESTIONS}"),
        ("kind=module", "--data: kind is not a question of the template.", f"the questions are {QUESTIONS}"),
        ("one_line=.*", "--data: one_line is not a question of the template.", f"the questions are {QUESTIONS}"),
        ("_commit=v9", "--data: _commit is not a question of the template.", f"the questions are {QUESTIONS}"),
        ("port", "--data takes KEY=VALUE, not 'port'.", "--data port=2004"),
        ("port=abc", "--data: port must be a whole number, not 'abc'.", ""),
        ("port=2_003", "--data: port must be a whole number, not '2_003'.", ""),
        ("port=", "--data: port must be a whole number, not ''.", ""),
        ("auth=nope", "--data: auth must be one of none, api_key, bearer, basic, oauth2, custom, not 'nope'.", ""),
        (
            "deployment=mars",
            "--data: deployment must be any of kubernetes, cloud_run, separated by commas, not 'mars'.",
            "",
        ),
        ("workflows_cdk_compat=maybe", "--data: workflows_cdk_compat must be true or false, not 'maybe'.", ""),
    ],
)
def test_what_is_no_answer_is_refused(pair: str, message: str, tip: str) -> None:
    with pytest.raises(UsageError) as caught:
        values(pair)

    assert (str(caught.value), caught.value.tip, caught.value.exit_code) == (message, tip, 2)


@pytest.mark.parametrize(
    "pair, rule",
    [
        ("app_type=9lives", NAME_RULE),
        ("app_type=Crm", NAME_RULE),
        ("app_type=crm\n", NAME_RULE),
        ("app_type=", NAME_RULE),
        ("app_name=", "must not be empty"),
        ("app_name=  ", "must not be empty"),
        ("app_name=" + "x" * 65, "must be at most 64 characters"),
        ("app_name=two\nlines", "must be one line of printable text"),
        ("app_name=bell\x07", "must be one line of printable text"),
        ("app_name=next\x85line", "must be one line of printable text"),
        ("app_name=line\u2028separator", "must be one line of printable text"),
        ("app_name=right\u202eto left", "must be one line of printable text"),
        ("app_name=mark\ufeff", "must be one line of printable text"),
        ("app_name=not a character\uffff", "must be one line of printable text"),
        ("app_description=two\nlines", "must be one line of printable text"),
        ("app_description=" + "x" * 501, "must be at most 500 characters"),
        ("app_icon_svg_url=http://example.com/icon.svg", "must be an https address of an .svg file"),
        ("app_icon_svg_url=https://example.com/icon.png", "must be an https address of an .svg file"),
        ("app_icon_svg_url=https://example.com/icon.svg\n", "must be an https address of an .svg file"),
        ('app_icon_svg_url=https://example.com/"onload="x.svg', "must be an https address of an .svg file"),
        ("app_icon_svg_url=javascript:alert(1)//.svg", "must be an https address of an .svg file"),
        ("app_icon_svg_url=", "must be an https address of an .svg file"),
        ("port=80", "must be from 1024 to 65535"),
        ("port=65536", "must be from 1024 to 65535"),
        ("port=-1", "must be from 1024 to 65535"),
    ],
)
def test_a_bad_answer_gets_the_template_s_own_message(tmp_path: Path, pair: str, rule: str) -> None:
    with pytest.raises(UsageError) as caught:
        render(TemplateSource(ROOT, None, None), tmp_path / "crm", gather(ROOT, "crm", None, [pair]))

    name, _, value = pair.partition("=")
    assert str(caught.value) == f"--data: {name} {rule}, not {value!r}."
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_are_no_text_are_refused(stacksync: Stacksync) -> None:
    done = stacksync("new", "crm", "--defaults", "--data", "app_name=\udcff")

    assert done.stderr == "Error: --data: app_name must be one line of printable text, not '\\udcff'.\n"


@pytest.mark.parametrize("text", ["yes", "1.0", "null", "~", "2024-01-01", "0x1F", "'quoted'", '"2003"'])
def test_a_text_in_a_file_is_what_it_looks_like(tmp_path: Path, text: str) -> None:
    (tmp_path / "answers.yml").write_text(f"app_name: {text}\n")

    assert values(file=tmp_path / "answers.yml")["app_name"] == text.strip("'\"")


@pytest.mark.parametrize(
    "text, chosen",
    [
        ("", []),
        ("[]", []),
        ("kubernetes", ["kubernetes"]),
        ("kubernetes,cloud_run", ["kubernetes", "cloud_run"]),
        ("[cloud_run, kubernetes]", ["cloud_run", "kubernetes"]),
    ],
)
def test_a_multiple_choice_is_a_list_of_any_length(tmp_path: Path, text: str, chosen: list[str]) -> None:
    (tmp_path / "answers.yml").write_text(f"deployment: [{text.strip('[]')}]\n")

    assert values(f"deployment={text}")["deployment"] == chosen
    assert values(file=tmp_path / "answers.yml")["deployment"] == chosen


def test_a_file_has_types_where_the_question_has(tmp_path: Path) -> None:
    (tmp_path / "answers.yml").write_text("port: 2004\nworkflows_cdk_compat: on\nauth: none\n")

    assert values(file=tmp_path / "answers.yml") == {
        "port": 2004,
        "workflows_cdk_compat": True,
        "auth": "none",
        "app_type": "crm",
    }


@pytest.mark.parametrize(
    "content, message",
    [
        ("port: [1, 2]\n", "{}:1: port must be one value, not '[1, 2]'."),
        ("port: {a: 1}\n", "{}:1: an answer is a name and one value, or a list of values."),
        (
            "deployment: [mars]\n",
            "{}:1: deployment must be any of kubernetes, cloud_run, separated by commas, not '[mars]'.",
        ),
        ("auth: none\nport: many\n", "{}:2: port must be a whole number, not 'many'."),
        ("a: b: c\n", "{}:1 is not YAML."),
        ("- a\n", "{} must hold answers as KEY: VALUE lines."),
        ("prot: 2004\n", "{}:1: prot is not a question of the template."),
        (b"app_name: \xff\n", "{} is not YAML."),
        (None, "{}: No such file or directory."),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(
    tmp_path: Path, content: str | bytes | None, message: str
) -> None:
    path = tmp_path / "answers.yml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(UsageError) as caught:
        values(file=path)

    assert str(caught.value) == message.format(path)


def test_an_empty_file_answers_nothing(tmp_path: Path) -> None:
    (tmp_path / "answers.yml").write_text("")

    assert values(file=tmp_path / "answers.yml") == {"app_type": "crm"}


def test_the_command_line_goes_before_the_file(stacksync: Stacksync) -> None:
    (stacksync.cwd / "answers.yml").write_text("auth: basic\nport: 2004\napp_name: From the file\n")
    options = ["--data-file", "answers.yml", "--data", "port=2005", "--data", "auth=bearer", "--auth", "oauth2"]

    stacksync.json("new", "crm", *options)

    recorded = answers_of(stacksync.cwd / "crm")
    assert (recorded["auth"], recorded["port"], recorded["app_name"]) == ("oauth2", 2005, "From the file")


def test_a_fault_in_a_file_that_the_template_finds_names_the_line(stacksync: Stacksync) -> None:
    (stacksync.cwd / "answers.yml").write_text("auth: basic\nport: 80\n")

    done = stacksync("new", "crm", "--data-file", "answers.yml", "--defaults")

    assert done.stderr == "Error: answers.yml:2: port must be from 1024 to 65535, not '80'.\n"
    assert (done.returncode, done.stdout, stacksync.left()) == (2, "", ["answers.yml"])
