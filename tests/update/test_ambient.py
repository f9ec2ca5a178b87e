"""An update is the same on anybody's machine, and takes nothing from anybody: settings, bytes, links, names."""

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.conftest import snapshot
from tests.update.conftest import APPENDED, GUIDE, Connector

RUNTIME = APPENDED[0]
NO_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def settings_of(connector: Connector, text: str) -> None:
    """Write the user's own settings of git."""
    home = Path(connector.environment["HOME"])
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def with_edits(edited_connector: Connector, tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """Return an edited connector with the usual kinds of edits in files; it is copied, never changed."""
    connector = edited_connector.twin(tmp_path_factory.mktemp("with_edits") / "crm")
    connector.append("README.md", "Mine, with blanks.   ")
    connector.append("app_config.yaml", "# mine   ")
    connector.append("AGENTS.md", "Mine.")
    (connector.cwd / ".vscode/settings.json").unlink()
    connector.commit()
    return connector


@pytest.fixture(scope="module")
def clean(with_edits: Connector, tmp_path_factory: pytest.TempPathFactory) -> Connector:
    """Return it as an update leaves it where nobody has settings of their own; it is compared with, never changed."""
    connector = with_edits.twin(tmp_path_factory.mktemp("clean") / "crm")
    assert connector("update", "--to", "v0.2.0").returncode == 1
    return connector


@pytest.fixture
def owned(with_edits: Connector, tmp_path: Path) -> Callable[[str], Connector]:
    """Return what makes, in a folder, a connector of one's own, whose user has a home of their own."""

    def make(folder: str) -> Connector:
        connector, home = with_edits.twin(tmp_path / folder / "crm"), tmp_path / folder / "home"
        connector.environment.update({"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")})
        return connector

    return make


@pytest.fixture
def mine(owned: Callable[[str], Connector]) -> Connector:
    """Return one."""
    return owned("")


def lines(connector: Connector, name: str) -> list[bytes]:
    return (connector.cwd / name).read_bytes().split(b"\n")


SETTINGS = {
    "excludes": '[core]\n\texcludesFile = "{home}/ignored"\n',
    "blanks-are-errors": "[apply]\n\twhitespace = error\n",
    "blanks-are-mended": "[apply]\n\twhitespace = fix\n",
    "autocrlf": "[core]\n\tautocrlf = true\n",
    "attributes": '[core]\n\tattributesFile = "{home}/attributes"\n[filter "upper"]\n\tclean = tr a-z A-Z\n',
    "diff": "[diff]\n\tnoprefix = true\n\texternal = false\n[color]\n\tui = always\n",
    "hooks": '[core]\n\thooksPath = "{home}/hooks"\n',
}


def furnished(connector: Connector, names: Iterable[str]) -> Connector:
    """Give the user of a connector settings of git, and what they lead to."""
    home = Path(connector.environment["HOME"])
    settings_of(connector, "".join(SETTINGS[name] for name in names).format(home=home))
    (home / "ignored").write_text("AGENTS.md\n.vscode/\n*.md\n")
    (home / "attributes").write_text("*.py filter=upper\n*.md diff=x merge=binary\n")
    (home / "hooks").mkdir()
    hook = home / "hooks/post-checkout"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    return connector


# Each leaves a trace of its own when it is not kept away; where one does, each is tried alone, to name it.
@pytest.mark.parametrize(
    "names",
    [("excludes", "blanks-are-errors", "autocrlf", "hooks"), ("blanks-are-mended", "attributes", "diff")],
    ids=", ".join,
)
def test_no_setting_of_the_user_matters_nor_the_hook_it_runs_in(
    owned: Callable[[str], Connector], clean: Connector, tmp_path: Path, names: list[str]
) -> None:
    mine, other = furnished(owned("together"), names), tmp_path / "other"
    subprocess.run(["git", "init", "--quiet", str(other)], check=True, env=mine.environment)
    led = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": str(other / "index")}

    same = updated_as(mine, clean, **led)

    assert same, [name for name in names if not updated_as(furnished(owned(name), [name]), clean)]
    assert b"Mine, with blanks.   " in lines(mine, "README.md")
    assert not (mine.cwd / ".vscode/settings.json").exists()
    assert sorted(path.name for path in other.iterdir()) == [".git"]


def updated_as(connector: Connector, clean: Connector, **variables: str) -> bool:
    """Update a connector, and tell whether it is then as the other, and nothing was complained of."""
    done = connector("update", "--to", "v0.2.0", **variables)
    return (done.returncode, done.stderr) == (1, "") and snapshot(connector.cwd) == snapshot(clean.cwd)


# One file each, all of which the release changes too, most of them at the same place.
CONTENTS = {
    "Dockerfile": "# mine été\n".encode("latin-1"),
    APPENDED[0]: b"# \x00 mine\n",
    APPENDED[1]: b"# mine \xff\xfe\n",
    APPENDED[2]: b"# mine\r\n",
    APPENDED[3]: b"x" * 1_000_000 + b"\n",
    APPENDED[4]: "# Größe, 大きさ, 😀\n".encode(),
    "README.md": "# mine: wide\n".encode("utf-16"),
    "gunicorn.conf.py": b"# mine, and no line end",
}
NAMES = [b"caf\xe9.txt", b"a\nb.md", b'"quoted".md', b"tab\t.md", b" first.md", b"last ", b"\\", "é ü.md".encode()]


@pytest.mark.parametrize("locale", [{}, NO_LOCALE], ids=["utf-8", "no-locale"])
def test_bytes_and_odd_names_are_kept(mine: Connector, locale: dict[str, str]) -> None:
    for name, content in CONTENTS.items():
        with (mine.cwd / name).open("ab") as file:
            file.write(content)
    for odd in NAMES:
        path_of(mine, odd).write_bytes(b"mine\n")
    mine.commit()
    before = {name: (mine.cwd / name).read_bytes() for name in CONTENTS}

    done = mine("update", "--to", "v0.2.0", "--json", **locale)

    assert (done.returncode, done.stderr) == (1, "")
    for name, content in CONTENTS.items():
        after = (mine.cwd / name).read_bytes()
        assert content in after, name
        gone = [line for line in before[name].split(b"\n") if line not in after.split(b"\n")]
        assert gone in ([], [b"# mine, and no line end"]), name
    assert {odd: path_of(mine, odd).read_bytes() for odd in NAMES} == dict.fromkeys(NAMES, b"mine\n")


def path_of(connector: Connector, name: bytes) -> Path:
    return connector.cwd / os.fsdecode(name)


def test_links_are_theirs_and_a_line_that_only_moved_is_no_loss(mine: Connector, tmp_path: Path) -> None:
    (mine.cwd / "documentation").rename(mine.cwd / "docs")
    (mine.cwd / "documentation").symlink_to("docs")
    (mine.cwd / "AGENTS.md").rename(tmp_path / "agents.md")
    (mine.cwd / "AGENTS.md").symlink_to(tmp_path / "agents.md")
    path = mine.cwd / RUNTIME
    first, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*rest, b"\n", b"\n", first]))
    mine.commit()
    before, outside = snapshot(mine.cwd / "docs"), (tmp_path / "agents.md").read_bytes()

    done = mine("update", "--to", "v0.2.0")

    assert done.stderr == ""
    assert first.rstrip() in lines(mine, RUNTIME)
    assert snapshot(mine.cwd / "docs") == before
    assert (mine.cwd / "documentation").readlink() == Path("docs")
    assert (tmp_path / "agents.md").read_bytes() == outside
    assert "documentation is a link: what the release changes there (1 file) is left to you" in done.stdout
    assert "AGENTS.md is a link out of the connector:" in done.stdout


def test_what_the_release_removes_and_the_user_edited_stays(mine: Connector) -> None:
    mine.template.git("checkout", "--quiet", "main")
    script = mine.cwd / "run_dev.bat"
    with script.open("ab") as file:
        file.write(b"rem mine\r\n")
    mine.commit()
    gone = mine.template.checkout / "template/run_dev.bat"
    gone.unlink()
    mine.template.release("v0.9.0")
    try:
        done = mine("update", "--to", "v0.9.0", "--json")
        assert '"file": "run_dev.bat",\n      "kind": "kept"' in done.stdout, done.stderr
        assert script.read_bytes().endswith(b"rem mine\r\n")
        assert "UD run_dev.bat" in mine.status()
        assert mine("update", "--undo").returncode == 0
        assert mine.status() == []
    finally:
        mine.template.git("push", "--quiet", "origin", ":v0.9.0", "+v0.3.0^{}:refs/heads/main")
        mine.template.git("tag", "--delete", "v0.9.0")
        mine.template.git("checkout", "--quiet", "v0.1.0")


def test_line_ends_of_the_work_tree_stay(mine: Connector, clean: Connector) -> None:
    mine.git("config", "core.autocrlf", "true")
    mine.git("rm", "--cached", "-r", "--quiet", ".")
    mine.git("reset", "--hard", "--quiet")
    assert b"\r\n" in (mine.cwd / RUNTIME).read_bytes()

    assert mine("update", "--to", "v0.2.0").returncode == 1

    for name in (RUNTIME, GUIDE, "README.md"):
        expected = (clean.cwd / name).read_bytes()
        assert (mine.cwd / name).read_bytes() == expected.replace(b"\n", b"\r\n"), name
    assert (mine.cwd / "run_dev.bat").read_bytes() == (clean.cwd / "run_dev.bat").read_bytes()
    assert sorted(mine.status()) == sorted(clean.status())


def test_line_ends_of_the_whole_machine_stay(mine: Connector, clean: Connector, tmp_path: Path) -> None:
    """Git for Windows has core.autocrlf in its system settings; hidden from git, every file would be changed."""
    (tmp_path / "system").write_text("[core]\n\tautocrlf = true\n")
    mine.environment["GIT_CONFIG_SYSTEM"] = str(tmp_path / "system")
    mine.environment.pop("GIT_CONFIG_NOSYSTEM", None)
    for command in (["rm", "--cached", "-r", "--quiet", "."], ["reset", "--hard", "--quiet"]):
        subprocess.run(["git", *command], cwd=mine.cwd, env=mine.environment, check=True)
    assert b"\r\n" in (mine.cwd / RUNTIME).read_bytes()

    assert mine("update", "--to", "v0.2.0").returncode == 1

    for name in (RUNTIME, GUIDE, "README.md"):
        assert (mine.cwd / name).read_bytes() == (clean.cwd / name).read_bytes().replace(b"\n", b"\r\n"), name


@pytest.mark.parametrize("place", [".gitattributes", ".git/info/attributes"])
def test_what_a_repository_has_of_its_own_does_not_matter(
    mine: Connector, clean: Connector, tmp_path: Path, place: str
) -> None:
    hooks = mine.cwd / ".git/hooks"
    for path in (hooks, (mine.cwd / place).parent):
        path.mkdir(exist_ok=True)
    mine.append(place, "*.py merge=union diff=x filter=y ident\n*.md -diff -merge conflict-marker-size=20\n* binary")
    if mine.status():
        mine.commit()
    for name in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/run\nexit 1\n")
        (hooks / name).chmod(0o755)

    done = mine("update", "--to", "v0.2.0")

    assert (done.returncode, done.stderr) == (1, "")
    expected = snapshot(clean.cwd) | {".gitattributes": snapshot(mine.cwd)[".gitattributes"]}
    assert snapshot(mine.cwd) == expected
    assert not (tmp_path / "run").exists()


def test_edits_that_git_was_told_not_to_see_are_not_overwritten(mine: Connector) -> None:
    mine.git("update-index", "--assume-unchanged", "gunicorn.conf.py")
    mine.append("gunicorn.conf.py", "# in no commit")
    before = snapshot(mine.cwd)

    done = mine("update", "--to", "v0.2.0")

    assert done.stderr.startswith(
        "Error: gunicorn.conf.py is not as its commit has it, though git reports no change.\n"
    )
    assert snapshot(mine.cwd) == before


@pytest.fixture
def worktree(mine: Connector, tmp_path: Path) -> Callable[[str], Connector]:
    """Return what makes a worktree of the connector's repository."""

    def make(name: str) -> Connector:
        mine.git("worktree", "add", "--quiet", "-b", name, str(tmp_path / name / "crm"))
        return Connector(tmp_path / name / "crm", mine.environment, mine.template)

    return make


def test_a_worktree_is_updated_and_undone_by_itself(mine: Connector, worktree: Callable[[str], Connector]) -> None:
    tree = worktree("elsewhere")
    before = snapshot(mine.cwd)

    assert tree("update", "--to", "v0.2.0", "--quiet").returncode == 1
    assert mine("update", "--undo").returncode == 1
    assert (snapshot(mine.cwd), mine.status()) == (before, [])
    assert tree("update", "--undo", "--quiet").returncode == 0
    assert tree.status() == []
