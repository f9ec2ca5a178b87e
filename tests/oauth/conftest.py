"""A real OpenID provider, npm's `oidc-provider`, beside the tests: it refuses wrong verifiers and tokens used twice."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from stacksync.file_lock import locked
from stacksync.oauth.provider import Provider
from stacksync.oauth.tokens import Client

PINNED = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).with_name("provider.mjs")
CALLBACK = "http://127.0.0.1/callback"  # of native apps it ignores the port: RFC 8252, section 7.3
SECRET = "s3cret +/%: of the client"  # which only comes whole when it is encoded as RFC 6749 says
SCOPES = ("openid", "offline_access", "contacts.read")
DENIED = "contacts.write"
CLIENTS = {"basic": "client_secret_basic", "post": "client_secret_post", "public": "none"}


@dataclass(frozen=True)
class OpenIdProvider:
    """The provider, as a connector declares it."""

    address: str

    def declared(self, client: str = "basic", **changes: Any) -> Provider:
        """Return what a connector declares of it."""
        made: dict[str, Any] = {
            "scopes": SCOPES,
            "parameters": {"prompt": "consent"},  # without it OpenID gives no refresh token
            "client_auth": CLIENTS[client],
            "redirect_url": "http://127.0.0.1:0/callback",
        }
        return Provider(f"{self.address}/auth", f"{self.address}/token", **{**made, **changes})

    def source(self, redirect: str = "http://127.0.0.1:0/callback") -> str:
        """Return the same as the lines of an API client."""
        return (
            f'AUTHORIZE_URL = "{self.address}/auth"\nTOKEN_URL = "{self.address}/token"\n'
            f'SCOPES = ["openid", "offline_access", "contacts.read"]\nREDIRECT_URL = "{redirect}"\n'
            'AUTHORIZE_PARAMETERS = {"prompt": "consent"}\n'
        )


def client(name: str = "basic") -> Client:
    """Return a client that the provider knows."""
    return Client(name, "" if name == "public" else SECRET)


class Browser:
    """Somebody who logs in, without a browser: forms are filled in and sent."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def log_in(self, address: str, *, consents: bool = True) -> str:
        """Log in, consent or not, and return the page that is shown at last."""
        return self._at_last(address, consents=consents, follow=True).text

    def answer_to(self, address: str) -> dict[str, str]:
        """Log in and consent, and return what the browser would be sent back with."""
        last = self._at_last(address, consents=True, follow=False)
        return dict(parse_qsl(urlsplit(last.headers["Location"]).query))

    def get(self, address: str, **headers: str) -> requests.Response:
        """Open an address."""
        return self._session.get(address, headers=headers, timeout=20)

    def _at_last(self, address: str, *, consents: bool, follow: bool) -> requests.Response:
        page = self.get(address)
        page = self._send(page, {"prompt": "login", "login": "ada", "password": "any"})
        if not consents:
            (leave,) = re.findall(r'href="([^"]+/abort)"', page.text)
            return self.get(unescape(leave))
        return self._send(page, {"prompt": "consent"}, follow=follow)

    def _send(self, page: requests.Response, filled: dict[str, str], *, follow: bool = True) -> requests.Response:
        (target,) = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
        answer = self._session.post(unescape(target), filled, timeout=20, allow_redirects=follow)
        while not follow and not answer.headers["Location"].startswith("http://127.0.0.1:1/"):
            answer = self._session.get(answer.headers["Location"], timeout=20, allow_redirects=False)
        return answer


@pytest.fixture
def browser() -> Browser:
    """Return somebody who was never here."""
    return Browser()


@pytest.fixture(scope="session")
def provider(provide: "Callable[..., OpenIdProvider]") -> OpenIdProvider:
    """Return a provider whose tokens last for an hour."""
    return provide()


@pytest.fixture(scope="session")
def provide(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Callable[..., OpenIdProvider]]":
    """Return what starts a provider, with settings of its own."""
    module = _installed(tmp_path_factory)
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_running(module, settings))


def _installed(factory: pytest.TempPathFactory) -> Path:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        pytest.skip("needs node and npm, for a real OpenID provider")

    # Processes of one run share it; their own folders lie in a common one.
    base = factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "oidc-provider"
    folder.mkdir(exist_ok=True)
    module = folder / "node_modules/oidc-provider/lib/index.js"
    with locked(folder / "lock"):
        if not (folder / "done").exists():
            command = [npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", PINNED]
            done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
            if done.returncode:
                pytest.skip(f"needs npm's registry, for {PINNED}: {done.stderr.strip().splitlines()[-1:]}")
            (folder / "done").touch()
    return module


@contextmanager
def _running(module: Path, settings: dict[str, Any]) -> Iterator[OpenIdProvider]:
    known = [_registered(name) for name in CLIENTS]
    given = json.dumps({"clients": known, "scopes": SCOPES, "denied": [DENIED], **settings})
    command = ["node", str(SCRIPT), module.as_uri(), given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        assert process.stdin
        address = process.stdout.readline().decode().strip()
        if not address:
            pytest.skip(f"this node does not run {PINNED}")
        yield OpenIdProvider(address)
        process.stdin.close()  # it ends with this


def _registered(name: str) -> dict[str, Any]:
    secret = {} if name == "public" else {"client_secret": SECRET}
    grants = ["authorization_code", "refresh_token"]
    way = {"token_endpoint_auth_method": CLIENTS[name], "application_type": "native", "grant_types": grants}
    return {"client_id": name, "redirect_uris": [CALLBACK, "http://localhost/callback"], **way, **secret}


API = """\
from collections.abc import Mapping
from typing import Any

from src.runtime.http import BearerAuth, Session, credential, session

BASE_URL = "{address}"
{source}

def api_client(connection: Mapping[str, Any]) -> Session:
    return session(BASE_URL, BearerAuth(credential(connection, "access_token")))


def check_connection(api: Session) -> str:
    return f"connected as {{api.get('me').json()['sub']}}"
"""


def write_api(root: Path, provider: OpenIdProvider, redirect: str = "http://127.0.0.1:0/callback") -> None:
    """Make a connector call the provider as its API, which tells the owner of a token whose it is."""
    file = root / "src/api_client.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(API.format(address=provider.address, source=provider.source(redirect)), "utf-8")
