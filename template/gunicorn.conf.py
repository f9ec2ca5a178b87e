"""How gunicorn serves the connector, in a container and out of one: `gunicorn main:app` in the connector's folder.

The environment decides what differs from place to place: PORT, WEB_CONCURRENCY (workers), WEB_THREADS (threads of a
worker), WEB_GRACEFUL_TIMEOUT, WEB_CLIENT_TIMEOUT, FORWARDED_ALLOW_IPS and, for anything else, GUNICORN_CMD_ARGS.
All settings: https://gunicorn.org/reference/settings/
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from gunicorn import glogging  # type: ignore[import-untyped]

from config.gunicorn_worker import Worker

ROOT = Path(__file__).resolve().parent
# The second is that of projects written for stacksync-cdk.
CONFIGURATIONS = ("app_config.yaml", "stacksync.yml")
SHARED_MEMORY = "/dev/shm"
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
WORKER_SLOT = "CONNECTOR_WORKER_SLOT"


def read_section(name: str) -> dict[str, Any]:
    """Return a section of the configuration, or nothing when it is at fault: the application says so, and where."""
    file = next((ROOT / name for name in CONFIGURATIONS if (ROOT / name).is_file()), ROOT)
    try:
        settings = yaml.safe_load(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}

    section = settings.get(name) if isinstance(settings, dict) else None
    return section if isinstance(section, dict) else {}


def read_port() -> int:
    """Return the port that `python main.py` would use."""
    ports = (str(read_section(name).get("port")) for name in ("local_development_settings", "app_settings"))
    return next((int(port) for port in ports if port.isascii() and port.isdigit()), 2003)


def read_number(name: str, default: int) -> int:
    """Return a number of the environment; anything else ends the start with one message."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        sys.stderr.write(f"The environment variable {name} is {text!r}. Write a whole number above 0.\n")
        # The status of a connector that cannot start, as of one whose configuration is broken.
        raise SystemExit(3)

    return int(text)


in_development = (os.environ.get("ENVIRONMENT", "").strip() or "dev").lower() in {"dev", "development"}
with_metrics = read_section("runtime_settings").get("metrics") is True

# A platform that sets PORT calls from outside; without it this is somebody's own machine.
bind = f"0.0.0.0:{read_number('PORT', 0)}" if os.environ.get("PORT") else f"127.0.0.1:{read_port()}"

# Threads, because a connector waits for other services: a slow execute then holds one thread, and not /health.
worker_class = "config.gunicorn_worker.Worker"
threads = read_number("WEB_THREADS", 32)
# Two, so that one can die or be recycled while the other answers. More: one for each CPU of the container.
workers = read_number("WEB_CONCURRENCY", 2)

# A worker that has not given a sign of life for this long hangs; a slow request does not count, its thread is apart.
timeout = 60
# Requests in flight at SIGTERM get this long to finish. Kubernetes and compose must wait a little longer.
graceful_timeout = read_number("WEB_GRACEFUL_TIMEOUT", 30)
# How long a client may take from the first byte of a request to its last, and for taking its reply: gunicorn has no
# limit of its own, so a few dozen slow ones would hold every thread. (See when_ready, and the worker.)
client_timeout = Worker.client_timeout = read_number("WEB_CLIENT_TIMEOUT", 30)
# Longer than the idle timeout of common load balancers (60 s), or they send into a connection that is closing.
keepalive = 65

# A leak in a module stays small; the jitter keeps workers from being replaced all at once.
max_requests = 20_000
max_requests_jitter = 2_000

# No preloading: sessions and threads that a module opens on import must not be shared by forked workers, and
# HUP loads changed code. The price is one copy of the code in memory for each worker.
preload_app = False

# The sign of life is a file: on a disk it can block for seconds, and a read-only container has no other place.
worker_tmp_dir = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
# The control socket (gunicorn 25.1 and newer) wants a writable HOME, and nothing here uses it.
control_socket_disable = True

# Whose X-Forwarded-* to believe: a proxy on this machine, unless the platform says otherwise.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1"

# Headers that would move the application to another path: whoever forwards requests here does not need them.
forwarder_headers = ""

# The connector writes a line for each request itself, without the query; gunicorn's would hold it.
accesslog = None
errorlog = "-"


class JsonFormatter(logging.Formatter):
    """Write gunicorn's own lines, as of a worker that started or died, in the form of the connector's."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line of JSON."""
        line = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class Logger(glogging.Logger):  # type: ignore[misc]
    """Gunicorn's logger, with lines of JSON outside development."""

    def setup(self, cfg: Any) -> None:
        """Set the form of the lines."""
        super().setup(cfg)
        for handler in [] if in_development else self.error_log.handlers:
            handler.setFormatter(JsonFormatter())


logger_class = Logger


def on_starting(_server: Any) -> None:
    """Make an empty directory for the figures of this run's workers."""
    if with_metrics:
        place = os.environ.get(METRICS_DIRECTORY) or worker_tmp_dir
        os.environ[METRICS_DIRECTORY] = tempfile.mkdtemp(prefix="connector-metrics-", dir=place)


def when_ready(server: Any) -> None:
    """Limit the waiting for clients; connections inherit these options from the socket that accepts them."""
    limit = struct.pack("ll", client_timeout, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker the lowest slot that is free; the figures of the worker before it go on there."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)


def post_fork(_server: Any, worker: Any) -> None:
    """Tell the worker its slot, and how many threads it has; GUNICORN_CMD_ARGS may have changed that."""
    os.environ[WORKER_SLOT] = str(worker.slot)
    os.environ["WEB_THREADS"] = str(worker.cfg.threads)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that is gone; its counters stay (prometheus_client's mark_process_dead)."""
    if with_metrics:
        for file in Path(os.environ[METRICS_DIRECTORY]).glob(f"gauge_live*_{worker.slot}.db"):
            file.unlink()


def on_exit(_server: Any) -> None:
    """Remove the directory of the figures."""
    if with_metrics:
        shutil.rmtree(os.environ[METRICS_DIRECTORY], ignore_errors=True)
