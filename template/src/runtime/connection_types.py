"""What connections hold by their type. Nothing here needs Flask: `stacksync check` knows the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ConnectionType:
    """A kind of connection.

    Args:
        name: What it is called.
        example: What it holds, with made-up values; the keys are those of the guides.
        words: Words in the app type that tell the kind.
        documented: The app types whose keys the platform's guide to credentials lists in full, each with those that it
            has besides the example's.
    """

    name: str
    example: Mapping[str, str]
    words: tuple[str, ...]
    documented: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


TYPES = (
    ConnectionType(
        "generic_api_credentials",
        {"api_credentials": "example-api-key"},
        ("generic_api_credentials",),
        {"generic_api_credentials": ()},
    ),
    ConnectionType(
        "OAuth 2",
        {"access_token": "example-access-token", "token_type": "Bearer", "expiration_time": "2026-01-31T09:30:00Z"},
        ("oauth", "salesforce", "hubspot"),
        {"hubspot": (), "salesforce": ("instance_url",)},
    ),
    ConnectionType(
        "database",
        {"connection_string": "postgresql://user:password@db.example.com:5432/name"},
        ("postgres", "mysql", "mariadb", "mssql", "sqlserver", "oracle", "snowflake", "database"),
        {"mysql": (), "postgres": ()},
    ),
    ConnectionType("API key", {"api_key": "example-api-key"}, ("api_key", "apikey", "custom_api")),
)


def type_of(app_type: str) -> ConnectionType | None:
    """Return the kind of a connection by its app type; None where nothing is known."""
    wanted = app_type.lower()
    return next((each for each in TYPES if any(word in wanted for word in each.words)), None)


def example_keys(app_type: str) -> tuple[str, ...]:
    """Return the keys that a connection of a type usually has; none where nothing is known of it."""
    found = type_of(app_type)
    return tuple(found.example) if found else ()


def documented_keys(app_type: str) -> tuple[str, ...] | None:
    """Return all keys of a connection; None where they are not documented in full."""
    found = next((each for each in TYPES if app_type in each.documented), None)
    return (*found.example, *found.documented[app_type]) if found else None
