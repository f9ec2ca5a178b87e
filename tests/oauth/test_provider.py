"""What src/api_client.py declares of a login, read without running it; and redirects that cannot be listened at."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stacksync.errors import StacksyncError
from stacksync.oauth.provider import Provider, declares_login, read_provider
from stacksync.oauth.redirect import Redirect
from tests.conftest import ROOT

FILE = "src/api_client.py"
ADDRESSES = 'AUTHORIZE_URL = "https://auth.crm.test/authorize"\nTOKEN_URL = "https://auth.crm.test/token"\n'


def declaring(root: Path, text: str) -> Path:
    (root / "src").mkdir(exist_ok=True)
    (root / FILE).write_text(text, "utf-8")
    return root


def test_constants_are_read_and_nothing_is_run(tmp_path: Path) -> None:
    text = (
        'HOST = "https://auth.crm.test"\nAUTHORIZE_URL = f"{HOST}/authorize"\nTOKEN_URL: str = f"{HOST}/token"\n'
        'READ = "contacts.read"\nSCOPES: list[str] = [READ, "offline"]\nCLIENT_AUTH = "none"\n'
        'AUTHORIZE_PARAMETERS = {"access_type": "offline"}\nREDIRECT_URL = "http://127.0.0.1:9000/back"\n'
        'raise SystemExit("run")\n'
    )

    assert read_provider(declaring(tmp_path, text)) == Provider(
        "https://auth.crm.test/authorize",
        "https://auth.crm.test/token",
        ("contacts.read", "offline"),
        "none",
        "http://127.0.0.1:9000/back",
        {"access_type": "offline"},
    )


def test_what_is_not_declared_has_a_default(tmp_path: Path) -> None:
    found = read_provider(declaring(tmp_path, ADDRESSES))

    assert (found.scopes, found.client_auth) == ((), "client_secret_basic")
    assert found.redirect_url == "http://localhost:8765/callback"


@pytest.mark.parametrize(
    "text, fault",
    [
        ("X = 1\n", f"{FILE} has no AUTHORIZE_URL, so nobody can log in."),
        ('AUTHORIZE_URL = "https://a.test"\n', f"{FILE} has no TOKEN_URL, so nobody can log in."),
        ("AUTHORIZE_URL = (\n", f"{FILE}:1: does not parse: '(' was never closed."),
        (
            ADDRESSES + "import os\nSCOPES = os.environ['SCOPES'].split()\n",
            f"{FILE}:4: SCOPES is no constant: what is here is read, not run.",
        ),
        (ADDRESSES + "SCOPES = 'a b'\n", f"{FILE}:3: SCOPES is no list of texts."),
        (
            ADDRESSES + "CLIENT_AUTH = 'basic'\n",
            f"{FILE}:3: CLIENT_AUTH is none of client_secret_basic, client_secret_post and none.",
        ),
        (ADDRESSES + "AUTHORIZE_PARAMETERS = {1: 2}\n", f"{FILE}:3: AUTHORIZE_PARAMETERS is no dict of texts."),
        (ADDRESSES + "REDIRECT_URL = 'localhost'\n", f"{FILE}:3: REDIRECT_URL is no address."),
        (
            ADDRESSES.replace("https://auth.crm.test/token", "http://auth.crm.test/token"),
            f"{FILE}:2: TOKEN_URL must begin with https: what is sent there is secret.",
        ),
        (
            ADDRESSES.replace("auth.crm.test", "api.example.com"),
            f"{FILE}:1: AUTHORIZE_URL is still the example.",
        ),
        (ADDRESSES.replace("/token", "/token#x"), f"{FILE}:2: TOKEN_URL has a fragment, which no server ever sees."),
        (ADDRESSES.replace("https://auth.crm.test/token", "https://[auth"), f"{FILE}:2: TOKEN_URL is no address."),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(StacksyncError) as caught:
        read_provider(declaring(tmp_path, text))

    assert str(caught.value) == fault


def test_only_a_login_loads_what_logs_in() -> None:
    code = (
        "import sys, stacksync.commands.connect, stacksync.studio.app, stacksync.studio.connections.connecting\n"
        "print([name for name in ('authlib', 'cryptography', 'requests') if name in sys.modules])\n"
    )
    way = {"env": {"PYTHONPATH": str(ROOT / "cli")}, "capture_output": True, "text": True, "check": True}
    done = subprocess.run([sys.executable, "-c", code], **way)  # type: ignore[call-overload]

    assert done.stdout == "[]\n"


def test_a_connector_without_a_client_declares_nothing(tmp_path: Path) -> None:
    assert not declares_login(tmp_path)
    with pytest.raises(StacksyncError, match=r"There is no src/api_client\.py"):
        read_provider(tmp_path)


@pytest.mark.parametrize(
    "address, fault",
    [
        (
            "https://localhost:8765/callback",
            "The redirect https://localhost:8765/callback needs https, which stacksync does not serve on this machine.",
        ),
        (
            "http://example.org:8765/callback",
            "The redirect http://example.org:8765/callback is no address of this machine.",
        ),
        ("http://localhost/callback", "The redirect http://localhost/callback is no address of this machine."),
        ("http://localhost:8765", "The redirect http://localhost:8765 is no address of this machine."),
        ("http://localhost:8765/c?x=1", "The redirect http://localhost:8765/c?x=1 has more than host, port and path."),
        ("nonsense", "The redirect nonsense is no address of this machine."),
    ],
)
def test_a_redirect_that_cannot_be_served_is_told(address: str, fault: str) -> None:
    with pytest.raises(StacksyncError) as caught:
        Redirect(address, dict)

    assert str(caught.value) == fault


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_in_use_is_told(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StacksyncError) as caught:
            Redirect(f"http://{host}:{port}/callback", dict)

    assert str(caught.value) == f"The redirect's port {port} cannot be listened at: address already in use."


def test_localhost_is_listened_at_under_each_of_its_addresses() -> None:
    with Redirect("http://localhost:0/callback", dict) as redirect:
        port = int(redirect.address.split(":")[2].split("/")[0])
        for address in ("127.0.0.1", "::1") if socket.has_ipv6 else ("127.0.0.1",):
            socket.create_connection((address, port), timeout=5).close()
