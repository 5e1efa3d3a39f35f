"""RingCentral's endpoints for one company, below `/ringcentral/<company>`: what an SDK takes for its server."""

import hashlib
import inspect
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from sandbox.engine.company import Company
from sandbox.engine.directory import Extension
from sandbox.engine.errors import NotDialable
from sandbox.faces.face import Face
from sandbox.faces.ringcentral.call_log import CallLog
from sandbox.faces.ringcentral.calls import SessionCalls
from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.control import Control
from sandbox.faces.ringcentral.dialect import Dialect
from sandbox.faces.ringcentral.directory import Directory
from sandbox.faces.ringcentral.errors import ApiError, not_found
from sandbox.faces.ringcentral.gateway import Gateway
from sandbox.faces.ringcentral.grants import Grant, Grants
from sandbox.faces.ringcentral.messages import Messages
from sandbox.faces.ringcentral.notifications import Notifications
from sandbox.faces.ringcentral.oauth import OAuth
from sandbox.faces.ringcentral.operations import Operations
from sandbox.faces.ringcentral.party_calls import PartyCalls
from sandbox.faces.ringcentral.permissions import WEBSOCKETS, permission_for
from sandbox.faces.ringcentral.presence import Presence
from sandbox.faces.ringcentral.queues import CallQueues
from sandbox.faces.ringcentral.rate_limits import Group, RateLimits
from sandbox.faces.ringcentral.requests import Ask, Handler, authenticate, read_body
from sandbox.faces.ringcentral.sessions import Sessions, new_session_id
from sandbox.faces.ringcentral.subscriptions import Subscriptions
from sandbox.faces.ringcentral.websocket import WebSocketServer
from sandbox.faults import FaultState
from sandbox.outbox import Delivery, Outbox

Endpoint = Callable[[Request], Awaitable[Response]]
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class RingCentralFace(Face[Dialect, ClientApp]):
    """Wires the parts together, and stands before them: authentication, rate limits, faults, and how things are answered."""

    vendor = "ringcentral"

    def __init__(self, company: Company, faults: FaultState, outbox: Outbox, client: ClientApp) -> None:
        super().__init__(company, faults, outbox, Dialect(), client)
        self.account_id = _account_id(company)
        self.grants, self.limits = Grants(client), RateLimits(client)
        self.oauth = OAuth(company, client, self.grants, self.limits)
        self.subscriptions = Subscriptions(company, self.account_id, client, self.dialect)
        self.gateway = Gateway(company, self.subscriptions)
        self.websockets = WebSocketServer(client, self.grants, self.gateway, faults)
        self.sessions = Sessions(company, self.account_id, self.dialect)
        self.presence = Presence(self.switch, self.sessions)
        self.messages = Messages(self.switch)
        self.notifications = Notifications(
            company=company,
            dialect=self.dialect,
            subscriptions=self.subscriptions,
            sessions=self.sessions,
            presence=self.presence,
            messages=self.messages,
            outbox=outbox,
            push=self.websockets.push,
        )
        self.operations = self._make_operations()
        self._listen()

    @property
    def base_path(self) -> str:
        return f"/ringcentral/{self.company.slug}"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/restapi/oauth/authorize", self.oauth.authorize, methods=["GET", "POST"]),
            Route("/restapi/oauth/token", self._guarded(self.oauth.token), methods=["POST"]),
            Route("/restapi/oauth/revoke", self._guarded(self.oauth.revoke), methods=["POST"]),
            Route("/restapi/oauth/wstoken", self._endpoint(Group.AUTH, self._ws_token, WEBSOCKETS), methods=["POST"]),
            WebSocketRoute("/ws", self.websockets.endpoint),
            *(
                Route(
                    f"/restapi/v1.0{path}{slash}",
                    self._endpoint(group, handler, permission_for(method, path)),
                    methods=[method],
                )
                for method, path, group, handler in self.operations.table()
                for slash in ("", "/")
            ),
            Route("/{path:path}", _no_such_uri, methods=_METHODS),
        ]

    def describe(self) -> dict[str, Any]:
        """Beside the settings: each user's JWT, and the account that `~` stands for."""
        return {
            "client": {
                "credentials": {
                    "client_id": self.connection.client_id,
                    "client_secret": self.connection.client_secret,
                    "jwt": self.connection.jwt_of(next(user for user in self.company.users if user.is_admin)),
                },
                "settings": {},
            },
            "account_id": self.account_id,
            "jwts": {user.email: self.connection.jwt_of(user) for user in self.company.users},
            "subscriptions": [
                {
                    "id": each.id,
                    "owner": each.owner.user.email,
                    "transport": each.transport,
                    "event_filters": [one.text for one in each.filters],
                    "callback_url": each.origin,
                    "status": "Active" if each.blacklisted_at is None else "Blacklisted",
                    "expires_at": each.expires_at,
                }
                for each in self.subscriptions.all.values()
            ],
        }

    def controls(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {
            "blacklist-subscriptions": lambda _: {"blacklisted": self._blacklist_all()},
            "drop-websockets": lambda _: {"dropped": self.websockets.drop_all()},
            "receive-message": self._receive_message,
            "tell-status": self._tell_status,
        }

    def expire_tokens(self) -> int:
        return self.grants.expire()

    def revoke_grants(self) -> int:
        """Their WebSocket connections go with them; WebHook subscriptions stay."""
        self.websockets.drop_all(forget=True)
        return self.grants.revoke()

    def drop_subscriptions(self) -> int:
        dropped = list(self.subscriptions.all.values())
        for each in dropped:
            self.subscriptions.remove(each)
        return len(dropped)

    def reset(self) -> None:
        self.websockets.drop_all(forget=True)
        self.grants.revoke()
        self.subscriptions.all.clear()
        self.messages.texts.clear()
        for part in (self.limits, self.sessions, self.presence):
            part.reset()
        super().reset()

    def _make_operations(self) -> Operations:
        control = Control(self.switch, self.sessions, self.dialect)
        calls = SessionCalls(control)
        return Operations(
            calls=calls,
            parties=PartyCalls(control, calls, self.notifications),
            subscriptions=self.subscriptions,
            notifications=self.notifications,
            directory=Directory(self.company),
            queues=CallQueues(self.switch),
            presence=self.presence,
            call_log=CallLog(self.switch, self.sessions, self.connection),
            messages=self.messages,
        )

    def _listen(self) -> None:
        self.company.listeners.append(self.notifications.on_call)
        self.company.line_listeners.append(self.notifications.on_line)
        self.company.make_call_id = new_session_id
        self.messages.received.append(self.notifications.tell_message)
        self.subscriptions.ended.append(self.outbox.cancel)
        self.outbox.given_up.append(self._give_up)

    def _endpoint(self, group: Group, handler: Handler, permission: str | None) -> Endpoint:
        """The handler behind authentication, its group's rate limit, and the permission that it takes."""

        async def endpoint(request: Request) -> Response:
            grant = authenticate(request, self.grants)
            headers = self.limits.count(grant.user.email, group)
            self.connection.require(permission)
            result = handler(await self._ask(request, grant))
            response = self._answer(await result if inspect.isawaitable(result) else result)
            response.headers.update(headers)
            return response

        return self._guarded(endpoint)

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint behind the faults; what it refuses is answered as RingCentral does."""

        async def guarded(request: Request) -> Response:
            try:
                await self._fail()
                response = await endpoint(request)
            except ApiError as error:
                response = error.answer()
            response.headers["RCRequestId"] = str(uuid.uuid4())
            return response

        return guarded

    async def _fail(self) -> None:
        settings = self.faults.settings
        await self.faults.delay()
        if self.faults.hits(settings.rate_limited):
            raise ApiError(429, "CMN-301", "Request rate exceeded", headers={"Retry-After": "1"})
        if self.faults.hits(settings.server_errors):
            raise ApiError(503, "CMN-201", "Service Temporary Unavailable")

    async def _ask(self, request: Request, grant: Grant) -> Ask:
        path = request.path_params
        if path.get("account", "~") not in ("~", self.account_id):
            raise not_found("accountId")
        return Ask(
            grant=grant,
            extension=self._extension(path.get("extension", "~"), grant),
            account_id=self.account_id,
            server=f"{str(request.base_url).rstrip('/')}{self.base_path}",
            path=path,
            query=request.query_params,
            body={} if request.method == "GET" else await read_body(request),
        )

    def _extension(self, extension_id: str, grant: Grant) -> Extension:
        wanted = grant.user.extension_id if extension_id == "~" else extension_id
        if wanted not in self.company.extensions:
            raise not_found("extensionId")
        return self.company.extensions[wanted]

    def _answer(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        return JSONResponse(result) if result is not None else Response(status_code=self.dialect.empty_results)

    def _ws_token(self, ask: Ask) -> dict[str, Any]:
        self.gateway.server = ask.server
        return self.oauth.ws_token(ask.grant, f"{ask.server.replace('http', 'ws', 1)}/ws")

    def _give_up(self, delivery: Delivery) -> None:
        """ "RingCentral will suspend the subscription permanently"."""
        subscription = self.subscriptions.all.get(delivery.subscription_id)
        if subscription is not None:
            status = f"HTTP status is {delivery.status}" if delivery.status else "I/O operation is failed"
            subscription.blacklist(self.subscriptions.now(), status)
            self.outbox.cancel(subscription.id)

    def _blacklist_all(self) -> int:
        webhooks = [each for each in self.subscriptions.live() if each.transport == "WebHook"]
        for each in webhooks:
            each.blacklist(self.subscriptions.now(), "I/O operation is failed. Details: [Read timed out]")
            self.outbox.cancel(each.id)
        return len(webhooks)

    def _tell_status(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """One notification with any status: `call_id`, the `party`'s number, and the `status` as it shall be told."""
        session = self.sessions.find(str(fields.get("call_id")))
        number, status = fields.get("party"), fields.get("status")
        if session is None or not isinstance(number, int) or not isinstance(status, dict):
            raise NotDialable("Name a live call_id, the number of a party, and a status")
        if not 1 <= number <= len(session.parties):
            raise NotDialable(f"The call has {len(session.parties)} parties")
        change = self.sessions.pretend(session, number, status)
        self.notifications.tell_session(change)
        return {"sequence": change.sequence}

    def _receive_message(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A customer's SMS: `to` (a user's extension), `from`, `text`."""
        extension = self.company.party(str(fields.get("to", ""))).extension
        if extension is None or extension.is_dialplan:
            raise NotDialable("Text messages are received by users")
        sender = self.company.party(str(fields.get("from", "31612345678")))
        return self.messages.receive(extension, sender, str(fields.get("text", "")))


async def _no_such_uri(_: Request) -> Response:
    return ApiError(404, "CMN-120", "Invalid URI").answer()


def _account_id(company: Company) -> str:
    digest = hashlib.blake2b(f"{company.slug} account".encode(), digest_size=8).digest()
    return f"4{int.from_bytes(digest) % 10**11:011}"
