"""The answer `deployment`: its files come later, too, and nobody loses what they wrote into them without being told."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from stacksync.answers import gather, listed, questions_of
from tests.conftest import ADDRESS, Published
from tests.update.conftest import Connector

KUBERNETES = "config/kubernetes/overlays/prod/kustomization.yaml"
CLOUD_RUN = "config/cloudrun.yaml"
GUIDES = ["documentation/cloudrun.md", "documentation/kubernetes.md"]
BOTH = ["--data", "deployment=[kubernetes, cloud_run]"]


def recorded(connector: Connector) -> list[str]:
    """Return the recorded answer."""
    answers = yaml.safe_load((connector.cwd / ".copier-answers.yml").read_text("utf-8"))
    return list(answers["deployment"])


def present(connector: Connector) -> list[str]:
    """Return which of the files are there."""
    return [name for name in (KUBERNETES, CLOUD_RUN, *GUIDES) if (connector.cwd / name).exists()]


@pytest.fixture(scope="module")
def deployed_once(first_connector: Path, template: Published, tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """Return a connector that has asked for both, with an edit in a file of each, all committed; it is copied."""
    folder = tmp_path_factory.mktemp("deployed_once") / "crm"
    shutil.copytree(first_connector, folder, symlinks=True)
    connector = Connector(folder, template.stacksync(folder).environment, template)
    done = connector("update", "--to", "v0.1.0", "--data", "deployment=kubernetes,cloud_run")
    assert (done.returncode, recorded(connector)) == (0, ["kubernetes", "cloud_run"]), done.stderr
    connector.append(KUBERNETES, "# mine")
    connector.append(CLOUD_RUN, "# mine")
    connector.commit()
    return connector


@pytest.fixture
def deployed(deployed_once: Connector, tmp_path: Path) -> Connector:
    """Return one of its own."""
    return deployed_once.twin(tmp_path / "crm")


def test_they_come_later_by_copier(connector: Connector) -> None:
    assert (recorded(connector), present(connector)) == ([], [])

    done = connector.copier("-r", "v0.2.0", *BOTH)

    assert done.returncode == 0, done.stderr
    assert recorded(connector) == ["kubernetes", "cloud_run"]
    assert present(connector) == [KUBERNETES, CLOUD_RUN, *GUIDES]
    readme = (connector.cwd / "README.md").read_text("utf-8")
    assert [guide in readme for guide in GUIDES] == [True, True]


def test_one_comes_later_by_the_command(connector: Connector) -> None:
    done = connector("update", "--to", "v0.1.0", "--data", "deployment= kubernetes, ")

    assert (done.returncode, done.stderr) == (0, "")
    assert recorded(connector) == ["kubernetes"]
    assert present(connector) == [KUBERNETES, GUIDES[1]]


@pytest.mark.parametrize("answer", ["kubernetes", "[kubernetes]", " kubernetes, "])
def test_a_list_may_be_written_in_each_of_these_ways(project: Path, answer: str) -> None:
    question = questions_of(project, "connector")["deployment"]
    given = gather(project, "crm", None, [f"deployment={answer}"])["deployment"]

    assert listed(given, question) == ["kubernetes"]


def test_an_unknown_one_is_refused(connector: Connector) -> None:
    done = connector("update", "--data", "deployment=kubernetes,mars")

    assert done.stderr == (
        "Error: --data: deployment 'mars' is not in ['kubernetes', 'cloud_run'], not 'kubernetes,mars'.\n"
    )
    assert connector.status() == []


def test_the_command_keeps_what_was_edited_when_one_is_dropped(deployed: Connector) -> None:
    done = deployed("update", "--to", "v0.1.0", "--data", "deployment=")

    assert (done.returncode, done.stderr) == (1, "")
    assert recorded(deployed) == []
    assert present(deployed) == [KUBERNETES, CLOUD_RUN]
    said = "KEPT, because you edited it; the release removes it"
    for name in (KUBERNETES, CLOUD_RUN):
        assert (deployed.cwd / name).read_text("utf-8").endswith("# mine\n")
        assert f"  {name:44} {said}" in done.stdout.splitlines()
    assert f"  keep (git add) or remove (git rm) {CLOUD_RUN}, {KUBERNETES}" in done.stdout.splitlines()
    assert not (deployed.cwd / "config/kubernetes/base").exists()


def test_plain_copier_deletes_what_was_edited_which_is_why_it_is_told(deployed: Connector) -> None:
    done = deployed.copier("-r", "v0.1.0", "--data", "deployment=[]")

    assert done.returncode == 0
    assert present(deployed) == []
    questions = yaml.safe_load((deployed.template.checkout / "copier.yml").read_text("utf-8"))
    assert "plain `copier update` deletes" in questions["deployment"]["help"]
    assert "plain `copier update` deletes" in (deployed.cwd / "documentation/upgrading.md").read_text("utf-8")


@pytest.fixture(scope="module")
def earlier_connector(template: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connector]:
    """Return a connector of a release that did not ask, and whose connectors all had the files; it is copied."""
    folder = tmp_path_factory.mktemp("earlier")
    checkout = folder / "earlier"
    template.git("clone", "--quiet", "--branch", "v0.1.0", ADDRESS, str(checkout), cwd=folder)
    questions, readme = checkout / "copier.yml", checkout / "template/README.md.jinja"
    text = re.sub(r"(?ms)^deployment:\n.*?\n\n", "", questions.read_text("utf-8"))
    questions.write_text(re.sub(r".*deployment is defined.*\n", "", text), "utf-8")
    readme.write_text(re.sub(r"(?s)\n\{%- if '\w+' in deployment.*?endif %\}", "", readme.read_text("utf-8")), "utf-8")
    earlier = Published(checkout, template.environment)
    earlier.commit("Release v0.0.5")
    earlier.git("tag", "v0.0.5")
    earlier.git("push", "--quiet", "origin", "v0.0.5")
    made = template.stacksync(folder)("new", "crm", "--defaults", "--quiet", "--ref", "v0.0.5")
    assert made.returncode == 0, made.stderr
    run = template.stacksync(folder / "crm")
    connector = Connector(run.cwd, run.environment, template)
    (connector.cwd / CLOUD_RUN).unlink()
    connector.append(KUBERNETES, "# mine")
    connector.commit()
    yield connector
    template.git("push", "--quiet", "origin", ":v0.0.5")


@pytest.mark.parametrize("command", ["copier", "stacksync"])
def test_a_connector_from_before_the_question_keeps_what_it_has(
    earlier_connector: Connector, tmp_path: Path, command: str
) -> None:
    connector = earlier_connector.twin(tmp_path / "crm")

    update = connector.copier("-r", "v0.2.0") if command == "copier" else connector("update", "--to", "v0.2.0")

    assert update.returncode == 0, update.stderr
    assert recorded(connector) == ["kubernetes"]
    assert (connector.cwd / KUBERNETES).read_text("utf-8").endswith("# mine\n")
    assert not (connector.cwd / CLOUD_RUN).exists()
