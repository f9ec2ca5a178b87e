"""Trying a connection: the call that the connector declares for it, made in the connector's own process."""

from collections.abc import Callable
from dataclasses import dataclass

from stacksync.connector import Connector
from stacksync.dev.environment.dot_env import secret_values
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.processes.loaded import loaded_connector
from stacksync.dev.processes.worker import Message, how_it_ended
from stacksync.errors import StacksyncError
from stacksync.masking import mask
from stacksync.studio.connections.fields import CLIENT
from stacksync.studio.connections.renewing import renewed
from stacksync.studio.connections.saved import Connections, Saved

WORKS = "It works."


@dataclass(frozen=True)
class Outcome:
    """How a call with a connection went.

    Args:
        works: Whether the API took it.
        said: What the connector says of the answer, or the API's reason.
    """

    works: bool
    said: str


def try_connection(
    connector: Connector, interpreter: Interpreter, saved: Saved, hear: Callable[[str], object] = lambda line: None
) -> Outcome:
    """Call the API with a connection.

    Args:
        hear: Is called with each line that the connector writes, secrets masked.

    Raises:
        StacksyncError: The connector does not load, or declares no such call; or a login has expired for good.
    """
    if not (connector.root / CLIENT).is_file():
        raise StacksyncError(f"There is no {CLIENT}, which would call the API.")

    connections = Connections(connector.root)
    saved = renewed(connections, saved)
    secrets = {*connections.secrets(), *saved.secrets(), *secret_values(connector.root)}

    def take(message: Message) -> None:
        if message.kind == "log":
            hear(mask(message.data["line"], secrets))

    with loaded_connector(connector, interpreter, take) as loaded:
        if loaded.ended is not None:
            raise StacksyncError(f"The connector was not loaded: {how_it_ended(loaded.ended)}.")
        if not loaded.report["serves"]:
            raise StacksyncError(f"The connector was not loaded: {'; '.join(dict(loaded.problems).values())}")
        works, said = loaded.check_connection(saved.value)
    return Outcome(works, mask(said, secrets) or WORKS)
