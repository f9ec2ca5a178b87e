"""The rule about requirements.lock, and the connector's own test of it."""

import pytest

from stacksync.requirements.file import LOCK, LOCK_OPTIONS
from stacksync.rules.lock import RENEW
from tests.check.sample import found, write
from tests.conftest import ROOT

ASKED = "flask>=3.1\nrequests # for calls\nPyYAML >=6 ; python_version >= '3'\n-r more.txt\n"
HASH = "    --hash=sha256:" + "0" * 64
PINNED = f"""\
# made by a tool
blinker==1.9.0 \\
{HASH}
    # via flask
flask==3.1.3 \\
{HASH}
    # via -r requirements.txt
pyyaml==6.0.2 ; python_full_version < '3.11' \\
{HASH} \\
{HASH}
    # via -r requirements.txt
pyyaml==6.0.4 ; python_full_version >= '3.11' \\
{HASH}
    # via -r requirements.txt
requests==2.34.2 \\
{HASH}
    # via
    #   -r requirements.txt
    #   sentry-sdk
"""


@pytest.fixture
def lock(tmp_path):
    """Return what is found in a connector with these two files."""

    def check(asked, locked):
        return found(write(tmp_path, {"requirements.txt": asked, LOCK: locked}), "REP005")

    return check


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_lock_that_fits(lock, newline):
    assert lock(ASKED.replace("\n", newline), PINNED.replace("\n", newline)) == []


def test_no_lock_is_no_fault(lock):
    assert lock(ASKED, None) == []


def test_a_package_that_is_not_locked(lock):
    assert lock(f"{ASKED}stripe[async]>=11,<12\n", PINNED) == [
        f"requirements.txt:5:1 error REP005 requirements.lock has no stripe -> {RENEW}"
    ]


def test_a_version_that_is_not_asked_for(lock):
    assert lock(ASKED.replace(">=6 ", ">=6.0.3 "), PINNED) == [
        f"requirements.txt:3:1 error REP005 requirements.lock has pyyaml 6.0.2, which is not asked for here -> {RENEW}"
    ]


def test_a_package_that_is_not_asked_for_any_more(lock):
    assert lock(ASKED.replace("requests # for calls\n", ""), PINNED) == [
        f"requirements.lock:15:1 warning REP005 requirements.txt does not ask for requests -> {RENEW}"
    ]


def test_a_pin_that_was_written_by_hand(lock):
    assert lock(f"{ASKED}six\n", f"{PINNED}six==1.17.0\n") == [
        f"requirements.lock:20:1 error REP005 six has no hash, and pip refuses the whole file -> {RENEW}"
    ]


def test_an_address_stands_for_itself(lock):
    address = "mine @ git+https://example.invalid/mine@abc"

    assert lock(f"{ASKED}{address}\n", f"{PINNED}{address}\n    # via -r requirements.txt\n") == []


@pytest.mark.parametrize(
    "name",
    [
        "template/documentation/production.md",
        "template/requirements.lock",
        "template/tests/test_connector.py",
    ],
)
def test_everybody_names_the_same_command(name):
    text = " ".join((ROOT / name).read_text("utf-8").replace('"\n', "").replace('    "', "").split())

    assert LOCK_OPTIONS in text.replace('" ', "").replace(' "', " ")
