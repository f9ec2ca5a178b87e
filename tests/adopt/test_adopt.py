"""`stacksync adopt`: what it says, what it changes, and that all of it can be undone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.adopt.conftest import CONFIG, PLAIN, VENDOR, made, write
from tests.conftest import ROOT, Published, snapshot
from tests.kit.wire import write_project
from tests.update.conftest import Connector, inside
from tests.update.test_interruption import killed_at

ANSWERS = ".copier-answers.yml"


def read(connector: Connector, name: str) -> str:
    """Return the text of a file."""
    return (connector.cwd / name).read_text("utf-8")


def test_the_report_begins_with_secrets_and_has_no_value_of_one(adopted: tuple[Connector, str]) -> None:
    said = adopted[1]

    assert said.startswith(
        "Secrets are in git. They stay as they are, and whoever can read the repository has them:\n"
        "  .env:1: git tracks this file\n"
        '  src/helper.py:1: "API_KEY" is a secret written in the code\n'
        "Replace them where they were issued.\n\n"
        "Adopted crm with release v0.1.0; "
    )
    assert [value for value in ("made-up-value", "Zx81", "hunter2") if value in said] == []


@pytest.mark.parametrize(
    "line",
    [
        "  Dockerfile                                   moved to legacy/Dockerfile",
        "       3  RUN apt-get install -y libpq-dev",
        "       4  ENV CRM_PASSWORD=••••••",
        "  config/Dockerfile.dev                        unedited file of the vendor's template, replaced by Dockerfile",
        "  run_dev.sh                                   unedited file of the vendor's template, replaced",
        "  copied_example/v1 is an example of the vendor's template: this connector publishes it as its own",
        "  requirements.txt:4: taken out: workflows-cdk @ git+https://example.com/workflows-cdk.git@prod",
        "  renovate.json is ignored by git, so it was added to the index",
        "The code reads these variables. Set them in the deployment: the image does not hold `.env`.",
        "  CRM_REGION                     src/modules/get_contacts/v1/route.py:10",
        '  git add --all && git commit -m "Adopt the stacksync template"',
    ],
)
def test_the_report_says(adopted: tuple[Connector, str], line: str) -> None:
    assert line in adopted[1].splitlines()


def test_what_is_the_users_stays(plain: Connector, adopted: tuple[Connector, str]) -> None:
    before, after = snapshot(plain.cwd), snapshot(adopted[0].cwd)
    stays = [".env", "README.md", "main.py", "src/helper.py", "docker-compose.yml", "config/README.md"]

    assert {name: after[name] for name in stays} == {name: before[name] for name in stays}
    modules = [
        {name: file for name, file in each.items() if name.startswith("src/modules/")} for each in (before, after)
    ]
    assert modules[0] == modules[1]
    assert after["legacy/Dockerfile"] == before["Dockerfile"]
    assert not {"src/api_client.py", "tests/stand_in.py", "tests/test_api_client.py", ".vscode"} & set(after)
    assert {"src/runtime/app.py", "workflows_cdk/__init__.py", "Dockerfile", "requirements.lock", "AGENTS.md"} <= set(
        after
    )
    assert adopted[0].git("rev-parse", "HEAD") == plain.git("rev-parse", "HEAD")


def test_what_both_have_is_brought_together(adopted: tuple[Connector, str]) -> None:
    connector = adopted[0]
    ours = "# yaml-language-server: $schema=documentation/schemas/app_config.schema.json\n"

    assert read(connector, "app_config.yaml") == ours + CONFIG
    ignored = read(connector, ".gitignore").splitlines()
    assert ignored[:2] == ["*.log", "*.json"]
    assert {".env", "!.env.example", "__pycache__/"} <= set(ignored)
    requirements = read(connector, "requirements.txt").splitlines()
    assert requirements[:3] == ["# Flask", "flask>=3.1.3,<4", "requests>=2.33,<3"]
    assert "workflows" not in read(connector, "requirements.txt")
    assert read(connector, "requirements-dev.txt") == (ROOT / "template/requirements-dev.txt").read_text("utf-8")
    assert "legacy" in read(connector, ".dockerignore").splitlines()


def test_every_question_has_its_answer(adopted: tuple[Connector, str]) -> None:
    answers = yaml.safe_load(read(adopted[0], ANSWERS))

    assert {name: value for name, value in answers.items() if name[0] != "_"} == {
        "adopted": True,
        "app_description": "Contacts of the CRM",
        "app_icon_svg_url": "https://example.com/crm.svg",
        "app_name": "The CRM",
        "app_type": "crm",
        "auth": "custom",
        "ci": "github",
        "deployment": [],
        "port": 2011,
        "workflows_cdk_compat": True,
    }


def test_undo_puts_everything_back(plain: Connector, adopted: tuple[Connector, str], tmp_path: Path) -> None:
    connector = adopted[0].twin(tmp_path / "crm")
    connector.append("AGENTS.md", "written after the adoption")

    refused, other, done = connector("adopt"), connector("update", "--undo"), connector("adopt", "--undo")

    assert refused.returncode == 1
    assert refused.stderr.endswith("TIP: commit the adoption, or put everything back: stacksync adopt --undo\n")
    assert other.stderr == "Error: There is no update to undo.\nTIP: stacksync adopt --undo\n"
    assert (done.returncode, done.stdout.splitlines()[0][:21]) == (0, "Undid the adoption: 1")
    assert "What you had edited since is kept in refs/stacksync/undone:\n  AGENTS.md" in done.stdout
    assert (snapshot(connector.cwd), connector.status()) == (snapshot(plain.cwd), [])
    again = connector("adopt", "--undo")
    assert again.stderr == (
        "Error: There is no adoption to undo.\nTIP: a committed one is undone by git: git revert COMMIT\n"
    )


def test_a_dry_run_tells_the_same_and_changes_nothing(plain: Connector, adopted: tuple[Connector, str]) -> None:
    before = snapshot(plain.cwd)

    facts = plain.json("adopt", "--dry-run")

    assert (snapshot(plain.cwd), plain.status()) == (before, [])
    assert {(each["path"], each["fate"]) for each in facts["files"]} > {
        ("Dockerfile", "moved"),
        ("app_config.yaml", "merged"),
        ("config/entrypoint.sh", "replaced"),
        ("src/runtime/app.py", "added"),
    }
    assert [each["file"] for each in facts["secrets"]] == [".env", "src/helper.py"]
    assert facts["moved_lines"]["Dockerfile"][1] == {"number": 4, "text": "ENV CRM_PASSWORD=••••••"}


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["pytest", "-q", "-p", "no:cacheprovider"],
        ["stacksync", "check"],
    ],
    ids=" ".join,
)
@pytest.mark.slow
def test_what_ci_runs_passes_on_day_one(adopted: tuple[Connector, str], mypy_cache: Path, command: list[str]) -> None:
    connector = adopted[0]
    environment = {**connector.environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "default"}
    environment["MYPY_CACHE_DIR"] = str(mypy_cache)

    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=connector.cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
def test_killed_at_some_moments_it_can_be_undone(
    plain: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stacksync.adopt.adopting import adopt
    from stacksync.adopt.order import Order
    from stacksync.source import TemplateSource
    from stacksync.updates.repository import find_repository
    from stacksync.updates.undoing import undo

    connector = plain.twin(tmp_path / "crm")
    before = snapshot(connector.cwd)
    for name, value in plain.environment.items():
        monkeypatch.setenv(name, value)
    order = Order(connector.cwd, TemplateSource(None, str(plain.template.checkout), "v0.1.0"))
    for moment in (1, 40, 120):
        assert killed_at(moment, lambda: adopt(order, lambda _: None), connector.cwd)
        if connector.status():
            undo(find_repository(connector.cwd), "adopt")
        assert (snapshot(connector.cwd), connector.status()) == (before, [])


def test_releases_come_by_plain_copier_and_by_the_command(adopted: tuple[Connector, str], tmp_path: Path) -> None:
    connector = adopted[0].twin(tmp_path / "crm")
    connector.commit()
    before, twin = snapshot(connector.cwd), connector.twin(tmp_path / "twin" / "crm")

    done, copied = connector("update", "--json"), twin.copier()

    assert (done.returncode, copied.returncode) == (0, 0), done.stderr + copied.stderr
    assert snapshot(connector.cwd) == snapshot(twin.cwd)
    after = snapshot(connector.cwd)
    own = ["README.md", "main.py", "app_config.yaml", *(name for name in before if name.startswith("src/modules/"))]
    assert {name: after[name] for name in own} == {name: before[name] for name in own}
    assert [name for name in after if name.startswith("src/modules/") and name not in before] == []
    assert (connector.cwd / "SECURITY.md").is_file()
    assert "v0.2.0 was here" in read(connector, "src/runtime/choice.py")


ODD = {
    **{name: text for name, text in PLAIN.items() if not name.startswith(("src/", "config/", "README"))},
    ".github/workflows/deploy.yml": "on: push\n",
    "AGENTS.md": "Our rules.\n",
    "app_config.yaml": "\ufeff"
    + CONFIG.replace('"crm"', "My-CRM 2!").replace("src/modules", "modules/gone").replace("\n", "\r\n")
    + "app_extra: {a: 1}\r\n",
    "config": "a file, where the template needs a folder\n",
    "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef number():\n    return 7\n",
    "deploy/Dockerfile.prod": "FROM python:3.11\n",
    "legacy/notes.txt": "ours\n",
    "legacy/Dockerfile": "an older one\n",
    "pyproject.toml": '[project]\nname = "crm"\n\n[tool.ruff]\nline-length = 70\n\n[tool.ours]\nkey = 1\n',
    "pytest.ini": "[pytest]\ntestpaths = nowhere\n",
    "readme.rst": "The CRM\n",
    "src/routes/Get Contacts/v1/route.py": PLAIN["src/modules/get_contacts/v1/route.py"],
    "tests/test_ours.py": "def test_ours(number):\n    assert number == 7\n",
    "tests/test_connector.py": "def test_nothing():\n    pass\n",
}


@pytest.fixture(scope="module")
def odd(template: Published, tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, str]:
    """Return a connector that is odd in every way, in a folder of a bigger repository with a detached HEAD, adopted."""
    folder = tmp_path_factory.mktemp("odd")
    alone = made(template, folder / "alone", ODD)
    connector = inside(alone, folder / "repository")
    (connector.cwd / "run_dev.bat").symlink_to("main.py")
    connector.git("add", "run_dev.bat")
    connector.git("commit", "--quiet", "--message", "A link")
    connector.git("checkout", "--quiet", "--detach")
    done = connector("adopt", "--quiet", "--raise-pins")
    assert done.returncode == 0, done.stderr
    return connector, done.stdout


def test_an_odd_connector_is_adopted_whole(odd: tuple[Connector, str]) -> None:
    connector = odd[0]
    after = {name: content.decode() for name, (_, content) in snapshot(connector.cwd).items()}

    for name in ("AGENTS.md", "conftest.py", "tests/test_ours.py", "tests/test_connector.py", "readme.rst"):
        assert after[name] == ODD[name]
    moved = ["Dockerfile", "config", "deploy/Dockerfile.prod", "pytest.ini", "pyproject.toml"]
    assert {name: after[f"legacy_2/{name}"] for name in moved} == {name: ODD[name] for name in moved}
    assert (after["legacy/notes.txt"], after["legacy/Dockerfile"]) == ("ours\n", "an older one\n")
    assert "README.md" not in after
    assert (connector.cwd / "run_dev.bat").readlink() == Path("main.py")
    assert connector.git("-C", "..", "status", "--porcelain").splitlines()[-1].endswith("other.txt")


def test_its_configuration_keeps_line_ends_and_mark(odd: tuple[Connector, str]) -> None:
    text = (odd[0].cwd / "app_config.yaml").read_bytes().decode()

    assert text.startswith("\ufeff# yaml-language-server")
    assert text.count("\n") == text.count("\r\n")
    assert 'routes_directory: "src/routes"\r\n' in text
    assert "app_type: My-CRM 2! # ours since 2024\r\n" in text
    assert text.endswith("app_extra: {a: 1}\r\n")


def test_a_refused_value_is_recorded_as_the_default(odd: tuple[Connector, str]) -> None:
    answers = yaml.safe_load(read(odd[0], ANSWERS))

    assert (answers["app_type"], answers["app_name"], answers["ci"]) == ("crm", "The CRM", "github")


def test_its_settings_are_the_templates_and_the_rest_is_its_own(odd: tuple[Connector, str]) -> None:
    text = read(odd[0], "pyproject.toml")

    assert text.startswith('[project]\nname = "crm"\n\n[tool.ours]\nkey = 1\n')
    assert 'testpaths = ["tests", "src/routes"]' in text
    assert 'addopts = ["-p", "src.runtime.testing", ' in text
    assert '  "src/routes/Get Contacts/v1/route.py",\n' in text


def test_an_odd_connector_takes_releases(odd: tuple[Connector, str]) -> None:

    connector = odd[0]
    connector.git("add", "--all", ".")
    connector.git("commit", "--quiet", "--message", "Adopt")

    done = connector.copier("-r", "v0.2.0")

    assert done.returncode == 0, done.stderr
    assert "v0.2.0 was here" in read(connector, "src/runtime/choice.py")
    assert read(connector, "readme.rst") == ODD["readme.rst"]


def test_a_project_of_the_present_kit(template: Published, tmp_path: Path) -> None:
    root = write_project("kept", tmp_path / "shop")
    own = {
        "main.py": "from stacksync_cdk import create_app\n\napp = create_app()\n",
        "requirements.txt": "stacksync-cdk==1.0.1\n",
        "gunicorn_config.py": "workers = 2\n",
        "Dockerfile": "FROM python:3.12\n",
    }
    connector = made(template, root, own)
    before = snapshot(root)

    done = connector("adopt")

    after = snapshot(root)
    assert done.returncode == 0, done.stderr
    stays = [name for name in before if name not in ("requirements.txt", "gunicorn_config.py", "Dockerfile")]
    assert {name: after[name] for name in stays} == {name: before[name] for name in stays}
    assert {"stacksync_cdk/__init__.py", "legacy/gunicorn_config.py", "legacy/Dockerfile"} <= set(after)
    assert not {"app_config.yaml", "workflows_cdk/__init__.py", "src/api_client.py"} & set(after)
    assert yaml.safe_load(read(connector, ANSWERS))["stacksync_cdk_compat"] is True
    assert "Deploying with the vendor's own command line was not tried" in done.stdout
    connector.commit()
    assert connector.copier("-r", "v0.2.0").returncode == 0
    assert "v0.2.0 was here" in read(connector, "src/runtime/choice.py")


REFUSED: dict[str, tuple[dict[str, str | None], str, str]] = {
    "no connector": (
        {},
        "{root} is no connector: it has no app_config.yaml, and no module in src/modules or src/routes.",
        "name the connector's folder: stacksync adopt PATH",
    ),
    "no YAML": ({"app_config.yaml": "a: [\n"}, "app_config.yaml:2: ", "correct it and commit that, then adopt"),
    "of a template": (
        {**PLAIN, ANSWERS: "_commit: v1\n"},
        "{root} was made from a template already: it has a .copier-answers.yml.",
        "stacksync update takes the releases of that template",
    ),
    "pinned": (
        {**PLAIN, "requirements.txt": "flask==2.2.0\n"},
        (
            "The runtime does not run with these requirements: requirements.txt:1 asks for flask==2.2.0, and the "
            "runtime needs flask>=3.1.3,<4. Nothing was changed."
        ),
        "stacksync adopt --raise-pins raises them; or raise them yourself, commit that, and adopt then",
    ),
    "a folder": (
        {**PLAIN, "requirements.txt": None, "requirements.txt/part": "flask\n"},
        "requirements.txt is a folder, where the template needs requirements.txt.",
        "put a folder of files in its place and commit that; nothing was changed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(template: Published, tmp_path: Path, case: str) -> None:
    files, fault, tip = REFUSED[case]
    present = {name: text for name, text in files.items() if text is not None}
    connector = made(template, tmp_path / "crm", {"other.txt": "", **present})
    before = snapshot(connector.cwd)

    done = connector("adopt")

    assert done.returncode == 1
    told, _, advice = done.stderr.partition("\nTIP: ")
    assert f"Error: {fault.format(root=connector.cwd)}" in told
    assert advice == f"{tip}\n"
    assert (snapshot(connector.cwd), connector.status()) == (before, [])


def test_a_folder_that_is_no_connector_needs_no_repository(template: Published, tmp_path: Path) -> None:
    done = template.stacksync(tmp_path)("adopt")

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {tmp_path} is no connector: it has no app_config.yaml")


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo terminals on Windows")
def test_whoever_sits_at_a_terminal_is_asked_whether_to_raise_pins(template: Published, tmp_path: Path) -> None:
    from tests.terminals import in_terminal  # which Windows cannot load

    connector = made(template, tmp_path / "crm", {**PLAIN, "requirements.txt": "flask==2.2.0\n"})
    for answer, code in (("n", 1), ("y", 0)):
        with in_terminal(connector, "adopt") as terminal:
            terminal.wait_for("requirements.txt:1: flask==2.2.0, needed flask>=3.1.3,<4")
            terminal.wait_for("Raise them? [y/N]:")
            terminal.type(f"{answer}\r")
            assert terminal.end() == code
        assert bool(connector.status()) == (answer == "y")


def test_it_needs_a_repository_with_everything_committed(template: Published, tmp_path: Path) -> None:
    folder = write(tmp_path / "crm", PLAIN)
    run = template.stacksync(folder)

    none = run("adopt")
    template.git("init", "--quiet", cwd=folder)
    empty = run("adopt")
    template.git("add", "--all", "--force", cwd=folder)
    template.git("commit", "--quiet", "--message", "As it is", cwd=folder)
    (folder / "main.py").write_text("changed")
    dirty = run("adopt")

    commit = 'commit your work: git add --all && git commit -m "..."'
    assert none.stderr == f"Error: {folder} is in no git repository.\nTIP: git init, then {commit}\n"
    assert empty.stderr == f"Error: The git repository {folder} has no commit yet.\nTIP: {commit}\n"
    assert dirty.stderr.startswith("Error: There are uncommitted changes: main.py.\nTIP: commit them")
    assert {none.returncode, empty.returncode, dirty.returncode} == {1}
    assert (run("adopt", "nowhere").returncode, run("adopt", "--undo", "--dry-run").returncode) == (2, 2)


def test_nothing_of_the_vendors_is_in_the_list_but_hashes() -> None:
    from stacksync.adopt.published import FILE

    facts = json.loads(FILE.read_text("utf-8"))

    assert set(facts) == {"files", "lines"}
    assert all(len(each) == 64 and int(each, 16) for hashes in facts["files"].values() for each in hashes)
    assert all(len(each) == 16 and int(each, 16) for each in facts["lines"])
    assert set(VENDOR) - {"src/modules/copied_example/v1/route.py"} <= set(facts["files"])
