"""A module in the style of the platform's guides, and the API that it calls: those that our own guide builds.

Its dropdowns cascade from the connection to a workspace to an object, and the object brings the fields of its records.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.runtime.testing.stand_in import serving
from tests.guides.pages import guide, read_blocks

GUIDE = "connections"
MODULE = "create_records/v1"
APP_TYPE = "generic_api_credentials"


@dataclass(frozen=True)
class SampleApi:
    """The API, with the workspaces `sales` (customers and orders) and `support` (customers)."""

    url: str
    key: str

    @property
    def connection(self) -> dict[str, str]:
        """Return what a connection to it holds."""
        return {"url": self.url, "api_key": self.key}

    @property
    def credentials(self) -> dict[str, Any]:
        """Return the envelope's part for such a connection."""
        chosen = {"connection_app_type": APP_TYPE, "connection_id": "c-1", "rate_limiter": {}}
        return {"connection_data": {"value": self.connection, **chosen}, "connection_management_type": "managed"}


def write_sample(connector: Path) -> Path:
    """Write the module that the guide builds into a connector; return its folder."""
    for block in read_blocks(guide(GUIDE)):
        if block.file and block.file.startswith(f"src/modules/{MODULE}/"):
            file = connector / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
    return connector / "src/modules" / MODULE


@contextmanager
def sample_api(module: Path) -> Iterator[SampleApi]:
    """Serve the API that the guide writes into the module's tests, on a port of this machine."""
    with serving(module / "tests/stand_in.py") as api:
        yield SampleApi(api.url, api.connection["api_key"])
