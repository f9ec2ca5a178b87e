"""An update in repositories of every kind: of several connectors, and clones that lack something."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import snapshot
from tests.update.conftest import Connector, inside

# --- two connectors in one repository ------------------------------------------------------------


Two = tuple[Connector, Connector]


def moved(two: Two, repository: Path) -> Two:
    """Return the same two in a copy of their repository."""
    shutil.copytree(two[0].cwd.parents[1], repository, symlinks=True)
    crm, erp = (replace(each, cwd=repository / "apps" / each.cwd.name) for each in two)
    return crm, erp


@pytest.fixture(scope="module")
def two(edited_connector: Connector, tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Return two connectors of one repository, which holds other things as well; they are copied, never changed."""
    repository = tmp_path_factory.mktemp("two") / "monorepo"
    crm = inside(edited_connector, repository)
    shutil.copytree(crm.cwd, repository / "apps/erp")
    crm.git("add", "--all", str(repository))
    crm.git("commit", "--quiet", "--message", "Two")
    return crm, replace(crm, cwd=repository / "apps/erp")


@pytest.fixture(scope="module")
def two_updated(two: Two, tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Return them updated one after the other, the first beside what the second has in no commit; they are copied."""
    crm, erp = updated = moved(two, tmp_path_factory.mktemp("two_updated") / "monorepo")
    (erp.cwd / "new.txt").write_text("of erp, in no commit\n")
    assert crm("update", "--to", "v0.2.0", "--quiet").returncode == 1
    (erp.cwd / "new.txt").unlink()
    assert erp("update", "--to", "v0.2.0", "--quiet").returncode == 1
    return updated


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_each_connector_is_undone_by_itself(two: Two, two_updated: Two, tmp_path: Path, order: tuple[int, int]) -> None:
    before, after = ([snapshot(each.cwd) for each in both] for both in (two, two_updated))
    mine = moved(two_updated, tmp_path / "monorepo")

    first, second = order
    report = mine[first]("update", "--undo", "--quiet")
    assert (report.returncode, report.stderr) == (0, "")
    assert (snapshot(mine[first].cwd), snapshot(mine[second].cwd)) == (before[first], after[second])
    assert mine[second]("update", "--undo", "--quiet").returncode == 0
    assert [snapshot(each.cwd) for each in mine] == before
    assert mine[0].status() == []


def test_what_was_edited_is_kept_for_each(two_updated: Two, tmp_path: Path) -> None:
    kept, mine = [], moved(two_updated, tmp_path / "monorepo")
    for each in mine:
        each.append("README.md", f"Of {each.cwd.name}.")
        kept.append(each.json("update", "--undo")["kept"])

    for name, each in zip(kept, mine, strict=True):
        shown = each.git("show", f"{name}:apps/{each.cwd.name}/README.md")
        assert shown.endswith(f"Of {each.cwd.name}.\n")


# --- clones that lack something ------------------------------------------------------------------


@pytest.mark.parametrize("options", [["--depth=1"], ["--filter=blob:none"], ["--filter=tree:0"]])
def test_clones_that_lack_something(
    edited: Connector, updated_connector: Connector, tmp_path: Path, options: list[str]
) -> None:
    edited.git("config", "uploadpack.allowFilter", "true")
    edited.git("config", "uploadpack.allowAnySHA1InWant", "true")
    address = edited.cwd.as_uri()
    edited.git("clone", "--quiet", "--no-checkout", *options, address, str(tmp_path / "clone/crm"))
    clone = replace(edited, cwd=tmp_path / "clone/crm")
    clone.git("sparse-checkout", "set", "--no-cone", "/*", "!/documentation/")
    clone.git("checkout", "--quiet")
    assert not (clone.cwd / "documentation").exists()

    done = clone("update", "--to", "v0.2.0")

    assert done.stderr == ""
    for name in ("documentation/upgrading.md", "src/runtime/choice.py"):
        assert (clone.cwd / name).read_bytes() == (updated_connector.cwd / name).read_bytes()
    assert clone("update", "--undo", "--quiet").returncode == 0
    assert clone.status() == []
    assert not (clone.cwd / "documentation").exists()


def test_the_other_files_of_a_repository_are_not_looked_at(
    edited: Connector, updated_connector: Connector, tmp_path: Path
) -> None:
    """They cost nothing, however many they are: the contents of these, and the list of them, are not even there."""
    top = tmp_path / "monorepo"
    (top / "packages").mkdir(parents=True)
    (top / "packages/one.txt").write_text("one of twenty thousand\n")
    crm = inside(edited, top)
    for path in ("packages/one.txt", "packages"):
        name = crm.git("rev-parse", f"HEAD:{path}").strip()
        (top / ".git/objects" / name[:2] / name[2:]).unlink()

    done = crm("update", "--to", "v0.2.0", "--quiet")

    assert (done.returncode, done.stderr) == (1, "")
    assert snapshot(crm.cwd) == snapshot(updated_connector.cwd)
    assert crm("update", "--undo", "--quiet").returncode == 0


def test_a_file_behind_a_filter_is_merged_as_the_user_sees_it(edited: Connector) -> None:
    turn = "tr 'a-zA-Z' 'n-za-mN-ZA-M'"
    for key in ("filter.turned.clean", "filter.turned.smudge"):
        edited.git("config", key, turn)
    edited.append(".gitattributes", "src/runtime/choice.py filter=turned")
    edited.git("add", "--renormalize", ".")
    edited.commit()
    assert "zvar" in edited.git("show", "HEAD:src/runtime/choice.py")

    done = edited("update", "--to", "v0.2.0")

    assert done.stderr == ""
    lines = (edited.cwd / "src/runtime/choice.py").read_text("utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("# mine", "# v0.2.0 was here")
    assert subprocess.run(["git", "diff", "--quiet"], cwd=edited.cwd, env=edited.environment).returncode == 1
