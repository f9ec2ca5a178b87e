"""The CRMs that records can be created in, behind one interface."""

from collections.abc import Mapping
from typing import Any

from src.runtime import Connection, ManagedError

from .hubspot import HubSpot
from .records import Crm, Field, Outcome, Record, find_duplicates
from .salesforce import Salesforce

__all__ = ["Crm", "Field", "Outcome", "Record", "connect", "find_duplicates"]

CRMS: Mapping[str, type[HubSpot] | type[Salesforce]] = {"hubspot": HubSpot, "salesforce": Salesforce}


def connect(connection: Connection, form: Mapping[str, Any]) -> Crm:
    """Return the CRM that the connection is of; a form without the platform's connection picker has a field for it.

    Raises:
        ManagedError: It is of no CRM that this module knows, or it lacks what that CRM needs.
    """
    name = next((name for name in (connection.connection_app_type, form.get("crm")) if name in CRMS), None)
    if name is None:
        raise ManagedError.validation_error(f"Choose a connection of one of these CRMs: {', '.join(CRMS)}.")

    return CRMS[name](connection)
