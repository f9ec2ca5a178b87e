"""One login: the address where somebody logs in, and what becomes of the provider's answer."""

import hmac
from threading import Event

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from stacksync.errors import StacksyncError
from stacksync.oauth.provider import NONE, Provider
from stacksync.oauth.redirect import Parameters, Redirect
from stacksync.oauth.tokens import Client, Grant, exchange
from stacksync.terminal import in_one_line

WAIT = 300  # seconds: enough to look up a password and a second factor


class Login:
    """A login that waits for its answer while the block runs.

    Args:
        provider: Where users log in.
        client: The connector as the provider knows it.

    Raises:
        StacksyncError: The redirect cannot be listened at, or the client lacks its secret.
    """

    def __init__(self, provider: Provider, client: Client) -> None:
        if provider.client_auth != NONE and not client.secret:
            raise StacksyncError(f"CLIENT_AUTH is {provider.client_auth}, and there is no client secret.", _SECRET)

        self.provider, self.client = provider, client
        # RFC 7636, section 4.1: 43 to 128 letters. Both are known to this process alone.
        self._verifier, self._state = generate_token(64), generate_token(48)
        self._redirect = Redirect(provider.redirect_url, self._take)

    @property
    def redirect(self) -> str:
        """The address to be registered at the provider."""
        return self._redirect.address

    @property
    def address(self) -> str:
        """The address where somebody logs in."""
        scope = " ".join(self.provider.scopes) or None
        with OAuth2Session(
            self.client.id, scope=scope, redirect_uri=self.redirect, code_challenge_method="S256"
        ) as session:
            url, _ = session.create_authorization_url(
                self.provider.authorize_url,
                state=self._state,
                code_verifier=self._verifier,
                **self.provider.parameters,
            )
        return str(url)

    def __enter__(self) -> "Login":
        self._redirect.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._redirect.__exit__()

    def wait(self, seconds: float = WAIT, stop: Event | None = None) -> Grant:
        """Wait until somebody has logged in.

        Raises:
            StacksyncError: It was refused or given up, or took too long.
        """
        return self._redirect.wait(seconds, stop or Event())

    def _take(self, answer: Parameters) -> Grant:
        """Turn the one answer into tokens.

        Raises:
            StacksyncError: It is not the answer to this login, or the provider refuses.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), self._state.encode()):
            raise StacksyncError("The answer is not one to this login: its state is another.", _AGAIN)
        if "error" in answer:
            reason = ": ".join(filter(None, (answer["error"], answer.get("error_description"))))
            raise StacksyncError(f"{self.provider.host} refused the login: {in_one_line(reason)[:300].rstrip('.')}.")
        if not answer.get("code"):
            raise StacksyncError(f"{self.provider.host} sent no code.", _AGAIN)

        return exchange(self.provider, self.client, answer["code"], self._verifier, self.redirect)


_AGAIN = "nothing was saved; begin again, and open only the address that is shown"
_SECRET = 'set it in .env, or declare CLIENT_AUTH = "none" for a client that has none'
