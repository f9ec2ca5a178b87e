"""A CRM for each test."""

from collections.abc import Iterator

import pytest

from .upstream import CrmServer


@pytest.fixture
def crm() -> Iterator[CrmServer]:
    """Serve HubSpot and Salesforce."""
    server = CrmServer()
    yield server
    server.close()
