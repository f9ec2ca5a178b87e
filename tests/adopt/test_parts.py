"""The parts of `stacksync adopt` that need no repository."""

from pathlib import Path
from typing import Any

import pytest
import tomli
from jinja2 import Template

from stacksync.adopt.answering import answers_from, ci_of
from stacksync.adopt.app_config import merged_config
from stacksync.adopt.existing import read_existing
from stacksync.adopt.lock import is_current
from stacksync.adopt.merging import decoded, encoded, merged_patterns
from stacksync.adopt.published import content_hash
from stacksync.adopt.reading import lines_of_user, mentions, without_secret
from stacksync.adopt.roles import is_moved, stays
from stacksync.adopt.tool_settings import Before, merged_settings, with_exclusions
from tests.adopt.conftest import CONFIG, PLAIN, write
from tests.conftest import ROOT

SCHEMA = "# yaml-language-server: $schema=x.json\n"
LOCAL = "\nlocal_development_settings:\n  port: 2003\n"
OURS = f"""\
{SCHEMA}
app_settings:
  app_type: "crm" # unique
  app_name: "CRM"
  routes_directory: "src/modules" # where the modules are
{LOCAL}"""
SETTINGS = (
    Template((ROOT / "template/pyproject.toml.jinja").read_text("utf-8")).render(stacksync_cdk_compat=False) + "\n"
)


@pytest.mark.parametrize(
    "name, moved",
    [
        ("Dockerfile", True),
        ("dockerfile.prod", True),
        ("config/Dockerfile.dev", True),
        ("docker/app.Dockerfile", True),
        ("entrypoint.sh", True),
        ("config/docker-entrypoint.sh", True),
        ("config/gunicorn_config.py", True),
        ("run_dev_fixed.bat", True),
        ("run_dev.ps1", True),
        ("pytest.ini", True),
        ("src/runtime/old.py", True),
        ("workflows_cdk/router.py", True),
        ("services/db/Dockerfile", False),
        ("deploy.sh", False),
        ("docker-compose.yml", False),
        ("src/gunicorn_tools.py", False),
        ("src/entrypoint.py", False),
        (".env", False),
    ],
)
def test_which_files_give_way(name: str, moved: bool) -> None:
    assert is_moved(name) == moved


@pytest.mark.parametrize(
    "name", ["main.py", "README.md", "readme.rst", ".env", "config/.env", "tests/test_x.py", "AGENTS.md"]
)
def test_which_files_stay_although_the_template_has_another(name: str) -> None:
    assert stays(name) == (name != "config/.env")


@pytest.mark.parametrize(
    "text, shown",
    [
        ("ENV API_TOKEN=abc", "ENV API_TOKEN=••••••"),
        ("ENV API_TOKEN abc", "ENV API_TOKEN ••••••"),
        ('export DB_PASSWORD="a b c"', "export DB_PASSWORD=••••••"),
        ("curl --token abc https://ada:pw@example.com/x", "curl --token •••••• https://••••••@example.com/x"),
        ("pip install git+https://ghp_1234@example.com/x.git", "pip install git+https://••••••@example.com/x.git"),
        ("ENV TOKEN=$TOKEN PORT=8080", "ENV TOKEN=$TOKEN PORT=8080"),
        ("CMD [\"gunicorn\", \"main:app\"]", 'CMD ["gunicorn", "main:app"]'),
    ],
)  # fmt: skip
def test_no_secret_is_shown(text: str, shown: str) -> None:
    assert without_secret(text) == shown


def test_the_users_lines_of_a_moved_file() -> None:
    lines = lines_of_user(b"FROM python:3.10-slim-buster\r\n\r\nRUN make it so\r\n")

    assert [(line.number, line.text) for line in lines] == [(3, "RUN make it so")]


def test_line_ends_and_marks_do_not_make_a_file_another() -> None:
    assert content_hash(b"\xef\xbb\xbfa\r\nb\r\n") == content_hash(b"a\nb\n") != content_hash(b"a\nb")


def test_which_lines_name_a_file_that_was_moved() -> None:
    texts = {"compose.yml": "dockerfile: ./docker/Dockerfile\nimage: my-docker/Dockerfile.x\n"}

    assert list(mentions(texts, ["docker/Dockerfile"])) == [("compose.yml:1", "docker/Dockerfile")]


@pytest.mark.parametrize(
    "theirs, result",
    [
        ("*.log\n.env\n", "*.log\n\n.env\n*.pyc\n"),
        ("*.json\n.env\n!.env\n", "*.json\n.env\n!.env\n\n.env\n*.pyc\n"),
        ("", ".env\n*.pyc\n"),
        ("\n\n", ".env\n*.pyc\n"),
    ],
)
def test_patterns_are_a_union(theirs: str, result: str) -> None:
    assert merged_patterns(".env\n*.pyc\n", theirs) == result


@pytest.mark.parametrize("content", [b"a\r\nb\r\n", b"\xef\xbb\xbfa\n", b"a\xff\n", b""])
def test_a_text_is_written_as_it_was(content: bytes) -> None:
    assert encoded(decoded(content), content) == content


def existing_of(folder: Path, files: dict[str, str]) -> Any:
    """Return what is read of a connector with these files."""
    return read_existing(write(folder, files), frozenset(files))


@pytest.mark.parametrize(
    "theirs, result",
    [
        (
            "app_settings:\n    app_name: X # mine\n    routes_dir: src/modules\n",
            'app_settings:\n    app_type: "crm" # unique\n    app_name: X # mine\n    routes_dir: src/modules\n'
            + LOCAL,
        ),
        (
            "app_settings: {app_type: x, app_name: Y, routes_dir: src/modules}" + LOCAL[:-14] + "\n  # none\n",
            "app_settings: {app_type: x, app_name: Y, routes_dir: src/modules}" + LOCAL + "  # none\n",
        ),
        (
            "app_settings:\n  app_type: x\n  app_name: Y\n  routes_dir: old # here\nlocal_development_settings: {}",
            'app_settings:\n  app_type: x\n  app_name: Y\n  routes_dir: "src/modules" # here\n'
            + LOCAL[1:-14]
            + " {port: 2003}",
        ),
    ],
    ids=["missing", "braces", "another folder"],
)
def test_a_configuration_is_completed_by_key(tmp_path: Path, theirs: str, result: str) -> None:
    existing = existing_of(tmp_path, {**PLAIN, "app_config.yaml": theirs})

    merged = merged_config(theirs, OURS, existing)

    assert merged.text == SCHEMA + result
    assert (merged.changed != "") == ("old" in theirs)


def test_files_from_before_are_listed_for_each_tool() -> None:
    before = Before(["main.py", "src/a [x]/r.py", "legacy/"], "src/routes", {"main.py": ["PY009", "PY009"]}, True)

    text = with_exclusions(SETTINGS, before)

    tools = tomli.loads(text)["tool"]
    assert tools["ruff"]["extend-exclude"] == ["legacy", "main.py", "src/a [[]x[]]/r.py"]
    assert tools["mypy"]["exclude"] == [r"^\.venv/", "^venv/", "^legacy/", r"^main\.py$", r"^src/a\ \[x\]/r\.py$"]
    assert tools["mypy"]["follow_imports"] == "silent"
    assert tools["pytest"]["ini_options"]["testpaths"] == ["tests", "src/routes"]
    assert tools["pytest"]["ini_options"]["addopts"][:2] == ["-p", "src.runtime.testing"]
    assert tools["stacksync"]["check"]["per-file-ignores"] == {"main.py": ["PY009"]}


def test_settings_of_other_tools_stay() -> None:
    theirs = '[project]\nname = "x"\n\n[tool.ruff.lint]\nselect = [\n  "E",\n]\n\n[tool.black]\nline-length = 88\n'

    text, gives_way = merged_settings(SETTINGS, theirs)

    assert gives_way
    assert text == f'[project]\nname = "x"\n\n[tool.black]\nline-length = 88\n\n{SETTINGS}'
    assert merged_settings(SETTINGS, '[project]\nname = "x"\n') == (f'[project]\nname = "x"\n\n{SETTINGS}', False)
    assert merged_settings(SETTINGS, "no TOML [\n") == (SETTINGS, True)


@pytest.mark.parametrize(
    "files, remote, ci",
    [
        ({".github/workflows/x.yml": ""}, "git@gitlab.com:x/y.git", "github"),
        ({".gitlab-ci.yml": ""}, "https://github.com/x/y", "gitlab"),
        ({}, "git@gitlab.example.com:x/y.git", "gitlab"),
        ({}, "https://github.com/x/y", "github"),
        ({}, "https://bitbucket.org/x/y", "none"),
        ({}, "", "github"),
    ],
)
def test_the_ci_is_that_of_the_files_else_of_the_remote(
    tmp_path: Path, files: dict[str, str], remote: str, ci: str
) -> None:
    config = f'[remote "origin"]\n\turl = {remote}\n' if remote else ""
    existing = existing_of(tmp_path, {**PLAIN, **files})
    write(
        tmp_path,
        {".git/config": config, ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/x": "", ".git/objects/x": ""},
    )

    assert ci_of(existing) == ci


@pytest.mark.parametrize("port, answer", [("2011", 2011), ("'2011'", 2011), ("none", None), ("[1]", None)])
def test_answers_are_what_the_configuration_says(tmp_path: Path, port: str, answer: int | None) -> None:
    existing = existing_of(tmp_path, {**PLAIN, "app_config.yaml": CONFIG.replace("2011", port)})

    answers = {name: given.value for name, given in answers_from(existing).items()}

    assert answers.get("port") == answer
    assert (answers["app_type"], answers["auth"], answers["deployment"]) == ("crm", "custom", [])


@pytest.mark.parametrize(
    "named, files, place",
    [
        ("routes_directory_path: a", ["a/m/v1/route.py"], "a"),
        ("routes_dir: b/", ["b/m/v1/route.py"], "b"),
        ("routes_path: gone", ["src/routes/m/v1/route.py"], "src/routes"),
        ("other: 1", ["src/modules/m/v1/route.py"], "src/modules"),
        ("routes_path: ../x", ["src/modules/m/v1/route.py"], "src/modules"),
        ("routes_path: src/modules", [], "src/modules"),
    ],
)
def test_the_modules_are_where_they_are(tmp_path: Path, named: str, files: list[str], place: str) -> None:
    existing = existing_of(tmp_path, {"app_config.yaml": f"app_settings: {{{named}}}\n", **dict.fromkeys(files, "")})

    assert existing.modules_dir == place


def test_a_lock_is_current_if_it_has_what_is_asked_for() -> None:
    lock = "flask==3.1.3 \\\n    --hash=sha256:00\nrequests==2.33.0\n"

    assert is_current("flask>=3\n", lock)
    assert not is_current("flask>=3\nhttpx\n", lock)
    assert not is_current("flask<3\n", lock)
