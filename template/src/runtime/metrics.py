"""Prometheus metrics at `/metrics`, when `runtime_settings.metrics` is true.

Labels are names of the connector's own routes, so their number is bounded; every unknown path is one label, "".
Under gunicorn each worker writes to a file of its own in PROMETHEUS_MULTIPROC_DIR, and any worker adds them up
(https://prometheus.github.io/client_python/multiprocess/). `gunicorn.conf.py` makes that directory and gives
each worker a numbered slot: a new worker continues the file of the one it replaces, so that files do not pile up.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import flask

from .config import Config, ConfigError
from .wsgi import Kind, layer

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
SLOT = "CONNECTOR_WORKER_SLOT"
LABELS = ("module", "version", "endpoint", "status")
# An execute waits for other services: seconds are ordinary, and half a minute is the timeout of most.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Instruments(NamedTuple):
    """What is measured, of one process."""

    requests: Counter
    seconds: Histogram


def install(app: flask.Flask, config: Config) -> None:
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
            'installed. Add it to requirements.txt and run: pip install "prometheus-client>=0.21"'
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
