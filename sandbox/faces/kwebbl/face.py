"""Kwebbl's endpoints for one company, below `/kwebbl/<company>/v100`."""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.engine.company import Company
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Role
from sandbox.faces.face import Face, Feature
from sandbox.faces.kwebbl.calls import ACTIONS, Calls
from sandbox.faces.kwebbl.client_app import ClientApp
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.directory import Directory
from sandbox.faces.kwebbl.errors import ApiError, not_found
from sandbox.faces.kwebbl.grants import Grants
from sandbox.faces.kwebbl.notifications import EVENT_TYPES, Notifications, new_event_id
from sandbox.faces.kwebbl.oauth import OAuth
from sandbox.faces.kwebbl.requests import authenticate, read_object
from sandbox.faces.kwebbl.subscriptions import Subscriptions
from sandbox.faults import FaultState
from sandbox.outbox import Outbox

Endpoint = Callable[[Request], Awaitable[Response]]


class KwebblFace(Face[Dialect, ClientApp]):
    """Wires the parts together; each route reads its request, asks one part, and answers."""

    vendor = "kwebbl"
    features = frozenset[Feature]()

    def __init__(self, company: Company, faults: FaultState, outbox: Outbox, client: ClientApp) -> None:
        super().__init__(company, faults, outbox, Dialect(), client)
        self.grants = Grants(client)
        self.subscriptions = Subscriptions(self.dialect)
        self.directory = Directory(company, self.dialect)
        self.calls = Calls(self.switch, self.dialect)
        self.oauth = OAuth(company, client, self.grants, self.dialect)
        self.notifications = Notifications(self.dialect)
        company.listeners.append(self.notify)
        company.make_call_id = self._call_id

    @property
    def base_path(self) -> str:
        return f"/kwebbl/{self.company.slug}/v100"

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/token", self.oauth.token),
            ("GET", "/extensions", self._list_extensions),
            ("GET", "/extensions/{id}", self._get_extension),
            ("GET", "/extensions/{id}/multiple_caller_ids", self._list_caller_ids),
            ("PUT", "/extensions/{id}/caller_id", self._set_caller_id),
            ("GET", "/subscriptions", self._list_subscriptions),
            ("POST", "/subscriptions", self._create_subscription),
            ("GET", "/subscriptions/{id}", self._get_subscription),
            ("DELETE", "/subscriptions/{id}", self._delete_subscription),
            ("POST", "/calls", self._place_call),
            ("POST", "/calls/{id}/{action}", self._act_on_call),
        ]
        routes: list[BaseRoute] = [Route("/authorize", self.oauth.authorize, methods=["GET", "POST"])]
        return routes + [Route(path, self._guarded(endpoint), methods=[method]) for method, path, endpoint in table]

    def describe(self) -> dict[str, Any]:
        return {
            "client": {
                "credentials": {"client_id": self.connection.client_id, "client_secret": self.connection.client_secret},
                "settings": {},
            },
            "subscriptions": [
                each.render() | {"callback_url": each.callback_origin} for each in self.subscriptions.all.values()
            ],
        }

    def expire_tokens(self) -> int:
        return self.grants.expire()

    def revoke_grants(self) -> int:
        return self.grants.revoke()

    def drop_subscriptions(self) -> int:
        count = len(self.subscriptions.all)
        for subscription_id in self.subscriptions.all:
            self.outbox.cancel(subscription_id)
        self.subscriptions.all.clear()
        return count

    def reset(self) -> None:
        self.grants.revoke()
        self.subscriptions.all.clear()
        super().reset()

    def notify(self, event: EngineEvent) -> None:
        """Queues the event for every subscription that wants it; all see the same event id.

        Kwebbl knows nothing of supervisors, and not every kind of event.
        """
        if event.kind not in EVENT_TYPES or (event.leg is not None and event.leg.role is Role.SUPERVISOR):
            return
        if not self.dialect.consultation_leg and (event.call.consultation_for or event.kind is Kind.BRIDGED):
            return
        event_id, event_type = new_event_id(), EVENT_TYPES[event.kind]
        bodies: dict[bool, bytes] = {}
        for subscription in self.subscriptions.all.values():
            if not subscription.wants(event_type, event.involved):
                continue
            presence = subscription.mode == "presence"
            if presence not in bodies:
                body = self.notifications.render(event, event_id, presence=presence)
                bodies[presence] = json.dumps(body, separators=(",", ":")).encode()
            self.outbox.put(
                subscription_id=subscription.id,
                url=subscription.callback_url,
                call_id=event.call.id,
                event_id=event_id,
                event_type=event_type,
                body=bodies[presence],
            )

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint behind the faults."""

        async def guarded(request: Request) -> Response:
            await self._fail()
            return await endpoint(request)

        return guarded

    async def _fail(self) -> None:
        settings = self.faults.settings
        await self.faults.delay()
        if self.faults.hits(settings.rate_limited):
            raise ApiError(429, None, "Too many requests", {"Retry-After": "1"})
        if self.faults.hits(settings.server_errors):
            raise ApiError(500, "server_error", "The server encountered an unexpected error")

    def _call_id(self) -> str:
        """32 hex digits by the table's pattern, or as short as in the examples (`4a2bcad2-c4b9e70a`)."""
        value = uuid.uuid4().hex
        return f"{value[:8]}-{value[8:16]}" if self.dialect.call_ids == "short" else value

    async def _list_extensions(self, request: Request) -> Response:
        return JSONResponse(self.directory.visible(authenticate(request, self.grants)))

    async def _get_extension(self, request: Request) -> Response:
        extension = self.directory.get(authenticate(request, self.grants), request.path_params["id"])
        return JSONResponse(self.directory.render(extension))

    async def _list_caller_ids(self, request: Request) -> Response:
        extension = self.directory.get(authenticate(request, self.grants), request.path_params["id"])
        return JSONResponse(self.directory.caller_ids(extension))

    async def _set_caller_id(self, request: Request) -> Response:
        grant = authenticate(request, self.grants)
        extension = self.directory.get(grant, request.path_params["id"])
        body = await read_object(request)
        return JSONResponse(self.directory.set_caller_id(grant, extension, body.get("caller_id")))

    async def _list_subscriptions(self, request: Request) -> Response:
        """The list still says `events`, as its example does (renamed in revision 16 elsewhere)."""
        visible = self.subscriptions.visible(authenticate(request, self.grants))
        return JSONResponse([each.render("events") for each in visible])

    async def _get_subscription(self, request: Request) -> Response:
        grant = authenticate(request, self.grants)
        return JSONResponse(self.subscriptions.get(grant, request.path_params["id"]).render())

    async def _create_subscription(self, request: Request) -> Response:
        grant = authenticate(request, self.grants)
        return JSONResponse(self.subscriptions.create(grant, await read_object(request)).render(), 201)

    async def _delete_subscription(self, request: Request) -> Response:
        subscription = self.subscriptions.get(authenticate(request, self.grants), request.path_params["id"])
        del self.subscriptions.all[subscription.id]
        self.outbox.cancel(subscription.id)
        return JSONResponse({"ok": True})

    async def _place_call(self, request: Request) -> Response:
        call = self.calls.place(authenticate(request, self.grants), await read_object(request))
        if self.dialect.originate_body == "call_id":
            return JSONResponse({"call_id": call.id}, 202)
        return Response(status_code=202)

    async def _act_on_call(self, request: Request) -> Response:
        grant = authenticate(request, self.grants)
        action = request.path_params["action"]
        if action not in ACTIONS:
            raise not_found("There is no such action")
        body = await read_object(request) if action == "transfer" else {}
        self.calls.act(grant, request.path_params["id"], action, body)
        return Response(status_code=202)
