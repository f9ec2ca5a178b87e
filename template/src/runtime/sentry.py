"""Send errors to Sentry, when SENTRY_DSN or `sentry_dsn` in app_config.yaml is set; the SDK is imported only then.

What leaves is listed here, key by key, instead of trusting a list of what to leave out: exception types and frames
with source lines, messages after redaction, ids, route, environment and release. No local variables, bodies,
headers, cookies, users, host names or breadcrumbs. (https://docs.sentry.io/platforms/python/data-management/)
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import flask

from .config import Config, ConfigError
from .log_lines import read_message, request_fields
from .redaction import redact

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

EVENT_KEYS = ("event_id", "timestamp", "level", "logger", "platform", "environment", "release", "sdk")
FRAME_KEYS = ("filename", "function", "module", "lineno", "in_app", "pre_context", "context_line", "post_context")


def install(_app: flask.Flask, config: Config) -> None:
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
            'Add it to requirements.txt and run: pip install "sentry-sdk>=2.20"'
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
