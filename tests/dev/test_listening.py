"""The port: the one that is wanted, or the next free one and who has the other."""

import os
import socket
import sys
from pathlib import Path

import pytest

from stacksync.connector import Connector
from stacksync.dev.ports import owner as port_owner
from stacksync.dev.ports.listening import configured_port, listen
from stacksync.errors import StacksyncError

CONFIG = "app_settings:\n  app_type: crm\n{port}"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a connector without a port."""
    monkeypatch.delenv("PORT", raising=False)
    (tmp_path / "src" / "modules").mkdir(parents=True)
    (tmp_path / "app_config.yaml").write_text(CONFIG.format(port=""))
    return tmp_path


def test_the_environment_goes_before_the_files(root: Path, monkeypatch: pytest.MonkeyPatch):
    assert configured_port(Connector(root)) == 2003
    (root / "app_config.yaml").write_text(CONFIG.format(port="  port: 3001\n"))
    assert configured_port(Connector(root)) == 3001
    (root / "app_config.yaml").write_text(CONFIG.format(port="local_development_settings:\n  port: 3002\n"))
    assert configured_port(Connector(root)) == 3002
    (root / ".env").write_text("PORT=3003\n")
    assert configured_port(Connector(root)) == 3003
    monkeypatch.setenv("PORT", "3004")
    assert configured_port(Connector(root)) == 3004
    monkeypatch.setenv("PORT", "")
    assert configured_port(Connector(root)) == 3002


def test_files_that_cannot_be_used_leave_the_usual_port(root: Path):
    (root / ".env").write_text("'\n")
    (root / "app_config.yaml").write_text("app_settings: [\n")
    assert configured_port(Connector(root)) == 2003


@pytest.mark.parametrize("text", ["none", "0", "65536", "-1", "²"])
def test_what_is_no_port_is_refused(root: Path, text: str):
    (root / ".env").write_text(f"PORT={text}\n", encoding="utf-8")
    with pytest.raises(StacksyncError, match=f"^PORT is '{text}' in the environment or in .env.$"):
        configured_port(Connector(root))


def test_a_port_in_use_is_passed_over_and_its_owner_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        listener = listen(wanted)
        with listener.socket:
            assert listener.is_other
            assert wanted < listener.port <= wanted + 50
            assert listener.address == f"http://127.0.0.1:{listener.port}"
            if sys.platform == "linux":
                assert listener.owner.endswith(f"(pid {os.getpid()})")
                assert "pytest" in listener.owner or "python" in listener.owner


def test_a_free_port_is_taken():
    with listen(0).socket as free:
        wanted = free.getsockname()[1]
    listener = listen(wanted)
    with listener.socket:
        assert (listener.port, listener.is_other, listener.owner) == (wanted, False, "")


def test_an_owner_that_cannot_be_found_is_not_named(monkeypatch: pytest.MonkeyPatch):
    with listen(0).socket as free:
        unused = free.getsockname()[1]
    assert port_owner.owner_of(unused) == ""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("PATH", "")
    assert port_owner.owner_of(unused) == ""
