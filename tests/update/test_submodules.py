"""A template whose repository has submodules: their files are rendered and updated like all others."""

from pathlib import Path

import pytest

from stacksync.git.isolation import isolated
from stacksync.source import TemplateSource
from stacksync.template import TemplateUpdate, render, update
from tests.conftest import ADDRESS, Published, git_settings
from tests.conftest import isolated as environment_of

ANSWERS = ".copier-answers.yml"


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Publish two releases of a template with a submodule, which changed in between."""
    library, checkout = tmp_path / "library", tmp_path / "checkout"
    settings = {f"url.{checkout.as_uri()}.insteadOf": ADDRESS, "protocol.file.allow": "always"}
    identity = {"user.name": "Tester", "user.email": "tester@localhost"}
    environment = environment_of(tmp_path / "home") | git_settings(settings | identity)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    published = Published(checkout, environment)
    for folder in (library, checkout / "template"):
        folder.mkdir(parents=True)
    (library / "text.txt").write_text("first\n")
    (checkout / "copier.yml").write_text("_subdirectory: template\n")
    (checkout / f"template/{ANSWERS}.jinja").write_text("{{ _copier_answers | to_nice_yaml }}")
    for folder in (library, checkout):
        published.git("init", "--quiet", "--initial-branch=main", cwd=folder)
    _commit(published, library)
    published.git("submodule", "--quiet", "add", library.as_uri(), "template/library")
    _commit(published, checkout)
    published.git("tag", "v0.1.0")
    (library / "text.txt").write_text("second\n")
    _commit(published, library)
    published.git("submodule", "--quiet", "update", "--remote")
    _commit(published, checkout)
    published.git("tag", "v0.2.0")
    return published


def _commit(published: Published, folder: Path) -> None:
    published.git("add", "--all", cwd=folder)
    published.git("commit", "--quiet", "--message", "Work", cwd=folder)


def test_they_are_checked_out(shared: Published, tmp_path: Path) -> None:
    made = tmp_path / "made"
    render(TemplateSource(None, ADDRESS, "v0.1.0"), made, {})
    assert (made / "library/text.txt").read_text() == "first\n"
    shared.git("init", "--quiet", cwd=made)
    _commit(shared, made)

    with isolated(made) as isolation:
        update(TemplateUpdate(made, "", ANSWERS, TemplateSource(None, ADDRESS, "v0.2.0"), made), isolation, tmp_path)

    assert (made / "library/text.txt").read_text() == "second\n"
    assert "_commit: v0.2.0" in (made / ANSWERS).read_text()
