"""Starting under gunicorn: where it listens, as whom it may run, and what stops it with one message."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ..ports import free_port
from .conftest import GUNICORN, PATIENCE, Served, wait_until

WITH_CONFIG = (*GUNICORN[:-1], "--config", "gunicorn.conf.py", "main:app")
INSTALL = f"is not installed. Add it to requirements.txt and run: {sys.executable} -m pip install"


def printed_settings(root: Path, *command: str, **environment: str) -> dict[str, str]:
    """Return what `gunicorn --print-config` says."""
    done = subprocess.run(
        [*command, "--print-config"], cwd=root, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


@pytest.mark.parametrize("command", [GUNICORN, WITH_CONFIG], ids=["plain", "with --config"])
def test_both_ways_to_start_use_the_same_settings(command: tuple[str, ...], connector: Callable[..., Path]) -> None:
    settings = printed_settings(connector(), *command)

    assert (settings["worker_class"], settings["workers"], settings["threads"]) == (
        "config.gunicorn_worker.Worker",
        "2",
        "32",
    )
    assert settings["control_socket_disable"] == "True"
    assert settings["accesslog"] == "None"


@pytest.mark.parametrize(
    "environment,expected",
    [
        ({"PORT": "8123"}, {"bind": "['0.0.0.0:8123']"}),
        ({"WEB_CONCURRENCY": "5", "WEB_THREADS": "7"}, {"workers": "5", "threads": "7"}),
        ({"WEB_GRACEFUL_TIMEOUT": "55"}, {"graceful_timeout": "55"}),
        ({"FORWARDED_ALLOW_IPS": "*"}, {"forwarded_allow_ips": "['*']"}),
        ({"PORT": "", "WEB_THREADS": ""}, {"threads": "32"}),
        ({"GUNICORN_CMD_ARGS": "--bind 127.0.0.1:9000"}, {"bind": "['127.0.0.1:9000']"}),
    ],
)
def test_environment(environment: dict[str, str], expected: dict[str, str], connector: Callable[..., Path]) -> None:
    settings = printed_settings(connector(), *GUNICORN, **environment)

    assert {name: settings[name] for name in expected} == expected


def test_port_of_the_platform_wins(connector: Callable[..., Path]) -> None:
    root, port = connector(), free_port()
    process = subprocess.Popen(
        GUNICORN,
        cwd=root,
        env=os.environ | {"PORT": str(port), "WEB_CONCURRENCY": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: is_healthy(port), "an answer on the platform's port")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def is_healthy(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize(
    "package,switches,environment,message",
    [
        ("prometheus_client", {"metrics": True}, {}, f'prometheus-client {INSTALL} "prometheus-client>=0.21"'),
        ("sentry_sdk", {}, {"SENTRY_DSN": "http://key@127.0.0.1:9/1"}, f'sentry-sdk {INSTALL} "sentry-sdk>=2.20"'),
        (
            "",
            {},
            {"SENTRY_DSN": "nonsense"},
            "The Sentry DSN (SENTRY_DSN, or sentry_dsn in app_config.yaml) is not valid.",
        ),
        ("", {}, {"LOG_LEVEL": "loud"}, "The environment variable LOG_LEVEL is 'LOUD'. Write one of DEBUG, INFO"),
    ],
)
def test_a_start_that_must_fail_says_why(
    package: str, switches: dict[str, Any], environment: dict[str, str], message: str, connector: Callable[..., Path]
) -> None:
    root = connector(**switches)
    (root / f"{package or 'unused'}.py").write_text("raise ImportError")

    output = refused(root, *GUNICORN, WEB_CONCURRENCY="6" if package else "2", **environment)

    assert message in output


@pytest.mark.parametrize(
    "options",
    [
        ["--workers", "2"],
        ["--workers", "6"],
        ["--workers", "2", "--config", "of_its_own.py"],
        ["--workers", "6", "--config", "of_its_own.py", "--worker-class", "gthread"],
        ["--workers", "2", "--config", "of_its_own.py", "--preload"],
    ],
    ids=["our settings", "more workers", "other settings", "other settings, threads", "other settings, preloading"],
)
def test_a_broken_configuration_is_told_once(options: list[str], connector: Callable[..., Path]) -> None:
    root = connector(metrics="perhaps")
    (root / "of_its_own.py").write_text(f'bind = "127.0.0.1:{free_port()}"')

    output = refused(root, *GUNICORN, *options)

    assert output.count(f"{root / 'app_config.yaml'}:7: runtime_settings.metrics must be true or false.\n") == 1


def refused(root: Path, *command: str, **environment: str) -> str:
    """Return what a start that fails prints."""
    done = subprocess.run(
        command,
        cwd=root,
        env=os.environ | {"ENVIRONMENT": "prod"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 3, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


@pytest.mark.parametrize(
    "config",
    ["runtime_settings: [metrics]", "runtime_settings: yes", "[a]", ""],
)
def test_settings_of_another_form_do_not_break_the_reading_of_gunicorns(
    config: str, connector: Callable[..., Path]
) -> None:
    root = connector()
    (root / "app_config.yaml").write_text(config)

    output = refused(root, *GUNICORN)

    assert output.count(f"{root / 'app_config.yaml'}:1: ") == 1


@pytest.mark.parametrize(
    "name,value",
    [
        ("PORT", "http"),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_THREADS", "-1"),
        ("WEB_GRACEFUL_TIMEOUT", "1.5"),
        ("WEB_CLIENT_TIMEOUT", "\N{SUPERSCRIPT TWO}"),
    ],
)
def test_a_variable_that_is_no_number_is_told(name: str, value: str, connector: Callable[..., Path]) -> None:
    output = refused(connector(), *GUNICORN, **{name: value})

    assert output == f"The environment variable {name} is {value!r}. Write a whole number above 0.\n"


def test_one_process_needs_no_gunicorn(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    root = connector()
    (root / "gunicorn.py").write_text("raise SystemExit('imported')")

    assert serve(root, sys.executable, "main.py").execute({}).status_code == 200
