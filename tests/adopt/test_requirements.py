"""The requirements of an adopted connector: its own and ours, without the SDK."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from stacksync.requirements.adoption import AdoptedRequirements, adopt_requirements
from tests.conftest import ROOT

OURS = """\
# About the whole file.
flask>=3.1.3,<4
# About gunicorn.
gunicorn>=27.0,<28; sys_platform != "win32"
requests>=2.33,<3
"""
NEEDED = "# About the whole file."
IMPORTED = "# What the connector's code imports; the SDK it was written for installed these."


def adopt(
    root: Path, text: str | bytes | None, files: Mapping[str, str] = MappingProxyType({}), *, raise_pins: bool = False
) -> AdoptedRequirements:
    """Adopt a connector with these requirements, and other files."""
    write(root, "app_config.yaml", "app_settings:\n  app_type: crm\n")
    for name, content in files.items():
        write(root, name, content)
    if text is not None:
        write(root, "requirements.txt", text)
    return adopt_requirements(root, OURS, raise_pins=raise_pins)


def write(root: Path, name: str, text: str | bytes) -> None:
    """Write a file and the folders that it stands in."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(text.encode() if isinstance(text, str) else text)


def test_what_is_there_keeps_its_order_comments_extras_markers_and_options(tmp_path: Path) -> None:
    text = (
        "--index-url https://example.invalid/simple\n\n# Web\nFlask[async] ; python_version > '3'  # ours\n-e ./lib\n"
        "-c limits.txt\nstripe==11.1.0\nRequests>=2.0\n./wheels/crm-1.0-py3-none-any.whl\n"
    )
    adopted = adopt(tmp_path, text)

    assert adopted.text == (
        text.replace("Flask[async]", "Flask[async]>=3.1.3,<4")
        + f'\n{NEEDED}\n# About gunicorn.\ngunicorn>=27.0,<28; sys_platform != "win32"\n'
    )
    assert [each.requirement for each in adopted.added] == ['gunicorn>=27.0,<28; sys_platform != "win32"']
    assert adopted.bounded == ("flask",)
    assert (adopted.removed, adopted.conflicts, adopted.other_places, adopted.other_files) == ((), (), (), {})


def test_no_requirements_become_ours(tmp_path: Path) -> None:
    assert adopt(tmp_path, None).text == OURS


@pytest.mark.parametrize(
    "line",
    [
        "workflows-cdk",
        "Workflows_CDK==0.1.0",
        "workflows.cdk[dev]>=0.1 ; python_version > '3'  # the SDK",
        "  workflows-cdk == 0.1.0",
        "workflows-cdk @ git+https://example.invalid/stacksync/workflows-cdk.git@prod",
        "workflows-cdk@https://example.invalid/archive.zip",
        "git+https://example.invalid/stacksyncdata/workflows-cdk.git@prod",
        "git+https://example.invalid/stacksyncdata/Workflows_CDK",
        "git+ssh://git@example.invalid/stacksyncdata/workflows-cdk.git",
        "git+https://${TOKEN}@example.invalid/fork/our-sdk.git#egg=workflows_cdk[dev]",
        "git+https://example.invalid/mono.git@v1#subdirectory=python/workflows-cdk&egg=other",
        "-e git+https://example.invalid/stacksyncdata/workflows-cdk.git@prod#egg=workflows-cdk",
        "--editable=../workflows-cdk",
        "-e ./vendor/workflows_cdk[dev]",
        "vendor\\workflows_cdk",
        "./vendor/workflows_cdk-0.1.0-py3-none-any.whl",
        "workflows_cdk-0.1.0.tar.gz",
        "file:///srv/packages/workflows-cdk",
        "https://example.invalid/stacksyncdata/workflows-cdk/archive/refs/heads/prod.zip",
        "workflows-cdk==0.1.0 --hash=sha256:00",
        "workflows-cdk==0.1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via -r requirements.in",
        "git+https://example.invalid/stacksyncdata/stacksync-workflows-cdk.git@v1#subdirectory=lib",
        "stacksync_cdk>=1",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_sdk_is_taken_out_under_every_spelling(tmp_path: Path, line: str, newline: str) -> None:
    text = f"{OURS}{line}\nstripe\n".replace("\n", newline)
    adopted = adopt(tmp_path, text)

    assert adopted.text == f"{OURS}stripe\n".replace("\n", newline)
    assert [each.place for each in adopted.removed] == ["requirements.txt:6"]
    assert adopted.removed[0].text in line.replace("${TOKEN}@", "")
    assert adopted.other_places == ()


@pytest.mark.parametrize(
    "line",
    ["workflows-cdk-extras", "my-workflows-cdk", "# workflows-cdk", "git+https://example.invalid/workflows-cdk-tools"],
)
def test_what_is_called_like_the_sdk_stays(tmp_path: Path, line: str) -> None:
    assert adopt(tmp_path, f"{OURS}{line}\n").text == f"{OURS}{line}\n"


def test_every_requirements_file_is_read(tmp_path: Path) -> None:
    files = {
        "requirements/base.txt": "-r more/deep.txt\nflask==3.1.3\nworkflows-cdk\n",
        "requirements/more/deep.txt": "gunicorn\n-r ../../requirements.txt\n",
        "constraints.txt": "workflows-cdk==0.1.0\nclick==7.0\nflask\n",
        "requirements-dev.txt": "-r requirements.txt\nworkflows-cdk\npytest\n",
        "notes.txt": "workflows-cdk\n",
    }
    adopted = adopt(tmp_path, "-r requirements/base.txt\n-c constraints.txt\nrequests<3\n", files)

    assert adopted.text == "-r requirements/base.txt\n-c constraints.txt\nrequests<3\n"
    assert adopted.other_files == {
        "requirements/base.txt": "-r more/deep.txt\nflask==3.1.3\n",
        "requirements/more/deep.txt": "gunicorn>=27.0,<28\n-r ../../requirements.txt\n",
        "constraints.txt": "click==7.0\nflask\n",
        "requirements-dev.txt": "-r requirements.txt\npytest\n",
    }
    assert [each.place for each in adopted.removed] == [
        "requirements/base.txt:3",
        "constraints.txt:1",
        "requirements-dev.txt:2",
    ]
    assert [(each.name, each.theirs, each.needed, each.place) for each in adopted.conflicts] == [
        ("click", "click==7.0", "click>=8.1.3", "constraints.txt:2")
    ]


def test_a_file_outside_or_behind_a_link_is_named_and_stays(tmp_path: Path) -> None:
    root = tmp_path / "connector"
    write(tmp_path, "shared.txt", "workflows-cdk\ngunicorn\nflask==2.2\n")
    write(tmp_path, "linked.txt", "workflows-cdk\n")
    root.mkdir()
    (root / "requirements-linked.txt").symlink_to(tmp_path / "linked.txt")
    adopted = adopt(root, "-r ../shared.txt\nrequests\n", raise_pins=True)

    assert adopted.text == "-r ../shared.txt\nrequests>=2.33,<3\n"
    assert (adopted.other_files, adopted.removed) == ({}, ())
    assert [each.place for each in adopted.other_places] == ["../shared.txt:1", "requirements-linked.txt:1"]
    assert [each.place for each in adopted.conflicts] == ["../shared.txt:3"]


@pytest.mark.parametrize(
    "theirs,raised",
    [
        ("flask==2.2.0", "flask>=3.1.3,<4"),
        (
            "Flask[async] ~= 2.2 ; python_version < '3.12'  # old",
            "Flask[async]>=3.1.3,<4 ; python_version < '3.12'  # old",
        ),
        ("flask>=2,<3", "flask>=3.1.3,<4"),
        ("flask==2.*", "flask>=3.1.3,<4"),
        ("flask<3.1.3", "flask>=3.1.3,<4"),
        ("flask===2.2", "flask>=3.1.3,<4"),
        ("flask>=4", "flask>=3.1.3,<4"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_pin_that_excludes_what_the_runtime_needs(tmp_path: Path, theirs: str, raised: str, newline: str) -> None:
    text = f"# ours\ngunicorn==27.0\nrequests\n{theirs}\nstripe\n".replace("\n", newline)
    adopted = adopt(tmp_path, text)

    assert adopted.text == text.replace("requests", "requests>=2.33,<3")
    assert [(each.name, each.needed, each.place) for each in adopted.conflicts] == [
        ("flask", "flask>=3.1.3,<4", "requirements.txt:4")
    ]
    again = adopt(tmp_path, text, raise_pins=True)
    assert again.text == adopted.text.replace(theirs, raised)
    assert (again.conflicts, again.raised) == ((), adopted.conflicts)


@pytest.mark.parametrize(
    "theirs",
    ["flask==3.1.3", "flask>=2", "flask!=3.1.3", "flask~=3.1", "flask==3.*", "flask>3.1.3,<3.2", "flask @ file:///x"],
)
def test_a_pin_that_the_runtime_can_use_stays(tmp_path: Path, theirs: str) -> None:
    adopted = adopt(tmp_path, f"{OURS.replace('flask>=3.1.3,<4', theirs)}")

    assert theirs in adopted.text
    assert (adopted.conflicts, adopted.raised) == ((), ())


def test_pins_that_came_with_the_sdk_are_nobodys_choice(tmp_path: Path) -> None:
    adopted = adopt(tmp_path, "flask\nrequests\ngunicorn==22.0.0\n")
    chosen = adopt(tmp_path, "flask\nrequests\ngunicorn==21.2.0\n")

    assert adopted.text == "flask>=3.1.3,<4\nrequests>=2.33,<3\ngunicorn>=27.0,<28\n"
    assert ([each.theirs for each in adopted.raised], adopted.conflicts) == (["gunicorn==22.0.0"], ())
    assert ([each.theirs for each in chosen.conflicts], chosen.raised) == (["gunicorn==21.2.0"], ())


def test_what_code_imports_and_only_the_sdk_brought_is_added(tmp_path: Path) -> None:
    adopted = adopt(
        tmp_path,
        f"{OURS}workflows-cdk\nopenai\n",
        {
            "src/modules/a/v1/route.py": "from dotenv import load_dotenv\nimport flask, pydantic, click, yaml as y\n",
            "src/util.py": "def late():\n    from flask_cors import CORS\n    from . import authlib\n",
            "tests/test_it.py": "import dotenv\ntry:\n    import authlib.jose\nexcept ImportError:\n    pass\n",
            "src/runtime/app.py": "import OpenSSL\n",
            "broken.py": "import cryptography (\n",
        },
    )

    lines = ["authlib>=1.1.0", "flask-cors>=4.0.0", "python-dotenv>=1.0.0", "pyyaml>=6.0.0"]
    assert adopted.text == "\n".join([OURS.rstrip(), "openai", "", IMPORTED, *lines, ""])
    assert [each.reason for each in adopted.added] == [
        "src/modules/a/v1/route.py:1 imports dotenv, which only the SDK installed",
        "src/modules/a/v1/route.py:2 imports yaml, which only the SDK installed",
        "src/util.py:2 imports flask_cors, which only the SDK installed",
        "tests/test_it.py:3 imports authlib, which only the SDK installed",
    ]


def test_what_only_the_image_installed_is_added(tmp_path: Path) -> None:
    adopted = adopt(
        tmp_path,
        OURS,
        {
            "Dockerfile": (
                "FROM python:3.12\nRUN pip install --upgrade pip && pip install 'pandas==2.*' flask==2.2 \\\n"
                "    git+https://example.invalid/our/crm.git\n"
                "RUN pip install git+https://example.invalid/workflows-cdk.git@prod\n"
                "RUN pip3 install -r requirements.txt -r deploy/prod.txt -r gone.txt\n"
            ),
            "config/Dockerfile.dev": "FROM python:3.12\nRUN pip install debugpy\n",
            "deploy/prod.txt": "stripe\nworkflows-cdk\n",
        },
    )

    assert adopted.text == (
        f"{OURS}\n-r deploy/prod.txt\n\n# What the connector's image installed beside its requirements.\n"
        "pandas==2.*\ngit+https://example.invalid/our/crm.git\n"
    )
    assert [(each.requirement, each.reason) for each in adopted.added] == [
        ("-r deploy/prod.txt", "Dockerfile:5 installs it"),
        ("pandas==2.*", "Dockerfile:2 installs it"),
        ("git+https://example.invalid/our/crm.git", "Dockerfile:3 installs it"),
    ]
    assert adopted.other_files == {"deploy/prod.txt": "stripe\n"}


def test_a_project_without_requirements_asks_in_pyproject(tmp_path: Path) -> None:
    project = '[project]\ndependencies = [\n  "workflows-cdk>=0.1",\n  "stripe[async]>=11",\n  "flask==2.2",\n]\n'
    adopted = adopt(tmp_path, None, {"pyproject.toml": project})

    assert adopted.text.startswith("# What pyproject.toml asked for.\nstripe[async]>=11\nflask==2.2\n")
    assert adopted.added[0].reason == "pyproject.toml:4 asks for it"
    assert [(each.theirs, each.place) for each in adopted.conflicts] == [("flask==2.2", "pyproject.toml:5")]
    raised = adopt(tmp_path, None, {"pyproject.toml": project}, raise_pins=True)
    assert (raised.text.splitlines()[2], raised.conflicts) == ("flask>=3.1.3,<4", ())
    assert adopt(tmp_path, OURS, {"pyproject.toml": project}).text == OURS
    (tmp_path / "broken").mkdir()
    assert adopt(tmp_path / "broken", None, {"pyproject.toml": "["}).text.startswith(NEEDED)


def test_where_else_the_sdk_is_installed_is_named(tmp_path: Path) -> None:
    adopted = adopt(
        tmp_path,
        OURS,
        {
            "Dockerfile": "FROM python:3.12\n# the workflows-cdk package\nRUN pip install Workflows_CDK\n",
            "compose.yaml": "services:\n  app:\n    command: pip install git+ssh://example.invalid/workflows-cdk.git\n",
            "run.bat": "@echo off\nREM workflows-cdk\npip install workflows-cdk\n",
            "scripts/build.sh": 'python -c "import workflows_cdk"\nuv pip install "workflows.cdk[dev]"\n',
            "pyproject.toml": '[project]\ndependencies = ["workflows-cdk>=0.1"]\n',
            "README.md": "pip install workflows-cdk\n",
            ".github/workflows/ci.yml": "steps:\n- run: pip install workflows-cdk\n",
        },
    )

    assert [each.place for each in adopted.other_places] == [
        "Dockerfile:3",
        "compose.yaml:3",
        "pyproject.toml:2",
        "run.bat:3",
        "scripts/build.sh:2",
        ".github/workflows/ci.yml:2",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_powershell_writes_can_be_read(tmp_path: Path, encoding: str) -> None:
    text = OURS.replace("\n", "\r\n") + "workflows-cdk"

    assert adopt(tmp_path, text.encode(encoding)).text == OURS.replace("\n", "\r\n")


def test_hashes_are_taken_out_where_lines_without_any_are_added(tmp_path: Path) -> None:
    hashed = "--require-hashes\nstripe==11.1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via -r x.in\n"
    adopted = adopt(tmp_path, f"{hashed}requests==2.20.0 --hash=sha256:22\n", raise_pins=True)

    assert adopted.text.startswith("stripe==11.1.0\n    # via -r x.in\nrequests>=2.33,<3\n\n# About the")
    assert adopted.without_hashes


def test_a_file_for_development_gets_what_it_includes(tmp_path: Path) -> None:
    write(tmp_path, "requirements-dev.txt", "pytest\n")
    write(tmp_path, "src/a.py", "import dotenv\n")
    adopted = adopt_requirements(
        tmp_path, "-r requirements.txt\npytest>=9,<10\nruff>=0.14\n", file="requirements-dev.txt"
    )

    assert adopted.text == "pytest>=9,<10\n\n-r requirements.txt\nruff>=0.14\n"


@pytest.mark.parametrize("changed", ["flask>=3.1.3", "gunicorn>=27.0", "# About gunicorn."])
def test_a_release_that_changes_a_line_of_the_template_is_no_conflict(tmp_path: Path, changed: str) -> None:
    adopted = adopt(tmp_path, "workflows-cdk\npandas\n")
    sides = {"mine": adopted.text, "base": OURS, "release": OURS.replace(changed, f"{changed}.9")}
    for name, text in sides.items():
        write(tmp_path, name, text)

    merge = ["git", "merge-file", "-p", *sides]
    merged = subprocess.run(merge, cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True).stdout

    assert merged == adopted.text.replace(changed, f"{changed}.9")


def test_adopting_again_changes_nothing(tmp_path: Path) -> None:
    first = adopt(tmp_path, "workflows-cdk\nflask[async]\ngunicorn==22.0.0", {"src/a.py": "import dotenv\n"})
    again = adopt(tmp_path, first.text)

    assert again == AdoptedRequirements(first.text)


def test_pip_reads_what_is_made(tmp_path: Path) -> None:
    """pip itself parses the union with the template's own file, without an index to ask."""
    write(tmp_path, "src/a.py", "import dotenv, flask_cors\n")
    write(tmp_path, "requirements.txt", "Flask [async]==2.2;python_version>'3'\nworkflows-cdk\n# end")
    ours = (ROOT / "template" / "requirements.txt").read_text("utf-8")
    write(tmp_path, "made.txt", adopt_requirements(tmp_path, ours, raise_pins=True).text)
    code = (
        "from pip._internal.req import parse_requirements; from pip._internal.network.session import PipSession\n"
        "print(*(each.requirement for each in parse_requirements('made.txt', session=PipSession())), sep='\\n')"
    )
    done = subprocess.run(["python3", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[0] == "Flask [async]>=3.1.3,<4;python_version>'3'"
    assert {"python-dotenv>=1.0.0", "flask-cors>=4.0.0", "werkzeug>=3.1.6,<4"} < set(done.stdout.splitlines())
