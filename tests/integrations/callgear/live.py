"""A CallGear adapter on the sandbox, or on any address, without Django's database."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import CallRef, Snapshot
from integrations.contract.events import CtiEvent, EventType
from integrations.vendors.callgear.adapter import CallGearAdapter
from tests.integrations.live import adapter_at, legs_of
from tests.sandbox_server import SandboxHandle

COMPANY = "acme-callgear"
MOUNT = f"/callgear/{COMPANY}"
KEY = {"access_token": f"{COMPANY}-demo-access-token"}
LOGIN = {"login": "iris@acme.example", "password": "demo-iris"}
CUSTOMER, RECEPTION = "31612345678", "31705550700"
IRIS, JORIS, KIM = "701", "702", "703"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@asynccontextmanager
async def callgear_at(
    base_url: str, credentials: Mapping[str, Any] = KEY, settings: Mapping[str, Any] | None = None, **account: Any
) -> AsyncIterator[CallGearAdapter]:
    """An adapter for that address."""
    credentials, settings = dict(credentials), dict(settings or {})
    async with adapter_at(CallGearAdapter, base_url, credentials=credentials, settings=settings, **account) as adapter:
        yield adapter


@asynccontextmanager
async def callgear_of(
    sandbox: SandboxHandle,
    credentials: Mapping[str, Any] = KEY,
    account: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[CallGearAdapter]:
    """An adapter for the sandbox's company, by default with its permanent key."""
    settings = {"data_api_url": f"{sandbox.url}{MOUNT}/data/v2.0", **settings}
    async with callgear_at(f"{sandbox.url}{MOUNT}/v4.0", credentials, settings, **(account or {})) as adapter:
        yield adapter


def ring_in(sandbox: SandboxHandle, to: str = IRIS) -> str:
    """A customer calls; answers the session's id."""
    return sandbox.ring_in(to, COMPANY, caller=CUSTOMER, name="Jan Jansen")


def employee(sandbox: SandboxHandle, number: str) -> str:
    """The id of the employee with that extension."""
    return str(next(each["id"] for each in sandbox.company(COMPANY)["extensions"] if each["number"] == number))


def parsed(body: bytes, at: datetime = NOON) -> list[CtiEvent]:
    """What a delivery says, which means something."""
    events = CallGearAdapter.parse(WebhookRequest(headers={}, body=body, received_at=at))
    assert isinstance(events, list)
    return events


def shown(snapshot: Snapshot) -> list[CtiEvent]:
    """How the calls of a snapshot stand."""
    events = [event for each in snapshot.calls for event in parsed(each.payload)]
    return [event for event in events if event.type is EventType.OBSERVED]


async def the_call(adapter: CallGearAdapter) -> CtiEvent:
    """How the only call stands."""
    [event] = shown(await adapter.snapshot())
    return event


async def ref(adapter: CallGearAdapter, acting: str = "") -> CallRef:
    """The only call, as commands name it; the leg that acts is that employee's."""
    event = await the_call(adapter)
    legs = legs_of([event])
    own = next((leg for leg in legs if leg.extension_id == acting), None)
    return CallRef(event.vendor_call_id or "", "connected", tuple(legs), own)


def states(event: CtiEvent) -> dict[str, str]:
    """How each leg stands, by name or number; of an operator who consults, the talk."""
    return {leg.party.name or leg.party.number or "": leg.state.value for leg in event.legs}
