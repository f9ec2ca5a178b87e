"""Everything that runs while `stacksync dev` does: the connector, Studio and a tunnel, begun and ended together."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from stacksync import interrupts
from stacksync.connector import Connector
from stacksync.dev.docker import container
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.events import Event
from stacksync.dev.keyboard import typing
from stacksync.dev.ports.listening import Listener
from stacksync.dev.processes.supervisor import Supervisor
from stacksync.dev.session import DevSession
from stacksync.dev.tunnel import Program, tunnel
from stacksync.errors import StacksyncError

# How long the main thread waits at once: on Windows Ctrl-C is noticed only in between.
_PAUSE = 0.5


@dataclass(frozen=True)
class Plan:
    """What is to run.

    Args:
        connector: The connector.
        listener: Where it answers.
        interpreter: What it runs with; None for Docker.
        build: With Docker: make the image anew.
        studio: Where the page is served; None for no page.
        tunnel: What makes a public address; None for none.
    """

    connector: Connector
    listener: Listener
    interpreter: Interpreter | None = None
    build: bool = False
    studio: Listener | None = None
    tunnel: Program | None = None


@contextmanager
def running(plan: Plan) -> Iterator[DevSession]:
    """Run it all while the block runs."""
    session = DevSession(plan.connector, plan.listener.address, interpreter=plan.interpreter)
    with ExitStack() as stack:
        try:
            _start(plan, session, stack)
            yield session
        finally:
            interrupts.hold()  # a second Ctrl-C must not leave behind what the first one ends


def _start(plan: Plan, session: DevSession, stack: ExitStack) -> None:
    for listener in filter(None, (plan.listener, plan.studio)):
        stack.enter_context(listener.socket)
    stack.callback(session.events.close)
    stack.enter_context(typing(session.keyboard))
    if plan.interpreter:
        stack.enter_context(Supervisor(session, plan.interpreter.python, plan.listener))
    else:
        plan.listener.socket.close()
        stack.enter_context(container(session, build=plan.build))
    if plan.studio:
        from stacksync.studio.serving import serve  # with Flask, which nothing else here needs

        stack.enter_context(serve(session, plan.studio.socket))
    if plan.tunnel:
        stack.enter_context(tunnel(plan.tunnel, session))


def follow(session: DevSession) -> Iterator[Event]:
    """Yield what happens, as long as the connector runs.

    Raises:
        StacksyncError: It has stopped, and nobody told it to.
    """
    last = 0
    while not session.events.closed:
        for event in session.events.wait(last, _PAUSE):
            last = event.id
            yield event

    yield from session.events.since(last)
    reason = session.state["reason"]
    raise StacksyncError(f"The connector has stopped{': ' if reason else ''}{reason}.")
