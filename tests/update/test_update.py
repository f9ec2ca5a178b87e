"""`stacksync update`: what it says, what it changes, and what it refuses."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stacksync.git.addresses import git_address
from stacksync.updates.releases import is_newer, read_changelog
from tests.conftest import ADDRESS, Published, Stacksync, git_settings, isolated, snapshot
from tests.test_source import origin
from tests.update.conftest import GUIDE, Connector, inside, whole

ANSWERS = ".copier-answers.yml"


def test_check_shows_what_changed_since(connector: Connector) -> None:
    before = whole(connector.cwd)

    done = connector("update", "--check")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "v0.3.0 is there; the connector is at v0.1.0.\n\n"
        "## 0.3.0\n\n- A third title.\n\n"
        "## 0.2.0\n\n- A policy for reports of weaknesses.\n\n"
        "Next: stacksync update --diff, then without --diff.\n"
    )
    assert whole(connector.cwd) == before


def test_check_as_json_goes_to_the_release_that_is_wanted(connector: Connector) -> None:
    done = connector("update", "--check", "--to", "0.2.0", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "current": "v0.1.0",
        "release": "v0.2.0",
        "behind": True,
        "changelog": [{"version": "0.2.0", "text": "- A policy for reports of weaknesses."}],
    }


def test_the_update_is_what_copier_does_and_says_it(edited: Connector, tmp_path: Path) -> None:
    connector, plain = edited, edited.twin(tmp_path / "plain")

    done = connector("update", "--to", "v0.2.0")

    assert plain.copier("-r", "v0.2.0").returncode == 0
    assert snapshot(connector.cwd) == snapshot(plain.cwd)
    assert connector.status() == plain.status()
    assert connector.git("ls-files", "--unmerged") == plain.git("ls-files", "--unmerged")
    assert (done.returncode, done.stderr) == (1, "")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  ")]
    assert [GUIDE, "IN CONFLICT"] in lines
    assert ["SECURITY.md", "new"] in lines
    assert ["README.md", "taken from the release"] in lines
    assert ["src/runtime/choice.py", "merged with your edits"] in lines
    assert f"resolve {GUIDE}: yours and the release's stand between <<<<<<< and >>>>>>>" in done.stdout


def test_the_report_as_json_has_what_check_finds(connector: Connector) -> None:
    connector.append("src/modules/get_contacts/v1/schema.json", "{")
    connector.commit()

    done = connector("update", "--json")

    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (report["from"], report["to"], report["conflicts"]) == ("v0.1.0", "v0.3.0", [])
    assert {"file": "SECURITY.md", "kind": "added"} in report["files"]
    assert {"file": ANSWERS, "kind": "changed"} in report["files"]
    assert "src/modules/get_contacts/v1/schema.json" in [finding["file"] for finding in report["check"]]


@pytest.mark.parametrize("nested", [False, True])
def test_the_patch_is_exactly_the_update(
    edited: Connector, updated_connector: Connector, tmp_path: Path, nested: bool
) -> None:
    connector = edited
    (connector.cwd / "logo.png").write_bytes(bytes(range(256)))
    connector.commit()
    if nested:
        connector = inside(connector, tmp_path / "monorepo")
    top = connector.cwd.parents[1] if nested else connector.cwd
    shutil.copytree(top, tmp_path / "other", symlinks=True)
    other = tmp_path / "other" / connector.cwd.relative_to(top)
    before = whole(top)

    shown = raw(connector, connector.command("update", "--diff", "--to", "v0.2.0"))
    after = whole(top)
    applied = raw(connector, ["git", "-C", str(other), "apply", "--whitespace=nowarn", "-"], shown.stdout)

    assert (shown.returncode, shown.stderr) == (applied.returncode, applied.stderr) == (0, b"")
    assert after == before
    logo = {"logo.png": snapshot(connector.cwd)["logo.png"]}
    assert snapshot(other) == snapshot(updated_connector.cwd) | logo
    assert b"<<<<<<< before updating" in shown.stdout


def raw(connector: Connector, command: list[str], given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run a program whose input or output is bytes."""
    environment = connector.environment
    return subprocess.run(command, cwd=connector.cwd, env=environment, input=given, capture_output=True, check=False)


def test_undo_puts_everything_back(edited_connector: Connector, updated: Connector) -> None:
    assert snapshot(updated.cwd) != snapshot(edited_connector.cwd)

    done = updated("update", "--undo")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Undid the update to v0.2.0: ")
    assert (snapshot(updated.cwd), updated.status()) == (snapshot(edited_connector.cwd), [])
    again = updated("update", "--undo")
    assert (again.returncode, again.stderr) == (
        1,
        "Error: There is no update to undo.\nTIP: a committed one is undone by git: git revert COMMIT\n",
    )


def test_undo_loses_nothing_that_came_after(edited_connector: Connector, updated: Connector) -> None:
    updated.append("README.md", "Written after.")
    updated.append("SECURITY.md", "Written after.")
    updated.append("src/modules/get_contacts/v1/route.py", "# written after")

    report = updated.json("update", "--undo")

    assert report["edited"] == ["README.md", "SECURITY.md"]
    assert updated.status() == [" M src/modules/get_contacts/v1/route.py"]
    for name in report["edited"]:
        assert updated.git("show", f"{report['kept']}:{name}").endswith("Written after.\n")
    updated.git("checkout", "src/modules")
    assert snapshot(updated.cwd) == snapshot(edited_connector.cwd)


def test_what_is_committed_is_undone_by_git(updated: Connector) -> None:
    updated.commit()

    done = updated("update", "--undo")

    assert done.returncode == 1
    assert done.stderr == (
        "Error: The update to v0.2.0 is committed, so it is git that undoes it.\n"
        "TIP: git log -- .copier-answers.yml shows the commit; git revert COMMIT\n"
    )


def test_another_commit_after_the_update_does_not_keep_it_from_being_undone(updated: Connector) -> None:
    updated.append("src/modules/get_contacts/v1/route.py", "# written after")
    updated.git("commit", "--quiet", "--message", "Ours", "--only", "src/modules")

    done = updated("update", "--undo")

    assert (done.returncode, updated.status()) == (0, [])


def test_a_dirty_tree_is_refused_with_what_to_do(connector: Connector) -> None:
    connector.append("README.md", "More.")
    (connector.cwd / "new.txt").touch()
    before = snapshot(connector.cwd)

    done = connector("update")

    assert (done.returncode, done.stderr) == (
        1,
        (
            "Error: There are uncommitted changes: README.md, new.txt.\n"
            "TIP: commit them, or set them aside: git stash --include-untracked\n"
        ),
    )
    assert snapshot(connector.cwd) == before


def test_changes_that_are_an_update_are_known_as_such(updated: Connector) -> None:
    done = updated("update")
    (updated.cwd / ".git/stacksync-update/finished").unlink()
    interrupted = updated("update")

    assert done.stderr.endswith("TIP: commit the update to v0.2.0, or put everything back: stacksync update --undo\n")
    assert interrupted.stderr.endswith("TIP: the update to v0.2.0 was interrupted: stacksync update --undo\n")


def test_what_git_ignores_is_not_overwritten(connector: Connector) -> None:
    connector.append(".gitignore", "SECURITY.md")
    connector.commit()
    (connector.cwd / "SECURITY.md").write_text("in no commit\n")

    done = connector("update")

    assert done.stderr == (
        "Error: SECURITY.md is in the way: the release adds SECURITY.md, and yours is not committed.\n"
        "TIP: move it elsewhere, then try again; nothing was changed\n"
    )
    assert ((connector.cwd / "SECURITY.md").read_text(), connector.status()) == ("in no commit\n", [])


def test_one_module_is_updated_and_no_other(connector: Connector) -> None:
    route = "src/modules/get_contacts/v1/route.py"
    connector.append("src/modules/get_contacts/v1/README.md", "Mine.")
    connector.commit()

    checked = connector("update", "--check", "--module", "get_contacts", "--quiet")
    report = connector.json("update", "--module", "get_contacts/v1")

    assert checked.returncode == 1
    assert report["files"] == [
        {"file": "src/modules/get_contacts/v1/.copier-answers.yml", "kind": "changed"},
        {"file": route, "kind": "changed"},
    ]
    assert (connector.cwd / route).read_text().endswith("# v0.2.0 was here\n")
    assert origin(connector.cwd) == (ADDRESS, "v0.1.0")


@pytest.mark.parametrize(
    "arguments, error",
    [
        (
            ["--module", "get_contact"],
            "There is no module 'get_contact' in src/modules.\nTIP: did you mean get_contacts?",
        ),
        (
            ["--module", "create_contacts"],
            (
                "--module: create_contacts is not a version that has a .copier-answers.yml.\n"
                "TIP: modules that came with the connector or were copied are not updated"
            ),
        ),
        (["--to", "v9.9.9"], "--to: the template has no release v9.9.9.\nTIP: the newest is v0.3.0"),
        (["--check", "--undo"], "--check and --undo cannot be used together.\nTIP: use one of them"),
    ],
)
def test_what_cannot_be_asked_for(connector: Connector, arguments: list[str], error: str) -> None:
    done = connector("update", *arguments)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Error: {error}\n")


def test_going_back_is_refused(updated: Connector) -> None:
    done = updated("update", "--to", "v0.1.0")

    assert (done.returncode, done.stderr) == (
        2,
        (
            "Error: --to: v0.1.0 is older than v0.2.0, which is what is here.\n"
            "TIP: an update goes forward only; go back by git: git revert COMMIT\n"
        ),
    )


def test_at_the_newest_release_there_is_nothing_to_do(connector: Connector) -> None:
    answers = connector.cwd / ANSWERS
    answers.write_text(answers.read_text().replace("v0.1.0", "v0.3.0"))
    connector.commit()

    done, checked = connector("update"), connector("update", "--check")

    expected = (0, "Nothing to do: the connector is at v0.3.0, the newest release.\n")
    assert (done.returncode, done.stdout) == (checked.returncode, checked.stdout) == expected


def test_a_commit_after_the_newest_release_is_no_downgrade(connector: Connector) -> None:
    answers = connector.cwd / ANSWERS
    answers.write_text(answers.read_text().replace("v0.1.0", "v0.3.0-2-g1234567"))
    connector.commit()

    done = connector("update")

    assert (done.returncode, done.stdout) == (
        0,
        "Nothing to do: the connector is at v0.3.0-2-g1234567, and v0.3.0 is not newer.\n",
    )


def test_drift_lists_what_was_edited(connector: Connector) -> None:
    connector.append("src/runtime/choice.py", "# mine")
    connector.append("README.md", "Mine.")
    (connector.cwd / "run_dev.bat").unlink()
    (connector.cwd / "src/modules/create_contacts/v1/route.py").unlink()

    done = connector("update", "--drift")
    report = connector.json("update", "--drift")

    assert done.stdout == (
        "Not as v0.1.0 made them; an update merges these, and may conflict:\n"
        "  removed  run_dev.bat\n"
        "  edited   src/runtime/choice.py\n"
    )
    assert report["shared"] == [{"file": "README.md", "state": "edited"}]
    connector.git("checkout", ".")
    assert connector("update", "--drift").stdout == "The template's files are as v0.1.0 made them.\n"


def test_a_connector_that_names_no_template_cannot_be_updated(connector: Connector) -> None:
    (connector.cwd / ANSWERS).unlink()

    done = connector("update", "--check")

    assert (done.returncode, done.stderr) == (
        1,
        (
            "Error: .copier-answers.yml is missing, so it is not known which template to update from.\n"
            "TIP: only what `stacksync new`, `stacksync add-module` or `copier copy` made of a release can be updated\n"
        ),
    )


def test_without_a_repository_it_says_how_to_make_one(connector: Connector) -> None:
    shutil.rmtree(connector.cwd / ".git")

    done = connector("update")

    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {connector.cwd} is in no git repository.\n"
        'TIP: git init, then commit your work: git add --all && git commit -m "..."\n'
    )


@pytest.fixture(scope="module")
def installed(project: Path, template: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the package out as the wheel of v0.3.0 does, bundle included."""
    package = tmp_path_factory.mktemp("installed") / "stacksync"
    shutil.copytree(project / "cli/stacksync", package)  # compiled
    shutil.copytree(project / "hooks", package / "_hooks")
    template.git("archive", "--output", str(package / "template.tar"), "v0.3.0", "template", "copier.yml")
    shutil.unpack_archive(package / "template.tar", package / "_template")
    facts = {"ref": "v0.3.0", "exact": True, "dirty": False, "url": ADDRESS}
    (package / "_source.json").write_text(json.dumps(facts))
    template.git("bundle", "create", "--quiet", str(package / "_template.bundle"), "--tags")
    return package.parent


def test_offline_takes_the_releases_of_the_wheel(connector: Connector, installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = isolated(home) | git_settings({"user.name": "T", "user.email": "t@localhost"})
    offline = Stacksync(connector.cwd, environment | {"PYTHONPATH": str(installed)})
    online = connector.twin(tmp_path / "online")

    without = offline("update", "--check")
    checked = offline("update", "--check", "--offline", "--json")
    done = offline("update", "--offline", "--quiet")

    assert without.returncode == 1
    assert without.stderr.endswith("TIP: --offline takes the releases that came with this command\n")
    assert [entry["version"] for entry in json.loads(checked.stdout)["changelog"]] == ["0.3.0", "0.2.0"]
    assert (done.returncode, done.stderr) == (0, "")
    assert online("update", "--quiet").returncode == 0
    assert snapshot(connector.cwd) == snapshot(online.cwd)
    assert not (home / ".cache/copier").exists()


def test_offline_knows_no_other_template(connector: Connector, installed: Path) -> None:
    answers = connector.cwd / ANSWERS
    answers.write_text(answers.read_text().replace(ADDRESS, "https://example.invalid/other.git"))
    run = Stacksync(connector.cwd, connector.environment | {"PYTHONPATH": str(installed)})

    done = run("update", "--check", "--offline")

    assert (done.returncode, done.stderr) == (
        1,
        (
            f"Error: --offline has the releases of {ADDRESS} only.\n"
            "TIP: it was made from https://example.invalid/other.git: update it with a network\n"
        ),
    )


@pytest.mark.parametrize(
    "origin, address",
    [
        ("https://example.invalid/t.git", "https://example.invalid/t.git"),
        ("git+https://example.invalid/t", "https://example.invalid/t"),
        ("git@example.invalid:team/t.git", "git@example.invalid:team/t.git"),
        ("gh:team/t", "https://github.com/team/t.git"),
        ("gl:team/t.git", "https://gitlab.com/team/t.git"),
        ("/srv/t", "/srv/t"),
        ("~/t", f"{Path.home()}{os.sep}t"),
    ],
)
def test_an_address_is_gits(origin: str, address: str) -> None:
    assert git_address(origin) == address


@pytest.mark.parametrize(
    "release, current, newer",
    [
        ("v0.2.0", "v0.1.0", True),
        ("v0.10.0", "v0.9.0", True),
        ("v1.0", "v1.0.0", False),
        ("v0.1.0", "v0.1.0-3-g1234567", False),
        ("v0.1.1", "v0.1.0-3-g1234567", True),
        ("v0.1.0", "1234567", True),
        ("v0.1.0", "v0.2.0", False),
    ],
)
def test_releases_are_compared_by_number(release: str, current: str, newer: bool) -> None:
    assert is_newer(release, current) is newer


def test_a_changelog_is_read_by_its_headings() -> None:
    text = "# Changelog\n\n## [Unreleased]\n\n- x\n\n## [1.2.0] - 2026-01-01\n\n### Added\n- a\n\n## 1.1\n- b\n"

    assert [(notes.version, notes.text) for notes in read_changelog(text)] == [
        ("1.2.0", "### Added\n- a"),
        ("1.1", "- b"),
    ]
