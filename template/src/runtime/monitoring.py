"""Tell other programs how the connector does: figures to Prometheus, errors to Sentry, each only when switched on."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import flask

from .config import Config, ConfigError
from .log_lines import read_message, request_fields
from .redaction import redact
from .wsgi import Kind, layer

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram
    from sentry_sdk.types import Event, Hint


# Prometheus: labels are names of the connector's own routes, so their number is bounded; every unknown path is one
# label, "". Under gunicorn each worker writes to a file of its own in PROMETHEUS_MULTIPROC_DIR, and any worker adds
# them up (https://prometheus.github.io/client_python/multiprocess/). `gunicorn.conf.py` makes that directory and gives
# each worker a numbered slot: a new worker continues the file of the one it replaces, so that files do not pile up.
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
SLOT = "CONNECTOR_WORKER_SLOT"
LABELS = ("module", "version", "endpoint", "status")
# An execute waits for other services: seconds are ordinary, and half a minute is the timeout of most.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Instruments(NamedTuple):
    """What is measured, of one process."""

    requests: Counter
    seconds: Histogram


def publish_metrics(app: flask.Flask, config: Config) -> None:
    """Count and time each request, and publish the figures at /metrics, if the configuration asks for it.

    Raises:
        ConfigError: prometheus-client is not installed.
    """
    if not config.metrics:
        return
    try:
        instruments = _instruments()
    except ImportError:
        raise ConfigError(
            f"{config.root / 'app_config.yaml'}: runtime_settings.metrics is true, but prometheus-client is not "
            f'installed. Add it to requirements.txt and run: {sys.executable} -m pip install "prometheus-client>=0.21"'
        ) from None

    layer(app).observers.append(lambda _, kind, seconds: _observe(instruments, kind, seconds))
    app.add_url_rule("/metrics", "stacksync:/metrics", _publish)


@cache
def _instruments() -> Instruments:
    from prometheus_client import Counter, Histogram, values

    slot = os.environ.get(SLOT)
    if DIRECTORY in os.environ and slot:
        values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]

    return Instruments(
        Counter("connector_requests", "Requests answered.", LABELS),
        Histogram("connector_request_seconds", "Time until the answer was ready.", LABELS, buckets=BUCKETS),
    )


def _observe(instruments: Instruments, kind: Kind, seconds: float) -> None:
    route = kind.route
    labels = (route.module, route.version, route.endpoint, str(kind.status))
    instruments.requests.labels(*labels).inc()
    instruments.seconds.labels(*labels).observe(seconds)


def _publish() -> flask.Response:
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = REGISTRY
    if DIRECTORY in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return flask.Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


# Sentry: what leaves is listed here, key by key, instead of trusting a list of what to leave out: exception types and
# frames with source lines, messages after redaction, ids, route, environment and release. No local variables, bodies,
# headers, cookies, users, host names or breadcrumbs. (https://docs.sentry.io/platforms/python/data-management/)
EVENT_KEYS = ("event_id", "timestamp", "level", "logger", "platform", "environment", "release", "sdk")
FRAME_KEYS = ("filename", "function", "module", "lineno", "in_app", "pre_context", "context_line", "post_context")


def report_errors(_app: flask.Flask, config: Config) -> None:
    """Report what is logged at ERROR to Sentry, if there is a DSN.

    Raises:
        ConfigError: sentry-sdk is not installed, or the DSN is not one.
    """
    if not config.sentry_dsn:
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import EventHandler
    except ImportError:
        raise ConfigError(
            "A Sentry DSN is set (SENTRY_DSN, or sentry_dsn in app_config.yaml), but sentry-sdk is not installed. "
            f'Add it to requirements.txt and run: {sys.executable} -m pip install "sentry-sdk>=2.20"'
        ) from None
    try:
        sentry_sdk.init(config.sentry_dsn, **_options(config))
    except sentry_sdk.utils.BadDsn:
        raise ConfigError(
            "The Sentry DSN (SENTRY_DSN, or sentry_dsn in app_config.yaml) is not valid. "
            "Copy it from the project's settings in Sentry, under Client Keys."
        ) from None

    _listen(EventHandler(logging.ERROR))


def _options(config: Config) -> dict[str, Any]:
    return {
        "environment": config.environment,
        # Without a value the SDK would run git to find one.
        "release": os.environ.get("SENTRY_RELEASE") or config.app_type,
        "include_local_variables": False,
        "send_default_pii": False,
        "max_request_body_size": "never",
        "max_breadcrumbs": 0,
        # The integrations patch Flask, requests and logging, which costs on every request; the handler does not.
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "propagate_traces": False,
        "send_client_reports": False,
        "before_send": keep_only_listed,
    }


def _listen(handler: logging.Handler) -> None:
    root = logging.getLogger()
    for earlier in [earlier for earlier in root.handlers if type(earlier) is type(handler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)


def keep_only_listed(event: Event, hint: Hint) -> Event | None:
    """Build the event that is sent from the parts of the SDK's event that may leave."""
    given: Mapping[str, Any] = event
    kept = {key: given[key] for key in EVENT_KEYS if key in given}
    record = hint.get("log_record")
    if record is not None:
        kept["logentry"] = {"formatted": read_message(record)}
    exceptions = (given.get("exception") or {}).get("values") or []
    if exceptions:
        kept["exception"] = {"values": [_exception(exception) for exception in exceptions]}
    kept["tags"] = {name: value for name, value in _tags(hint).items() if value}
    return kept  # type: ignore[return-value]


def _exception(exception: Mapping[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    return {
        "type": exception.get("type"),
        "module": exception.get("module"),
        "value": redact(str(exception.get("value") or ""), [str(exception.get("type"))]),
        "stacktrace": {"frames": [{key: frame.get(key) for key in FRAME_KEYS} for frame in frames]},
    }


def _tags(hint: Hint) -> dict[str, Any]:
    record = hint.get("log_record")
    return {"error_id": getattr(record, "error_id", None), **request_fields()}
