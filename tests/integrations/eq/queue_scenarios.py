"""What the API does in queues at the sandbox's EQ, and what it reads there."""

import pytest

from integrations.contract.commands import Destination
from integrations.contract.errors import CallGone, VendorRejected
from integrations.contract.things import AgentAction, QueueAgent
from integrations.vendors.eq.adapter import EqAdapter
from tests.integrations.eq.live import COMPANY, CUSTOMER, eq_of, ring_in, shown, states
from tests.integrations.memory_store import MemoryStore
from tests.sandbox_server import SandboxHandle

SUPPORT, RETURNS, NOOR = "601", "602", "503"
LUNCH = "6"
"""A pause code's ID."""


async def of_agent(adapter: EqAdapter, queue: str = SUPPORT, extension: str = NOOR) -> QueueAgent:
    agents = await adapter.list_queue_agents(queue)
    return next(each for each in agents if each.vendor_extension_id == extension)


async def directory(adapter: EqAdapter, _: SandboxHandle) -> None:
    listed = {each.number: (each.name, each.type) for each in await adapter.list_extensions()}
    people = {"501": "Yara Dijkstra", "502": "Zeno Wiersma", "503": "Noor Hoekstra", "504": "Olaf Bos"}
    queues = {SUPPORT: ("Support", "queue"), RETURNS: ("Returns", "queue")}
    assert listed == {**{number: (name, "user") for number, name in people.items()}, **queues}
    assert (await adapter.get_extension("502")).name == "Zeno Wiersma"


async def devices(adapter: EqAdapter, _: SandboxHandle) -> None:
    [phone] = await adapter.list_devices("504")
    assert (phone.name, phone.online) == ("Grandstream GXP1610", True)
    assert await adapter.list_devices("999") == []


async def queues(_: EqAdapter, sandbox: SandboxHandle) -> None:
    async with eq_of(sandbox, pause_codes=[LUNCH]) as adapter:
        listed = {each.vendor_queue_id: each for each in await adapter.list_queues()}
    assert {number: each.name for number, each in listed.items()} == {SUPPORT: "Support", RETURNS: "Returns"}
    assert listed[SUPPORT].stats.agents_logged_in == 3
    assert [each.name for each in listed[SUPPORT].pause_codes or ()] == ["Lunch"]
    assert [each.code for each in listed[SUPPORT].skills or ()] == ["1", "2", "3", "4", "5"]
    async with eq_of(sandbox) as adapter:
        assert (await adapter.get_queue(RETURNS)).stats.agents_logged_in == 2


async def waiting(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox, SUPPORT)
    [caller] = await adapter.list_queue_calls(SUPPORT)
    assert (caller.number, caller.name, caller.position) == (CUSTOMER, "Jan Jansen", 1)
    assert caller.waiting_since is not None
    assert await adapter.list_queue_calls(RETURNS) == []


async def steal(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    """By the caller's own row, and by that of the phone where the call rings."""
    for wanted in ("queued:", "line:"):
        ring_in(sandbox, SUPPORT)
        names = [event.vendor_call_id or "" for event in await shown(adapter)]
        name = next(each for each in names if each.startswith(wanted))
        await adapter.steal(SUPPORT, name, Destination(extension_id="501"))
        assert await states(adapter, "501") == [("alerting", "connected")]
        sandbox.control("POST", f"/companies/{COMPANY}/reset")
    with pytest.raises(CallGone):
        await adapter.steal(SUPPORT, name, Destination(extension_id="501"))


async def log_out_and_in(adapter: EqAdapter, _: SandboxHandle) -> None:
    await adapter.logout_agent(AgentAction(SUPPORT, NOOR))
    assert (await of_agent(adapter)).state == "logged_out"
    await adapter.logout_agent(AgentAction(SUPPORT, NOOR))
    await adapter.login_agent(AgentAction(SUPPORT, NOOR, skill="1"))
    agent = await of_agent(adapter)
    assert (agent.name, agent.state, agent.skill) == ("Noor Hoekstra", "available", "1")
    await adapter.login_agent(AgentAction(SUPPORT, NOOR))


async def sessions(_: EqAdapter, sandbox: SandboxHandle) -> None:
    """Who isn't signed in to EQ is, before the queue; and is out of EQ after the last."""
    sandbox.control("POST", f"/companies/{COMPANY}/vendor/sign-out-everybody")
    store = MemoryStore()
    async with eq_of(sandbox, store) as adapter:
        await adapter.login_agent(AgentAction(SUPPORT, NOOR))
        assert (await of_agent(adapter)).state == "available"
        assert [(each["user"], each["extension"]) for each in store.saved.values()] == [("3", NOOR)]
        await adapter.logout_agent(AgentAction(SUPPORT, NOOR))
        assert store.saved == {}
        assert sandbox.company(COMPANY)["sessions"]["agent"] == 0


async def pause_and_resume(adapter: EqAdapter, _: SandboxHandle) -> None:
    await adapter.pause_agent(AgentAction(SUPPORT, NOOR, pause_code=LUNCH))
    agent = await of_agent(adapter)
    assert (agent.state, agent.pause_code) == ("paused", LUNCH)
    assert (await of_agent(adapter, RETURNS)).state == "available"
    await adapter.resume_agent(AgentAction(SUPPORT, NOOR))
    assert (await of_agent(adapter)).state == "available"
    with pytest.raises(VendorRejected) as refused:
        await adapter.pause_agent(AgentAction(SUPPORT, NOOR, pause_code="999"))
    assert list(refused.value.errors) == ["pauseCode"]


async def wrap_up(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    sandbox.control("PATCH", f"/companies/{COMPANY}/queues/{SUPPORT}", wrap_up_s=60)
    call = ring_in(sandbox, SUPPORT)
    event = next(each for each in await shown(adapter) if (each.vendor_call_id or "").startswith("line:"))
    extension = event.legs[0].party.extension_id or ""
    sandbox.act(call, "answer", COMPANY, extension=extension)
    sandbox.act(call, "hangup", COMPANY)
    assert (await of_agent(adapter, extension=extension)).state == "wrap_up"
    await adapter.end_wrap_up(AgentAction(SUPPORT, extension))
    assert (await of_agent(adapter, extension=extension)).state == "available"
