"""A Dstny adapter on the sandbox, or on any address, without Django's database."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import CallRef, Snapshot
from integrations.contract.events import CtiEvent, EventType, LegState
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.live import adapter_at, legs_of
from tests.sandbox_server import SandboxHandle

COMPANY = "acme-dstny"
DOMAIN = "acme.example"
BASE = f"/dstny/{COMPANY}/api"
SERVICE = {"domain": DOMAIN, "user": "cti-service", "password": "demo-cti-service"}
CUSTOMER = "31612345678"


@asynccontextmanager
async def dstny_at(
    base_url: str, credentials: Mapping[str, Any] = SERVICE, settings: Mapping[str, Any] | None = None, **account: Any
) -> AsyncIterator[DstnyAdapter]:
    """An adapter for that address."""
    credentials, settings = dict(credentials), dict(settings or {})
    async with adapter_at(DstnyAdapter, base_url, credentials=credentials, settings=settings, **account) as adapter:
        yield adapter


@asynccontextmanager
async def dstny_of(
    sandbox: SandboxHandle,
    credentials: Mapping[str, Any] = SERVICE,
    account: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[DstnyAdapter]:
    """An adapter for the sandbox's company, by default as its service account."""
    async with dstny_at(sandbox.url + BASE, credentials, settings, **(account or {})) as adapter:
        yield adapter


def ring_in(sandbox: SandboxHandle, to: str = "302") -> str:
    """A customer calls Wout, or whoever has that number; answers the console's id of the call."""
    return sandbox.ring_in(to, COMPANY, caller=CUSTOMER, name="Jan Jansen")


def shown(snapshot: Snapshot) -> list[CtiEvent]:
    """What the calls of a snapshot say."""
    parsed = [DstnyAdapter.parse(WebhookRequest(headers={}, body=each.payload)) for each in snapshot.calls]
    found = [event for events in parsed for event in events if isinstance(event, CtiEvent)]  # type: ignore[union-attr]
    return [event for event in found if event.type is EventType.OBSERVED]


async def call_of(adapter: DstnyAdapter, user: str, *, held: bool = False) -> CallRef:
    """The calls of a user, as one of ours: the leg that acts is the user's own, on the call that isn't held or that is."""
    legs = legs_of(shown(await adapter.snapshot()))
    own = [leg for leg in legs if leg.extension_id == user]
    acting = next((leg for leg in own if (leg.state == LegState.HOLD) is held), own[0])
    return CallRef(acting.vendor_call_id, "connected", tuple(legs), acting)


def own_leg(event: CtiEvent) -> tuple[str, str]:
    """How the user's own leg stands, and the other side's."""
    return event.legs[0].state.value, event.legs[1].state.value
