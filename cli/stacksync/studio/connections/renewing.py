"""Access tokens of OAuth logins, renewed before they are sent: once, however many runs begin at the same time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from stacksync.errors import StacksyncError
from stacksync.masking import texts_of
from stacksync.runtime import documented_keys
from stacksync.studio.connections.saved import Connections, Renewal, Saved

if TYPE_CHECKING:
    from stacksync.oauth.tokens import Client, Grant

OF_TOKEN = ("access_token", "token_type", "expiration_time")
MARGIN = timedelta(seconds=60)  # a run that begins now has to arrive at the API with it


def renew_chosen(connections: Connections, *chosen: Any) -> None:
    """Renew the connections that an input chooses, where their tokens have expired.

    Args:
        connections: The saved ones.
        chosen: What is filled in: ids stand anywhere in it.

    Raises:
        StacksyncError: One has expired and cannot be renewed.
    """
    ids = set(texts_of(list(chosen)))
    for each in connections.all():
        if each.id in ids:
            renewed(connections, each)


def renewed(connections: Connections, saved: Saved) -> Saved:
    """Return a connection whose access token can be sent: a login that has expired is renewed.

    Raises:
        StacksyncError: It has expired and cannot be renewed.
    """
    if connections.is_stand_in or not _has_expired(saved):
        return saved

    # Most providers take a refresh token once, and end the whole login when they see it again.
    with connections.lock("renewal"):
        saved = connections.get(saved.id) or saved
        return _renew(connections, saved) if _has_expired(saved) else saved


def _has_expired(saved: Saved) -> bool:
    if saved.renewal is None:
        return False
    try:
        ends = datetime.strptime(str(saved.value.get("expiration_time")), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False
    return ends.replace(tzinfo=timezone.utc) - MARGIN <= datetime.now(timezone.utc)


def _renew(connections: Connections, saved: Saved) -> Saved:
    from stacksync.oauth.provider import read_provider
    from stacksync.oauth.tokens import Client, refresh

    held = saved.renewal
    again = f"log in again: stacksync connect {saved.name} --oauth"
    if held is None or not held.refresh_token:
        raise StacksyncError(f"The login of {saved.name} has expired, and it has no refresh token.", again)

    client = Client(held.client_id, held.client_secret)
    try:
        grant = refresh(read_provider(connections.root), client, held.refresh_token, held.scopes)
    except StacksyncError as error:
        raise StacksyncError(f"The login of {saved.name} has expired and was not renewed. {error}", again) from None
    done = connections.change(saved.id, lambda each: with_grant(each, client, grant))
    if done is None:
        raise StacksyncError(f"The connection {saved.name} was removed meanwhile.")
    return done


def with_grant(saved: Saved, client: "Client", grant: "Grant") -> Saved:
    """Return a connection with what a provider gave for it.

    Modules get what the platform gives them: the three values of every token, and what is documented for the type.
    """
    documented = [key for key in documented_keys(saved.app_type) or () if key not in OF_TOKEN]
    besides = {key: str(grant.answer[key]) for key in documented if key in grant.answer}
    kept = {key: inner for key, inner in saved.value.items() if key not in OF_TOKEN}
    refresh_token = grant.refresh_token or (saved.renewal.refresh_token if saved.renewal else None)
    renewal = Renewal(client.id, client.secret, refresh_token, grant.scopes)
    value: Mapping[str, Any] = {**grant.value, **kept, **besides}
    return replace(saved, value=value, renewal=renewal)


def notes_on(grant: "Grant", asked: Iterable[str]) -> list[str]:
    """Return what somebody should know of a login."""
    notes = []
    if missing := grant.missing(tuple(asked)):
        notes.append(f"less was granted than asked for: {', '.join(missing)} is missing")
    if grant.refresh_token is None and "expiration_time" in grant.value:
        notes.append(f"there is no refresh token: it ends at {grant.value['expiration_time']}, then log in again")
    return notes
