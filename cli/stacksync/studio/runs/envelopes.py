"""The bodies that the platform sends to a module, with the ids of a workflow that is made up."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from stacksync.studio.connections.saved import Saved

# Stable, so that a module which keeps something by them finds it again in the next run.
WORKSPACE = "00000000-0000-4000-8000-000000000001"
WORKFLOW = "00000000-0000-4000-8000-000000000002"

Json = dict[str, Any]


def execute_body(data: Any, credentials: Mapping[str, Any], module_path: str) -> Json:
    """Return the body of `/execute`.

    Args:
        module_path: names the step: each version of a module is one of the made-up workflow.
    """
    return {
        "data": data,
        "credentials": credentials,
        "workspace_id": WORKSPACE,
        "workflow_id": WORKFLOW,
        "workflow_module_instance_id": str(uuid.uuid5(uuid.UUID(WORKFLOW), module_path)),
    }


def content_body(form_data: Any, names: Iterable[str], credentials: Mapping[str, Any]) -> Json:
    """Return the body of `/content`."""
    asked = [{"id": name} for name in names]
    return {"data": {"form_data": form_data, "content_object_names": asked}, "credentials": credentials}


def schema_body(form_data: Any, credentials: Mapping[str, Any]) -> Json:
    """Return the body of `/schema`."""
    return {"data": {"form_data": form_data}, "credentials": credentials}


def credentials_of(saved: Saved | None) -> Json:
    """Return what the platform sends for the connection chosen above a form; nothing when none is."""
    if saved is None:
        return {}

    connection = {
        "value": dict(saved.value),
        "connection_app_type": saved.app_type,
        "connection_id": saved.id,
        "rate_limiter": {},
    }
    return {"connection_data": connection, "connection_management_type": saved.management}
