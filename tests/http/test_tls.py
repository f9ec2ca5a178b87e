"""The same over TLS, whose connections are of another class."""

import shutil
import ssl
import subprocess

import pytest

from src.runtime import ManagedError
from src.runtime.http import Retries, session

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl, which makes a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key.pem", "-out", "certificate.pem"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", "req", *made, *names], cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture
def secure(api, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    api.server.socket = context.wrap_socket(api.server.socket, server_side=True)
    return api


@pytest.fixture
def calls(secure, certificate):
    made = session(f"https://localhost:{secure.port}", retries=Retries(budget=0.5))
    # With the environment, requests would rather believe REQUESTS_CA_BUNDLE.
    made.trust_env, made.verify = False, str(certificate / "certificate.pem")
    return made


def test_calls_share_a_connection(secure, calls):
    assert [calls.post("things", json={"a": 1}).json() for _ in range(3)] == [{"ok": True}] * 3


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_comes_byte_by_byte_is_given_up(secure, calls, answer, stream):
    secure.answer(answer(content="x" * 5000, drip=0.001))

    with pytest.raises(ManagedError, match="localhost did not answer in time"):
        list(calls.get("things", stream=stream).iter_content(10))


def test_an_unknown_certificate_is_refused_and_not_tried_again(secure, calls):
    calls.verify = True

    with pytest.raises(ManagedError, match="localhost has no valid TLS certificate"):
        calls.get("things")
    assert secure.asked == []
