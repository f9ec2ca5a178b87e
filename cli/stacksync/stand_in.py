"""The stand-in for the API: how the process of a connector is told to be served by it."""

from pathlib import Path

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.runtime import STAND_IN_FILE, STAND_IN_SWITCH, find_stand_in


def stand_in_variables(connector: Connector, version: Path | None = None) -> dict[str, str]:
    """Return what the environment of the connector's process must hold for its API to be the stand-in.

    Args:
        connector: The connector.
        version: The version that is called, which may have a stand-in of its own.

    Raises:
        StacksyncError: None is declared, or the connector has no runtime that could serve one.
    """
    if not connector.has_runtime:
        raise StacksyncError("A stand-in needs src/runtime, which this connector does not have.")

    file = find_stand_in(connector.root, version)
    if file is None:
        tip = "declare the API in it: documentation/building_a_module.md, A stand-in for an API"
        raise StacksyncError(f"There is no {STAND_IN_FILE}.", tip)
    return {STAND_IN_SWITCH: connector.relative(file)}
