"""What installs an import: names, addresses, Dockerfiles, and the environment that lies in the connector."""

from pathlib import Path

import pytest

from stacksync.requirements.imports import IMPORTED_AS, NAMED_ALIKE, distribution_of
from tests.check.sample import found, write

CALLS = "src/calls.py"
SITE = ".venv/lib/python3.12/site-packages"


def missing(root: Path) -> list[str]:
    """Return the imports that nothing installs."""
    return [line.partition('installs "')[2].partition('"')[0] for line in found(root, "PY008")]


@pytest.mark.parametrize(
    "imports,requirements",
    [
        ("googleapiclient, google_auth_httplib2", "google-api-python-client==2.108.0\n"),
        ("google.oauth2.credentials", "google-auth\n"),
        ("wtforms", "Flask-WTF\n"),
        ("firecrawl", "firecrawl-py\n"),
        ("workflows_cdk", "git+https://example.invalid/someone/workflows-cdk.git@prod\n"),
        ("workflows_cdk", "git+ssh://git@example.invalid/workflows_cdk.git#subdirectory=python\n"),
        ("ours", "https://example.invalid/archives/ours-1.2.0-py3-none-any.whl\n"),
        ("ours", "-e ./libraries/ours\n"),
        ("ours", "libraries/ours\n"),
        ("ours", "--index-url https://example.invalid\n-r more.txt\n"),
    ],
)
def test_what_requirements_ask_for_can_be_imported(tmp_path: Path, imports: str, requirements: str) -> None:
    files: dict[str, str | None] = {CALLS: f"import {imports}\n", "more.txt": "ours ; python_version > '3'\n"}
    root = write(tmp_path, files | {"requirements.txt": f"flask\n{requirements}"})

    assert missing(root) == []


@pytest.mark.parametrize("name", ["Dockerfile", "config/Dockerfile.dev", "web.Dockerfile"])
def test_what_a_dockerfile_installs_can_be_imported(tmp_path: Path, name: str) -> None:
    image = (
        "FROM python:3.12\n"
        "RUN pip install --no-cache-dir 'pandas==2.*' && \\\n    pip3 install --upgrade \\\n    stripe\n"
        'RUN python -m pip install "git+https://example.invalid/workflows-cdk.git@prod" -r requirements.txt\n'
    )
    files: dict[str, str | None] = {CALLS: "import pandas, stripe, workflows_cdk, twilio\n", name: image}

    assert missing(write(tmp_path, {"requirements.txt": "flask\n", **files})) == ["twilio"]


def install(root: Path, name: str, files: str, requires: str = "", top_level: str | None = None) -> Path:
    """Write what pip leaves of a distribution."""
    (root / ".venv").mkdir(exist_ok=True)
    (root / ".venv/pyvenv.cfg").write_text("home = /nowhere\n")
    info = root / SITE / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
    (info / "RECORD").write_text(files)
    if top_level is not None:
        (info / "top_level.txt").write_text(top_level)
    return info


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a connector that imports what only its environment can tell."""
    return write(tmp_path, {CALLS: "import crm, deep, single\n", "requirements.txt": "flask\nour-crm-sdk\n"})


def test_an_environment_tells_what_requirements_give(root: Path) -> None:
    assert missing(root) == ["crm", "deep", "single"]

    install(
        root, "our_crm_sdk", "crm/__init__.py,,\n../../../bin/crm,,\n", "Requires-Dist: Deep.Things>=1; extra == 'x'\n"
    )
    install(root, "deep_things", "single.py,,\n", top_level="deep\n")

    assert missing(root) == []


def test_an_environment_does_not_make_up_for_requirements(root: Path) -> None:
    install(root, "other", "crm/__init__.py,,\ndeep/__init__.py,,\nsingle.py,,\n")

    assert missing(root) == ["crm", "deep", "single"]


@pytest.mark.parametrize("linked", [".venv", SITE, f"{SITE}/our_crm_sdk-1.0.dist-info", "METADATA", "RECORD"])
def test_no_link_in_an_environment_is_followed(
    root: Path, tmp_path_factory: pytest.TempPathFactory, linked: str
) -> None:
    info = install(root, "our_crm_sdk", "crm/__init__.py,,\ndeep/__init__.py,,\nsingle.py,,\n")
    place = info / linked if linked.isupper() else root / linked
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "it"
    place.rename(elsewhere)
    place.symlink_to(elsewhere)

    assert missing(root) == ["crm", "deep", "single"]


def test_a_broken_environment_is_of_no_use_and_no_harm(root: Path) -> None:
    info = install(root, "our_crm_sdk", "crm/__init__.py,,\n", "Requires-Dist: ???\nRequires-Dist: gone\n")
    (info / "METADATA").write_bytes(b"\xff\xfe\0")
    (root / SITE / "flask-3.0.dist-info").mkdir()  # what pip leaves when it is interrupted

    assert missing(root) == ["crm", "deep", "single"]


@pytest.mark.parametrize(
    "module,tip",
    [
        ("dotenv", "add python-dotenv to requirements.txt"),
        ("simple_salesforce", "add simple-salesforce to requirements.txt"),
        ("googleapiclient", "add google-api-python-client to requirements.txt"),
        ("cv2", "add the package that it belongs to to requirements.txt"),
        ("our_internal_client", "add the package that it belongs to to requirements.txt"),
    ],
)
def test_only_names_that_are_known_are_suggested(tmp_path: Path, module: str, tip: str) -> None:
    root = write(tmp_path, {CALLS: f"import {module}\n", "requirements.txt": "flask\n"})

    assert [line.partition(" -> ")[2] for line in found(root, "PY008")] == [tip]


def test_a_suggestion_is_one_of_the_table() -> None:
    modules = {module for modules in IMPORTED_AS.values() for module in modules} | NAMED_ALIKE
    suggested = {distribution_of(module) for module in modules} - {None}

    assert suggested <= {*IMPORTED_AS, *(name.replace("_", "-") for name in NAMED_ALIKE)}
    assert [distribution_of(each) for each in ("google", "cv2", "workflows_cdk")] == [None, None, None]
