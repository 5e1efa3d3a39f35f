"""Everything that an adapter can be asked, by name; and adapters on a server of the test's own."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from integrations.contract.adapter import PbxAdapter
from integrations.contract.commands import (
    AgentFilter,
    CallRef,
    Destination,
    LegRef,
    Originate,
    RawRequest,
    SubscriptionFilter,
)
from integrations.contract.things import AgentAction, Diversion, Message, Presence
from integrations.registry import adapter_class
from integrations.vendors.dstny.calls import leg_id
from tests.integrations import live
from tests.integrations.memory_store import MemoryStore

ANNA, BOB = Destination(extension_id="anna"), Destination(number="102")
HOOK = "https://patchbay.example/hooks/x/y"
CREDENTIALS: dict[str, dict[str, Any]] = {
    "kwebbl": {},
    "ringcentral": {},
    "dstny": {"domain": "acme.example", "user": "service", "ticket": "ticket"},
    "callgear": {"login": "iris", "password": "secret"},
    "eq": {"auth_key": "key"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "dstny": {"users": ["anna"]},
    "eq": {"extensions": ["anna"], "supervisor": "1", "pause_codes": ["1"], "recordings_path": "/monitor"},
}
Ask = Callable[[PbxAdapter], Awaitable[Any]]


def _leg(vendor_call_id: str, state: str = "connected") -> LegRef:
    return LegRef(vendor_call_id, leg_id("anna", vendor_call_id), "anna", state=state, role="callee")


TALKING = CallRef("a1", "connected", (_leg("a1"),), _leg("a1"))
CONSULTING = CallRef("a1", "held", (_leg("a1", "hold"), _leg("a2")), _leg("a1", "hold"))
_WANTED = SubscriptionFilter(("a",), "detailed", (AgentFilter("anna"),))
_ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "originate": (Originate(ANNA, BOB),),
    "answer": (TALKING, None),
    "pickup": (TALKING, "anna", None),
    "move": (TALKING, "device"),
    "dtmf": (TALKING, "1"),
    "transfer": (TALKING, BOB, "blind"),
    "consult": (TALKING, BOB, None),
    "complete_transfer": (CONSULTING, None),
    "cancel_transfer": (CONSULTING,),
    "conference": (CONSULTING, TALKING),
    "swap": (CONSULTING,),
    "supervise": (TALKING, "listen", ANNA),
    "tag": (TALKING, ("a",), ()),
    "get_extension": ("anna",),
    "list_devices": ("anna",),
    "list_caller_ids": ("anna",),
    "set_caller_id": ("anna", "+31201234567"),
    "read_presence": ("anna",),
    "set_presence": ("anna", Presence("lunch", available=False, note="Back at one")),
    "read_diversion": ("anna",),
    "set_diversion": ("anna", Diversion(active=True, number="+31201234567")),
    "get_queue": ("35@acme.example",),
    "list_queue_agents": ("35@acme.example",),
    "list_queue_calls": ("35@acme.example",),
    **dict.fromkeys(("login_agent", "logout_agent", "pause_agent"), (AgentAction("35@acme.example", "anna"),)),
    **dict.fromkeys(("resume_agent", "end_wrap_up"), (AgentAction("35@acme.example", "anna"),)),
    "steal": ("35@acme.example", "a1", ANNA),
    "send_message": (Message("anna", "+31612345678", "Hello"),),
    "read_call_log": (datetime(2026, 1, 1, tzinfo=UTC), None, None, 10),
    "read_voicemails": (None, 10),
    "read_calls": ("anna",),
    "passthrough": (RawRequest("GET", "/anything"),),
    "get_subscription": ("sub",),
    "create_subscription": (HOOK, _WANTED, "secret"),
    "renew_subscription": ("sub", _WANTED),
    "delete_subscription": ("sub",),
    **dict.fromkeys(("check", "snapshot", "renew_credentials", "list_extensions", "list_queues"), ()),
    "list_subscriptions": (),
    "list_tags": (),
}


def operations(vendor: str) -> dict[str, Ask]:
    """All of the contract that asks the vendor something, and that its adapter overrides."""
    adapter = adapter_class(vendor)
    names = [name for name, method in inspect.getmembers(PbxAdapter, inspect.iscoroutinefunction) if name[0] != "_"]
    asked = {name: _asking(name) for name in names} | {"open_recording": _listen}
    return {name: ask for name, ask in asked.items() if getattr(adapter, name) is not getattr(PbxAdapter, name)}


async def _listen(adapter: PbxAdapter) -> None:
    async with adapter.open_recording("1") as media:
        async for _ in media.chunks:
            pass


def _asking(name: str) -> Ask:
    return lambda adapter: getattr(adapter, name)(*_ARGUMENTS.get(name, (TALKING,)))


class Tokens:
    """There is always another, however many are refused."""

    async def access_token(self, *, rejected: str | None = None) -> str:
        return "first" if rejected is None else f"{rejected}-again"


@asynccontextmanager
async def adapter_at(vendor: str, url: str, **settings: Any) -> AsyncIterator[PbxAdapter]:
    """The vendor's adapter for that address."""
    opened = live.adapter_at(
        adapter_class(vendor),
        url,
        credentials=CREDENTIALS[vendor],
        settings=SETTINGS.get(vendor, {}) | settings,
        tokens=Tokens() if adapter_class(vendor).oauth else None,
        ticket_store=MemoryStore(),
        hook_url=HOOK,
    )
    async with opened as adapter:
        yield adapter
