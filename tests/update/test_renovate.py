"""Releases that Renovate brings: it runs Copier in the folder of an answers file."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from stacksync.answers import Given
from stacksync.source import TemplateSource
from stacksync.template import render, render_module
from tests.conftest import ADDRESS, Published, snapshot
from tests.update.conftest import Connector
from tests.update.test_ownership import COPIERS

MODULE = "src/modules/get_contacts/v1"
ANSWERS = ".copier-answers.yml"
RENOVATES = ["--skip-answered", "--vcs-ref", "v0.2.0", "--answers-file"]


@pytest.fixture(params=COPIERS, ids=range(len(COPIERS)))
def python(request: pytest.FixtureRequest) -> str:
    """Return each Python whose Copier is to be tried."""
    return str(request.param)


@pytest.fixture
def connector(connector: Connector, python: str) -> Connector:
    """Return the connector, and in it that Copier."""
    return replace(connector, python=python)


def test_in_the_connectors_folder(edited: Connector, updated_connector: Connector, python: str) -> None:
    connector = replace(edited, python=python)

    done = connector.copier(*RENOVATES, ANSWERS)

    # That what `stacksync update` leaves is what plain `copier update` does is shown in test_update.py.
    assert done.returncode == 0, done.stderr
    assert snapshot(connector.cwd) == snapshot(updated_connector.cwd)
    assert connector.status() == updated_connector.status()


def edit(connector: Connector) -> None:
    route = connector.cwd / MODULE / "route.py"
    route.write_text(f"# mine\n{route.read_text('utf-8')}", "utf-8")
    (connector.cwd / MODULE / "examples/greet.json").unlink()
    connector.commit()


def refuse_anything_but_the_module(connector: Connector) -> None:
    """Fail unless the module took the release and kept its edits, and everything else is as it was."""
    lines = (connector.cwd / MODULE / "route.py").read_text("utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("# mine", "# v0.2.0 was here")
    assert "_commit: v0.2.0\n" in (connector.cwd / MODULE / ANSWERS).read_text("utf-8")
    assert connector.status() == [f" M {MODULE}/{ANSWERS}", f" M {MODULE}/route.py"]


def test_in_a_modules_folder_it_is_as_from_the_root(connector: Connector, tmp_path: Path) -> None:
    edit(connector)
    root = connector.twin(tmp_path / "root/crm")
    module = replace(connector, cwd=connector.cwd / MODULE)

    done = module.copier(*RENOVATES, ANSWERS)

    assert (done.returncode, root.copier("-r", "v0.2.0", "-a", f"{MODULE}/{ANSWERS}").returncode) == (0, 0), done.stderr
    refuse_anything_but_the_module(root)
    assert snapshot(connector.cwd) == snapshot(root.cwd)


@pytest.fixture
def older(template: Published, tmp_path: Path, connector: Connector) -> Connector:
    """Return a connector with a module, of a release whose template knew no update in a module's folder."""
    checkout = tmp_path / "older"
    template.git("clone", "--quiet", "--branch", "v0.1.0", ADDRESS, str(checkout), cwd=tmp_path)
    questions = checkout / "copier.yml"
    text = re.sub(r'_subdirectory: ".*', "_subdirectory: template", questions.read_text("utf-8"))
    text = re.sub(r"(?m)^alone: .*\n", "", text).replace(" and not (alone is defined and alone)", "")
    text = re.sub(r"!/\{\{ '\[!R\]\*'.*", '!/{{ target_dir }}/**{% endif %}"', text)
    assert "alone" not in text.replace("stand alone", "")
    questions.write_text(text + "\n", "utf-8")
    for path in checkout.glob("template/*/*alone*"):
        path.unlink()
    published = Published(checkout, template.environment)
    published.commit("Older")
    published.git("tag", "v0.0.9")
    given = {name: Given(value, value, "NAME") for name, value in (("kind", "module"), ("module_name", "get_contacts"))}
    source = TemplateSource(None, str(checkout), "v0.0.9")
    render(source, tmp_path / "older_crm", {})
    render_module(source, tmp_path / "module", MODULE, given)
    (tmp_path / "module" / MODULE).parent.rename(tmp_path / "older_crm" / MODULE.rpartition("/")[0])
    made = replace(connector, cwd=tmp_path / "older_crm")
    for file in made.cwd.rglob(ANSWERS):
        file.write_text(file.read_text().replace(str(checkout), ADDRESS))
    template.git("push", "--quiet", ADDRESS, "v0.0.9", cwd=checkout)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit()
    return made


def test_modules_of_older_releases_too(older: Connector) -> None:
    edit(older)

    done = replace(older, cwd=older.cwd / MODULE).copier(*RENOVATES, ANSWERS)

    assert done.returncode == 0, done.stderr
    refuse_anything_but_the_module(older)
    older.template.git("push", "--quiet", "origin", ":v0.0.9")


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_it_is_told_of_the_connector_and_not_of_modules(project: Path, tmp_path: Path, ci: str) -> None:
    render(TemplateSource(project, None, None), tmp_path / "crm", {"ci": Given(ci, ci, "--data")})

    settings = json.loads((tmp_path / "crm/renovate.json").read_text("utf-8"))
    rules = [rule for rule in settings["packageRules"] if rule["matchManagers"] == ["copier"]]
    assert "copier" in settings["enabledManagers"]
    assert [rule["matchFileNames"] for rule in rules if rule.get("enabled") is False] == [["src/modules/**"]]
