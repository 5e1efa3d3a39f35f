"""The REST requests that may come through a WebSocket: those about its subscription."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.company import Company
from sandbox.faces.ringcentral.errors import ApiError, invalid
from sandbox.faces.ringcentral.grants import Grant
from sandbox.faces.ringcentral.requests import Ask
from sandbox.faces.ringcentral.subscriptions import Subscription, Subscriptions

_PATH = re.compile(r"/restapi/v1\.0/subscription(?:/(?P<id>[^/?]+)(?P<renew>/renew)?)?/?")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: status, body, and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Gateway:
    """Lets a connection manage its one subscription."""

    def __init__(self, company: Company, subscriptions: Subscriptions) -> None:
        self.company = company
        self.subscriptions = subscriptions
        self.server = ""

    async def request(self, grant: Grant, connection_id: str, method: str, path: str, body: Any) -> Reply:
        """Never raises: an error is a reply too."""
        try:
            return await self._request(grant, connection_id, method, path, body)
        except ApiError as error:
            return Reply(error.status, error.body)

    def hang_up(self, connection_id: str) -> None:
        """The connection is gone for good, and what was subscribed on it."""
        for each in list(self.subscriptions.all.values()):
            if each.connection == connection_id:
                self.subscriptions.remove(each)

    async def _request(self, grant: Grant, connection_id: str, method: str, path: str, body: Any) -> Reply:
        match_ = _PATH.fullmatch(path)
        if match_ is None:
            raise ApiError(404, "CMN-120", "Invalid URI")
        if not isinstance(body, dict):
            raise invalid("body")
        own = self.company.extensions[grant.user.extension_id]
        ask = Ask(
            grant, own, self.subscriptions.account_id, self.server, path={"subscription": match_["id"] or ""}, body=body
        )
        match method, match_["id"], match_["renew"]:
            case "POST", None, None:
                return self._show(await self.subscriptions.create(ask, connection_id))
            case "GET", str(), None:
                return self._show(self.subscriptions.get(ask))
            case "PUT", str(), None:
                return self._show(await self.subscriptions.update(ask))
            case "POST", str(), str():
                return self._show(self.subscriptions.renew(self.subscriptions.get(ask)))
            case "DELETE", str(), None:
                self.subscriptions.remove(self.subscriptions.get(ask))
                return Reply(204)
        raise ApiError(405, "CMN-111", f"Method [{method}] is not allowed")

    def _show(self, subscription: Subscription) -> Reply:
        body = self.subscriptions.render(subscription, self.server)
        return Reply(200, body, {"WSG-SubscriptionId": subscription.id})
