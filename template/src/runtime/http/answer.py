"""What a session gets back: requests' own response, whose JSON is the service's responsibility."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import requests

from .faults import service_error


class Answer(requests.Response):
    """A response that tells whose fault it is when it holds no JSON: not the caller's, as a ValueError would."""

    def __init__(self, received: requests.Response, secrets: Iterable[str]) -> None:
        super().__init__()
        vars(self).update(vars(received))
        self.secrets = tuple(secrets)

    def json(self, **kwargs: Any) -> Any:
        """Return the body, read as JSON.

        Raises:
            ManagedError: It is something else (502).
        """
        try:
            return super().json(**kwargs)
        except (ValueError, RecursionError):
            what = f"answered {self.status_code} with something that is not JSON"
            error = service_error(self.request, what, self.secrets)
            error.metadata["status"] = self.status_code
            raise error from None
