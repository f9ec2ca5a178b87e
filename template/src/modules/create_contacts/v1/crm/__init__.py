"""The CRMs that records can be created in, behind one interface."""

from collections.abc import Mapping
from typing import Any

from src.runtime import ManagedError

from .duplicates import find_duplicates
from .hubspot import HubSpot
from .records import Crm, Outcome, Record
from .salesforce import Salesforce

__all__ = ["Crm", "Outcome", "Record", "connect", "find_duplicates"]

CRMS: Mapping[str, type[HubSpot] | type[Salesforce]] = {"hubspot": HubSpot, "salesforce": Salesforce}


def connect(name: str, connection: Mapping[str, Any], timeout: float) -> Crm:
    """Return the CRM called `name`, reached with the values of the connection.

    Raises:
        ManagedError: There is no such CRM, or the connection lacks what it needs.
    """
    if name not in CRMS:
        raise ManagedError.validation_error(f"Choose a CRM: {' or '.join(CRMS)}.")

    return CRMS[name](connection, timeout)
