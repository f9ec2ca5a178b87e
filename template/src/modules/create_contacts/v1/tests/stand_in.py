"""HubSpot and Salesforce on this machine: a stand-in that answers as their references say."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from src.runtime.testing import StandIn

from .crms import HubSpotApi, SalesforceApi, Store

TOKEN = "made-up-access-token"
SALESFORCE = "/services/data/v64.0"


class Crms(StandIn):
    """Both CRMs; `store` holds their records."""

    def __init__(self) -> None:
        super().__init__({"access_token": TOKEN, "api_url": "${url}", "instance_url": "${url}"})
        self.store = Store()
        self.hubspot = HubSpotApi(self.store)
        self.salesforce = SalesforceApi(self.store)
        self.add_url_rule("/<path:_>", view_func=self.reply, methods=["GET", "POST"])

    def reply(self, _: str) -> ResponseReturnValue:
        """Answer one call, to the CRM whose path it has."""
        status, body = self._salesforce() if request.path.startswith(SALESFORCE) else self._hubspot()
        return jsonify(body), status

    def _hubspot(self) -> tuple[int, Any]:
        if _wrong_token():
            return 401, {"category": "INVALID_AUTHENTICATION", "message": _wrong_token()}

        return self.hubspot.reply(request.path, request.get_json(silent=True))

    def _salesforce(self) -> tuple[int, Any]:
        if _wrong_token():
            return 401, [{"errorCode": "INVALID_SESSION_ID", "message": _wrong_token()}]

        path, query = request.path.removeprefix(SALESFORCE), request.query_string.decode()
        return self.salesforce.reply(path, query, request.get_json(silent=True))


def _wrong_token() -> str:
    sent = request.headers.get("Authorization")
    return "" if sent == f"Bearer {TOKEN}" else f"The token {sent} is not valid."


api = Crms()
