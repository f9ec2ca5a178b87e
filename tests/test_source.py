"""What a new connector records, so that Copier finds the next release later."""

import json
import shutil
from pathlib import Path

import pytest

from stacksync.git.addresses import network_url
from tests.conftest import ADDRESS, Published, snapshot
from tests.test_new import answers_of


def origin(folder: Path) -> tuple[object, object]:
    recorded = answers_of(folder)
    return recorded.get("_src_path"), recorded.get("_commit")


def test_new_is_copier_copy_of_the_release(published: Published, tmp_path: Path) -> None:
    answers = ["--data", "app_name=Ünï 😀 'quoted'", "--data", "auth=oauth2", "--data", "workflows_cdk_compat=true"]
    ours, theirs = tmp_path / "ours" / "crm", tmp_path / "theirs" / "crm"
    ours.parent.mkdir()

    done = published.stacksync(ours.parent)("new", "crm", "--no-git", "--defaults", *answers)
    copied = published.copier("copy", "-r", "v0.1.0", "--defaults", *answers, ADDRESS, str(theirs), cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert copied.returncode == 0, copied.stderr
    assert origin(ours) == (ADDRESS, "v0.1.0")
    assert snapshot(ours) == snapshot(theirs)


def test_a_connector_takes_the_next_release_without_trust(published: Published, tmp_path: Path) -> None:
    published.stacksync(tmp_path)("new", "crm", "--defaults")
    connector = tmp_path / "crm"
    with (published.checkout / "template/run_dev.sh").open("a") as script:
        script.write("# new in this release\n")
    (published.checkout / "template/src/modules/create_contacts/v1/added.txt").write_text("not for those who have it\n")
    published.release("v0.2.0")

    done = published.copier("update", "--defaults", cwd=connector)

    assert done.returncode == 0, done.stderr
    assert origin(connector) == (ADDRESS, "v0.2.0")
    assert published.git("status", "--short", cwd=connector).split() == ["M", ".copier-answers.yml", "M", "run_dev.sh"]


def test_a_published_commit_after_the_release_can_be_updated_later(published: Published, tmp_path: Path) -> None:
    (published.checkout / "template/run_dev.sh").write_text("#!/bin/sh\n")
    published.commit("After the release")
    published.git("push", "--quiet", "origin", "main")

    done = published.stacksync(tmp_path)("new", "crm", "--defaults")
    connector = tmp_path / "crm"
    assert done.stderr == ""
    assert origin(connector) == (ADDRESS, published.git("describe", "--tags").strip())

    (published.checkout / "template/run_dev.sh").write_text("#!/bin/sh\necho later\n")
    published.release("v0.2.0")
    assert published.copier("update", "--defaults", cwd=connector).returncode == 0
    assert origin(connector) == (ADDRESS, "v0.2.0")
    assert (connector / "run_dev.sh").read_text() == "#!/bin/sh\necho later\n"


def test_before_the_first_release_the_commit_is_recorded(published: Published, tmp_path: Path) -> None:
    published.git("tag", "--delete", "v0.1.0")
    published.git("push", "--quiet", "origin", ":v0.1.0")
    published.stacksync(tmp_path)("new", "crm", "--defaults")
    assert origin(tmp_path / "crm") == (ADDRESS, published.git("rev-parse", "--short", "HEAD").strip())

    (published.checkout / "template/run_dev.sh").write_text("#!/bin/sh\n")
    published.release("v0.1.0")

    assert published.copier("update", "--defaults", cwd=tmp_path / "crm").returncode == 0
    assert origin(tmp_path / "crm") == (ADDRESS, "v0.1.0")


def test_a_commit_that_nobody_else_has_is_recorded_with_the_path(published: Published, tmp_path: Path) -> None:
    published.commit("Not pushed")

    done = published.stacksync(tmp_path)("new", "crm", "--defaults")

    assert origin(tmp_path / "crm") == (str(published.checkout), published.git("describe", "--tags").strip())
    assert done.stderr == (
        "warning: teammates cannot update this connector: its template is known only at "
        f"{published.checkout} on this machine; pass --template with the address of the template's repository\n"
    )


def test_changes_in_no_commit_are_rendered_and_never_recorded(published: Published, tmp_path: Path) -> None:
    (published.checkout / "template/run_dev.sh").write_text("#!/bin/sh\n# draft\n")

    done = published.stacksync(tmp_path)("new", "crm", "--defaults")

    assert (tmp_path / "crm/run_dev.sh").read_text() == "#!/bin/sh\n# draft\n"
    assert origin(tmp_path / "crm") == (ADDRESS, "v0.1.0")
    assert done.stderr == "warning: the template has uncommitted changes after v0.1.0\n"


def test_without_a_repository_there_is_nothing_to_record(published: Published, tmp_path: Path) -> None:
    shutil.rmtree(published.checkout / ".git")

    done = published.stacksync(tmp_path)("new", "crm", "--defaults")

    assert done.returncode == 0
    assert origin(tmp_path / "crm") == (None, None)
    assert done.stderr == (
        "warning: `copier update` will not work: it is not known where this template can be fetched from; "
        f"{published.checkout} is not a git repository\n"
    )


def test_another_release_is_fetched(published: Published, tmp_path: Path) -> None:
    (published.checkout / "template/run_dev.sh").write_text("#!/bin/sh\n")
    published.release("v0.2.0")

    report = published.stacksync(tmp_path).json("new", "crm", "--ref", "v0.1.0")

    assert report["template"] == {"src": ADDRESS, "ref": "v0.1.0"}
    assert (tmp_path / "crm/run_dev.sh").read_text() != "#!/bin/sh\n"


def test_a_release_that_does_not_exist_is_one_line(published: Published, tmp_path: Path) -> None:
    done = published.stacksync(tmp_path)("new", "crm", "--ref", "v9.9.9", "--defaults")

    assert done.returncode == 1
    assert done.stderr == f"Error: git failed for {ADDRESS}: fatal: invalid reference: v9.9.9\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by_option", [True, False])
def test_a_template_given_goes_before_everything(published: Published, tmp_path: Path, by_option: bool) -> None:
    foreign = tmp_path / "foreign"
    (foreign / "content").mkdir(parents=True)
    (foreign / "copier.yml").write_text("_subdirectory: content\ngreeting: {type: str, default: hello}\n")
    (foreign / "content/hello.txt.jinja").write_text("{{ greeting }}\n")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v3.0.0"]):
        published.git(*command, cwd=foreign)
    (foreign / "hooks").mkdir()
    (foreign / "hooks/preflight.py").write_text("raise SystemExit('a foreign hook was run')\n")
    run = published.stacksync(tmp_path)
    option = ["--template", "foreign"] if by_option else []
    environment = {} if by_option else {"STACKSYNC_TEMPLATE": "foreign"}

    done = run("new", "crm", "--defaults", "--data", "greeting=hey", *option, **environment)
    wrong = run("new", "other", "--defaults", "--data", "greting=hey", *option, **environment)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "crm/hello.txt").read_text() == "hey\n"
    assert wrong.returncode == 2
    assert wrong.stderr == "Error: --data: greting is not a question of the template.\nTIP: did you mean greeting?\n"
    assert not (tmp_path / "other").exists()


def test_uncommitted_changes_of_a_given_template_are_left_out(published: Published, tmp_path: Path) -> None:
    published.git("tag", "--delete", "v0.1.0")
    (published.checkout / "template/run_dev.sh").write_text("#!/bin/sh\n# draft\n")
    head = published.git("rev-parse", "--short", "HEAD").strip()

    report = published.stacksync(tmp_path).json("new", "crm", "--template", str(published.checkout))

    assert report["template"] == {"src": str(published.checkout), "ref": head}
    assert "draft" not in (tmp_path / "crm/run_dev.sh").read_text()


def test_a_template_that_runs_code_is_refused(published: Published, tmp_path: Path) -> None:
    with (published.checkout / "copier.yml").open("a") as file:
        file.write("_tasks: ['touch ran']\n")
    published.release("v0.2.0")

    done = published.stacksync(tmp_path)("new", "crm", "--defaults", "--template", ADDRESS)

    assert done.returncode == 1
    assert done.stderr == "Error: The template runs code on this machine, which stacksync does not allow.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url, shared",
    [
        ("https://example.invalid/t.git", "https://example.invalid/t.git"),
        ("https://user:secret@example.invalid:8443/t.git", "https://example.invalid:8443/t.git"),
        ("https://token@example.invalid/t", "https://example.invalid/t"),
        ("git+https://example.invalid/t", "https://example.invalid/t"),
        ("ssh://git@example.invalid/t.git", "ssh://git@example.invalid/t.git"),
        ("ssh://git:secret@example.invalid:22/t.git", "ssh://git@example.invalid:22/t.git"),
        ("git@example.invalid:team/t.git", "git@example.invalid:team/t.git"),
        ("/srv/git/t.git", None),
        ("file:///srv/git/t.git", None),
        ("../t", None),
        ("C:\\git\\t", None),
        ("", None),
    ],
)
def test_an_address_is_recorded_only_as_others_can_use_it(url: str, shared: str | None) -> None:
    assert network_url(url) == shared


def test_json_names_the_origin(published: Published, tmp_path: Path) -> None:
    done = published.stacksync(tmp_path)("new", "crm", "--json", "--dry-run")

    assert json.loads(done.stdout)["template"] == {"src": ADDRESS, "ref": "v0.1.0"}
