"""Send a campaign."""

import logging

from src.runtime import Choice, Module, Request, Response

module = Module(__name__)
logger = logging.getLogger(__name__)


@module.execute
def execute(request: Request) -> Response:
    """Send it."""
    logger.info("sending a campaign")
    sent = {"campaign": request.data["name"], "audience": request.data["audience"]["id"], "recipients": 1284}
    return Response(data=sent, metadata={"affected_records": 1284})


@module.content("audiences")
def audiences(request: Request) -> list[Choice]:
    """List the audiences of a channel."""
    channel = request.form_data["channel"]
    return [Choice({"id": f"{channel}-{name.lower()}", "label": name}, name) for name in ("Customers", "Newsletter")]
