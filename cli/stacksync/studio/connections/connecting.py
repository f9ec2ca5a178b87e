"""A connection made from the command line: of what is given, of what is asked for, or of a login in the browser."""

from dataclasses import replace
from typing import TYPE_CHECKING

from stacksync.connector import Connector
from stacksync.errors import UsageError
from stacksync.invocation import prompts
from stacksync.studio.connections import storing
from stacksync.studio.connections.fields import ConnectionField, keys_of
from stacksync.studio.connections.saved import Connections, Saved
from stacksync.studio.connections.storing import Wanted
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.oauth.tokens import Client


def given(wanted: Wanted, from_file: str | None, from_env: list[str]) -> Saved:
    """Return a connection with what a file and the environment give, or with what is asked for.

    Raises:
        UsageError: What is given cannot be used, or nobody can be asked.
    """
    of_file = storing.read_file(from_file) if from_file is not None else {}
    of_env = storing.read_variables(from_env)
    saved = wanted.saved((*of_file, *of_env)) if wanted.app_type or of_file or of_env else _chosen(wanted)
    storing.require_known_keys(saved.app_type, of_file, f"--from-file {from_file}")
    storing.require_known_keys(saved.app_type, of_env, "--from-env")
    return replace(saved, value={**of_file, **of_env} or _asked(wanted.connector, saved.app_type))


def _chosen(wanted: Wanted) -> Saved:
    """Return a connection of the type that somebody chooses, unless the forms ask for one alone."""
    likely, known = wanted.saved(), list(dict.fromkeys(storing.app_types(wanted.connector)))
    if wanted.former or len(known) == 1 or not prompts.can_ask():
        return likely
    if not known:
        typed = prompts.text(prompts.Asked(f"Type (Enter for {likely.app_type})")).strip()
        return replace(likely, app_type=typed or likely.app_type)

    choices = [(each, each) for each in known]
    return replace(likely, app_type=str(prompts.choose(prompts.Asked("Type"), choices, likely.app_type)))


def _asked(connector: Connector, app_type: str) -> dict[str, str]:
    known = keys_of(connector.root, app_type)
    if not prompts.can_ask():
        tip = f"the fields of {app_type} are {', '.join(known) or 'what your API needs'}"
        raise UsageError("There is no terminal to ask for the values on: use --from-file or --from-env.", tip)

    def value(key: str) -> str:
        if ConnectionField(key).is_secret:
            return prompts.password(prompts.Asked(f"{key} (not shown; Enter leaves it out)"))
        return prompts.text(prompts.Asked(f"{key} (Enter leaves it out)"))

    return storing.ask_fields(known, value, lambda: prompts.text(prompts.Asked("Field (Enter ends)")).strip())


def log_in(wanted: Wanted, connections: Connections, redirect: str | None, wait: int) -> tuple[Saved, list[str]]:
    """Let somebody log in, save the connection, and return it with what there is to know of it.

    Raises:
        StacksyncError: The login is not declared, is refused, or takes too long.
    """
    from stacksync.oauth.provider import read_provider
    from stacksync.studio.connections.logging_in import known_client, logging_in

    provider = read_provider(connections.root)
    provider = replace(provider, redirect_url=redirect or provider.redirect_url)
    client = known_client(connections.root, wanted.former) or _asked_client(provider.client_auth)
    with logging_in(connections, provider, client, wanted.saved()) as login:
        say(f"The redirect to register at {provider.host}, if it is not yet: {login.redirect}", err=True)
        if provider.token_host != provider.host:
            say(f"The token, and the client's secret, are for {provider.token_host}.", err=True)
        say(f"Log in within {wait} seconds: {login.address}", err=True)
        _open(login.address)
        done = login.finish(wait)
    return done.saved, done.notes


def _asked_client(client_auth: str) -> "Client":
    from stacksync.dev.environment.dot_env import CLIENT_ID, CLIENT_SECRET
    from stacksync.oauth.provider import NONE
    from stacksync.oauth.tokens import Client

    if not prompts.can_ask():
        names = CLIENT_ID if client_auth == NONE else f"{CLIENT_ID} and {CLIENT_SECRET}"
        raise UsageError("There is no client id, and no terminal to ask for it on.", f"set {names} in .env")

    identity = prompts.text(
        prompts.Asked("Client id", validate=lambda text: bool(text.strip()) or "As the provider has it.")
    )
    secret = "" if client_auth == NONE else prompts.password(prompts.Asked("Client secret (not shown)"))
    return Client(identity.strip(), secret.strip())


def _open(address: str) -> None:
    """Open a browser for whoever sits at the terminal."""

    if prompts.can_ask():
        import webbrowser

        webbrowser.open(address)  # where there is none, the address is on the terminal
