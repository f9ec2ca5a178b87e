"""Nothing is wrong with a connector as the template makes it, whatever was answered."""

import itertools

import pytest

AUTH = ["none", "api_key", "bearer", "basic", "oauth2", "custom"]


@pytest.mark.parametrize("auth, compat", [*itertools.product(AUTH, ["true", "false"])])
def test_an_untouched_connector(stacksync, auth, compat):
    made = stacksync("new", "connector", "--defaults", "--auth", auth, "--data", f"workflows_cdk_compat={compat}")
    assert made.returncode == 0, made.stderr

    done = stacksync("check", "connector", "--strict")

    assert (done.returncode, done.stdout) == (0, "Nothing wrong in 2 modules.\n")
