"""An EQ adapter on the sandbox, or on any address, without Django's database."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import CallRef
from integrations.contract.events import CtiEvent
from integrations.vendors.eq.adapter import EqAdapter
from tests.integrations.live import adapter_at, legs_of
from tests.integrations.memory_store import MemoryStore
from tests.sandbox_server import SandboxHandle

COMPANY = "acme-eq"
SERVER = f"/eq/{COMPANY}"
BASE = f"{SERVER}/eq/api/2.0"
KEY = "acme-eq-demo-key"
CUSTOMER = "31612345678"
EXTENSIONS = ["501", "502", "503", "504"]


@asynccontextmanager
async def eq_at(
    base_url: str, settings: Mapping[str, Any] | None = None, store: MemoryStore | None = None
) -> AsyncIterator[EqAdapter]:
    """An adapter for that address; what it keeps is in `store`."""
    store = store or MemoryStore()
    opened = adapter_at(
        EqAdapter,
        base_url,
        credentials={"auth_key": KEY},
        settings=dict(settings or {}),
        tickets=dict(store.saved),
        ticket_store=store,
    )
    async with opened as adapter:
        yield adapter


@asynccontextmanager
async def eq_of(sandbox: SandboxHandle, store: MemoryStore | None = None, **settings: Any) -> AsyncIterator[EqAdapter]:
    """An adapter for the sandbox's company, all of whose extensions it watches."""
    async with eq_at(sandbox.url + BASE, {"extensions": EXTENSIONS, **settings}, store) as adapter:
        yield adapter


def ring_in(sandbox: SandboxHandle, to: str = "502", **fields: Any) -> str:
    """A customer calls Zeno, or whoever has that number; answers the console's id of the call."""
    return sandbox.ring_in(to, COMPANY, **{"caller": CUSTOMER, "name": "Jan Jansen", **fields})


def parsed(body: bytes) -> list[Any]:
    """What a body of ours says."""
    return list(EqAdapter.parse(WebhookRequest(headers={}, body=body)))  # type: ignore[arg-type]


async def shown(adapter: EqAdapter) -> list[CtiEvent]:
    """What the calls of a snapshot say."""
    return [event for call in (await adapter.snapshot()).calls for event in parsed(call.payload)]


async def call_of(adapter: EqAdapter, extension: str | None, state: str = "connected") -> CallRef:
    """The calls there are, as one of ours, on which that extension acts."""
    legs = legs_of(await shown(adapter))
    acting = next((leg for leg in legs if leg.extension_id == extension), None) if extension else None
    return CallRef(acting.vendor_call_id if acting else legs[0].vendor_call_id, state, tuple(legs), acting)


async def states(adapter: EqAdapter, extension: str) -> list[tuple[str, ...]]:
    """How the extension's own legs stand, each with the other side's."""
    events = await shown(adapter)
    return [
        tuple(leg.state.value for leg in event.legs)
        for event in events
        if event.legs[0].party.extension_id == extension
    ]
