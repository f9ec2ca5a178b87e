"""What an installed command records, by the way it was installed."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import warm_python
from tests.conftest import ADDRESS, Published, Stacksync, isolated, publish
from tests.test_source import origin

LOCAL = "teammates cannot update this connector: its template is known only at {} on this machine"
TIP = "; pass --template with the address of the template's repository"


@dataclass(frozen=True)
class Installation:
    """A folder of installed packages with this one in it, laid out as by its wheel."""

    published: Published
    site: Path

    def put(self, name: str, content: Any) -> None:
        """Write one file, as JSON unless it is text."""
        path = self.site / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")

    def new(self, cwd: Path, *arguments: str) -> tuple[tuple[object, object], str]:
        """Make a connector, and return what it records and the warnings."""
        environment = self.published.environment | {"PYTHONPATH": str(self.site)}
        done = Stacksync(cwd, environment)("new", "crm", "--defaults", "--no-git", *arguments)
        assert done.returncode == 0, done.stderr
        return origin(cwd / "crm"), done.stderr


@pytest.fixture(scope="module")
def laid_out(first_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Return one that all tests share, each with what it records of its own."""
    folder, site = tmp_path_factory.mktemp("installed_from"), tmp_path_factory.mktemp("site")
    shutil.copytree(first_release, folder, dirs_exist_ok=True)
    published = publish(folder, isolated(folder / "home"))
    shutil.copytree(published.checkout / "cli/stacksync", site / "stacksync")
    shutil.copytree(published.checkout / "template", site / "stacksync/_template/template")
    shutil.copy(published.checkout / "copier.yml", site / "stacksync/_template")
    shutil.copytree(published.checkout / "hooks", site / "stacksync/_hooks")
    warm_python.keep(site)
    return Installation(published, site)


@pytest.fixture
def installation(laid_out: Installation) -> Iterator[Installation]:
    records = laid_out.site / "stacksync-0.1.0.dist-info"
    records.mkdir()
    laid_out.put("stacksync-0.1.0.dist-info/METADATA", "Metadata-Version: 2.4\nName: stacksync\nVersion: 0.1.0\n")
    laid_out.put("stacksync/_source.json", {"ref": "v0.1.0", "exact": True, "dirty": False, "url": None})
    yield laid_out
    shutil.rmtree(records)
    (laid_out.site / "stacksync/_template.bundle").unlink(missing_ok=True)


def direct_url(installation: Installation, **content: Any) -> None:
    installation.put("stacksync-0.1.0.dist-info/direct_url.json", content)


@pytest.mark.parametrize(
    "url, src_path",
    [
        (ADDRESS, ADDRESS),
        ("https://user:secret@example.invalid/stacksync.git", ADDRESS),
        ("https://example.invalid/stacksync", "git+https://example.invalid/stacksync"),
        ("ssh://git@example.invalid/stacksync.git", "ssh://git@example.invalid/stacksync.git"),
    ],
)
def test_the_repository_it_was_installed_from(
    installation: Installation, tmp_path: Path, url: str, src_path: str
) -> None:
    direct_url(installation, url=url, vcs_info={"vcs": "git", "commit_id": "0" * 40})

    assert installation.new(tmp_path) == ((src_path, "v0.1.0"), "")


def test_the_release_that_was_asked_for(installation: Installation, tmp_path: Path) -> None:
    """A build without tags at hand knows only the commit; the installer knows which release it was."""
    installation.put("stacksync/_source.json", {"ref": "abc1234", "exact": False, "dirty": False, "url": None})
    direct_url(
        installation, url=ADDRESS, vcs_info={"vcs": "git", "commit_id": "0" * 40, "requested_revision": "v0.1.0"}
    )

    assert installation.new(tmp_path) == ((ADDRESS, "v0.1.0"), "")


def test_the_commit_when_the_build_knew_nothing(installation: Installation, tmp_path: Path) -> None:
    (installation.site / "stacksync/_source.json").unlink()
    direct_url(installation, url=ADDRESS, vcs_info={"vcs": "git", "commit_id": "0" * 40, "requested_revision": "main"})

    assert installation.new(tmp_path) == ((ADDRESS, "0" * 40), "")


def test_a_repository_on_this_machine(installation: Installation, tmp_path: Path) -> None:
    checkout = installation.published.checkout
    direct_url(installation, url=checkout.as_uri(), vcs_info={"vcs": "git", "commit_id": "0" * 40})

    assert installation.new(tmp_path) == ((str(checkout), "v0.1.0"), f"warning: {LOCAL.format(checkout)}{TIP}\n")


def test_a_folder_on_this_machine(installation: Installation, tmp_path: Path) -> None:
    checkout = installation.published.checkout
    direct_url(installation, url=checkout.as_uri(), dir_info={})

    assert installation.new(tmp_path) == ((str(checkout), "v0.1.0"), f"warning: {LOCAL.format(checkout)}{TIP}\n")


def test_where_the_wheel_was_built(installation: Installation, tmp_path: Path) -> None:
    installation.put("stacksync/_source.json", {"ref": "v0.1.0", "exact": True, "dirty": False, "url": ADDRESS})
    direct_url(installation, url="file:///tmp/stacksync-0.1.0-py3-none-any.whl", archive_info={})

    assert installation.new(tmp_path) == ((ADDRESS, "v0.1.0"), "")


def test_the_address_in_the_metadata(installation: Installation, tmp_path: Path) -> None:
    metadata = f"Metadata-Version: 2.4\nName: stacksync\nVersion: 0.1.0\nProject-URL: Template, {ADDRESS}\n"
    installation.put("stacksync-0.1.0.dist-info/METADATA", metadata)

    assert installation.new(tmp_path) == ((ADDRESS, "v0.1.0"), "")


def test_the_bundle_when_there_is_no_address(installation: Installation, tmp_path: Path) -> None:
    bundle = installation.site / "stacksync/_template.bundle"
    installation.published.git("bundle", "create", "--quiet", str(bundle), "refs/tags/v0.1.0")

    assert installation.new(tmp_path) == ((str(bundle), "v0.1.0"), f"warning: {LOCAL.format(bundle)}{TIP}\n")


def test_nothing_when_nothing_is_known(installation: Installation, tmp_path: Path) -> None:
    recorded, said = installation.new(tmp_path)

    assert recorded == (None, None)
    assert said == (
        "warning: `copier update` will not work: it is not known where this template can be fetched from; "
        "pass --template with the address of the template's repository\n"
    )


def test_another_release_needs_an_address(installation: Installation, tmp_path: Path) -> None:
    environment = installation.published.environment | {"PYTHONPATH": str(installation.site)}

    done = Stacksync(tmp_path, environment)("new", "crm", "--ref", "v0.2.0")

    assert done.returncode == 2
    assert done.stderr == (
        "Error: --ref v0.2.0: it is not known where other releases can be fetched from.\n"
        "TIP: pass --template with the address of the template's repository\n"
    )
