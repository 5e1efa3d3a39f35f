"""The control API under `/_control/`. See README.md for the list; every body and every answer is JSON."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.console import calls, office
from sandbox.console.fields import ControlError, Fields, update
from sandbox.console.view import count_deliveries, show_delivery, show_pbx
from sandbox.pbx import Pbx

Handler = Callable[[Pbx, Fields], Awaitable[Any] | Any]
_LEDGER_PAGE = 5000


class Control:
    """Routes to handlers of `(pbx, fields)`; what they return is the answer's JSON."""

    def __init__(self, pbxes: dict[str, Pbx]) -> None:
        self.pbxes = pbxes

    def routes(self) -> list[BaseRoute]:
        company = "/companies/{company}"
        return [
            Route("/companies", self.list_companies),
            Route("/reset", self.reset_all, methods=["POST"]),
            Route(company, self.get_company),
            *(Route(company + path, self.endpoint(handler)) for path, handler in GETS.items()),
            *(Route(company + path, self.endpoint(handler), methods=["POST"]) for path, handler in POSTS.items()),
            *(Route(company + path, self.endpoint(handler), methods=["PATCH"]) for path, handler in PATCHES.items()),
        ]

    async def list_companies(self, request: Request) -> Response:
        return JSONResponse([show_pbx(pbx, base_url=str(request.base_url)) for pbx in self.pbxes.values()])

    async def get_company(self, request: Request) -> Response:
        return JSONResponse(show_pbx(self.pbx(request), base_url=str(request.base_url)))

    async def reset_all(self, request: Request) -> Response:
        await Fields.read(request)
        for pbx in self.pbxes.values():
            await pbx.reset()
        return JSONResponse({"reset": list(self.pbxes)})

    def endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            answer = handler(self.pbx(request), await Fields.read(request))
            return JSONResponse(await answer if asyncio.iscoroutine(answer) else answer)

        return endpoint

    def pbx(self, request: Request) -> Pbx:
        try:
            return self.pbxes[request.path_params["company"]]
        except KeyError:
            raise HTTPException(404, "There is no such company") from None


def ledger(pbx: Pbx, fields: Fields) -> Any:
    """Deliveries after `?after=<sequence>`, at most `?limit=`, or the `?newest=` ones; oldest first, with the counts of all."""
    if newest := int(fields.number("newest", 0)):
        found = list(islice(reversed(pbx.outbox.ledger), newest))[::-1]
    else:
        after, limit = int(fields.number("after", 0)), int(fields.number("limit", _LEDGER_PAGE))
        found = list(islice((each for each in pbx.outbox.ledger if each.sequence > after), limit))
    return {"counts": count_deliveries(pbx), "deliveries": [show_delivery(each) for each in found]}


def settings(name: str) -> Handler:
    """Changes the named fields of one group of settings and answers them all."""

    def change(pbx: Pbx, fields: Fields) -> Any:
        target = {
            "faults": pbx.faults.settings,
            "dialect": pbx.face.dialect,
            "behaviour": pbx.company.behaviour,
            "delivery": pbx.outbox.policy,
            "connection": pbx.face.connection,
        }[name]
        return update(target, fields)

    return change


def hold_webhooks(pbx: Pbx, fields: Fields) -> Any:
    """For `seconds` notifications wait; then they are delivered late."""
    seconds = fields.number("seconds")
    pbx.faults.hold_until = asyncio.get_running_loop().time() + seconds
    return {"seconds": seconds}


def lose_webhooks(pbx: Pbx, fields: Fields) -> Any:
    """For `seconds` notifications are never sent at all."""
    seconds = fields.number("seconds")
    pbx.faults.lose_until = asyncio.get_running_loop().time() + seconds
    return {"seconds": seconds}


async def busy_day(pbx: Pbx, fields: Fields) -> Any:
    rate, seconds = fields.number("calls_per_minute", 20, least=0.1), fields.number("seconds", 120)
    await pbx.traffic.busy_day(rate, seconds, pace=fields.number("pace", 1))
    return {"calls_per_minute": rate, "seconds": seconds}


async def burst(pbx: Pbx, fields: Fields) -> Any:
    calls, rate = int(fields.number("calls", 100)), fields.number("events_per_second", 200, least=0.1)
    await pbx.traffic.burst(calls, rate)
    return {"calls": calls, "events_per_second": rate}


async def stop_traffic(pbx: Pbx, _: Fields) -> Any:
    await pbx.traffic.stop()
    return {"stopped": True}


def vendor_control(pbx: Pbx, fields: Fields) -> Any:
    """What only this company's vendor has: see its face's `controls`."""
    controls = pbx.face.controls()
    action = fields.text("action")
    if action not in controls:
        raise ControlError(f"{pbx.face.vendor} has no {action}; there are {', '.join(sorted(controls))}")
    return controls[action](fields)


async def reset(pbx: Pbx, _: Fields) -> Any:
    await pbx.reset()
    return {"reset": [pbx.company.slug]}


# Paths below /companies/<company>.
GETS: dict[str, Handler] = {
    "/calls": calls.list_calls,
    "/log": office.show_log,
    "/voicemail": office.show_voicemail,
    "/recordings": office.show_recordings,
    "/messages": office.show_messages,
    "/ledger": ledger,
}
POSTS: dict[str, Handler] = {
    "/calls": calls.place_call,
    "/calls/{call_id}/{action}": calls.act_on_call,
    "/conferences": calls.start_conference,
    "/parked/{slot}/retrieve": calls.retrieve_parked,
    "/queues/{queue}/agents/{extension}/{action}": office.act_as_agent,
    "/tokens/expire": lambda pbx, _: {"expired": pbx.face.expire_tokens()},
    "/tokens/revoke": lambda pbx, _: {"revoked": pbx.face.revoke_grants()},
    "/subscriptions/drop": lambda pbx, _: {"dropped": pbx.face.drop_subscriptions()},
    "/webhooks/hold": hold_webhooks,
    "/webhooks/lose": lose_webhooks,
    "/busy-day": busy_day,
    "/burst": burst,
    "/traffic/stop": stop_traffic,
    "/vendor/{action}": vendor_control,
    "/reset": reset,
}
PATCHES: dict[str, Handler] = {
    **{f"/{name}": settings(name) for name in ("faults", "dialect", "behaviour", "delivery", "connection")},
    "/extensions/{extension}": office.change_line,
    "/extensions/{extension}/devices/{device}": office.change_device,
    "/queues/{queue}": office.change_queue,
}
