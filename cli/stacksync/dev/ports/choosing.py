"""The ports of `stacksync dev`: whether the next free one may be taken when the wanted one is in use."""

from collections.abc import Callable

from stacksync.connector import Connector
from stacksync.dev.ports.listening import Listener, configured_port, listen
from stacksync.errors import StacksyncError

STUDIO_PORT = 2100


def listen_for_connector(connector: Connector, wanted: int | None, ask: Callable[[str], bool] | None) -> Listener:
    """Listen where the connector is to answer.

    Args:
        connector: Says which port it has where none is wanted.
        wanted: The port that was asked for; no other will do then.
        ask: Puts a question to the user, where there is one; otherwise no other port will do.

    Raises:
        StacksyncError: The port is in use.
    """
    listener = listen(configured_port(connector) if wanted is None else wanted)
    if not listener.is_other:
        return listener

    if wanted is None and ask and ask(f"{_in_use(listener)} Use {listener.port}?"):
        return listener
    raise _refused(listener, "--port")


def listen_for_studio(wanted: int | None) -> Listener:
    """Listen where the page is to be served: anywhere near will do, unless a port was asked for.

    Raises:
        StacksyncError: The port that was asked for is in use.
    """
    listener = listen(STUDIO_PORT if wanted is None else wanted)
    if listener.is_other and wanted is not None:
        raise _refused(listener, "--studio-port")

    return listener


def _refused(listener: Listener, option: str) -> StacksyncError:
    with listener.socket:
        return StacksyncError(_in_use(listener), f"stop that, or take the next free one: {option} {listener.port}")


def _in_use(listener: Listener) -> str:
    by = f" by {listener.owner}" if listener.owner else ""
    return f"Port {listener.wanted} is in use{by}."
