"""What the API does to calls at the sandbox's EQ, proved by what EQ shows afterwards."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from msgspec import structs

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported
from integrations.vendors.eq.adapter import EqAdapter
from tests.integrations.eq.live import COMPANY, CUSTOMER, SERVER, call_of, eq_of, ring_in, shown, states
from tests.sandbox_server import SandboxHandle

Scenario = Callable[[EqAdapter, SandboxHandle], Coroutine[Any, Any, None]]
NOOR = Destination(extension_id="503")


def at_the_pbx(sandbox: SandboxHandle) -> dict[str, Any]:
    """The only live call."""
    (call,) = sandbox.control("GET", f"/companies/{COMPANY}/calls")
    return dict(call)


async def talking(adapter: EqAdapter, sandbox: SandboxHandle) -> CallRef:
    """A customer's call that Zeno has answered."""
    sandbox.act(ring_in(sandbox), "answer", COMPANY, extension="502")
    return await call_of(adapter, "502")


async def originate(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    command = Originate(Destination(extension_id="502"), Destination(number="31687654321"))
    assert await adapter.originate(command) is None
    assert await states(adapter, "502") == [("initiated", "alerting")]
    with pytest.raises(Unsupported, match="from which"):
        await adapter.originate(structs.replace(command, from_=None))
    with pytest.raises(Unsupported, match="leave all other choices out"):
        await adapter.originate(structs.replace(command, caller_id="31505550500"))


async def answer(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox)
    call = await call_of(adapter, "502", "alerting")
    with pytest.raises(Unsupported, match="leave the device out"):
        await adapter.answer(call, "another")
    await adapter.answer(call, "502")
    assert await states(adapter, "502") == [("connected", "connected")]
    with pytest.raises(InvalidCallState, match="doesn't ring"):
        await adapter.answer(call, None)


async def hangup(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.hangup(call)
    assert await shown(adapter) == []
    with pytest.raises(CallGone):
        await adapter.hangup(call)


async def hangup_of_what_rings(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    """At both phones of the ring group."""
    ring_in(sandbox, "600")
    await adapter.hangup(await call_of(adapter, "502", "alerting"))
    assert await shown(adapter) == []


async def reject(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    """The other phone rings on."""
    ring_in(sandbox, "600")
    await adapter.reject(await call_of(adapter, "502", "alerting"))
    assert await states(adapter, "502") == []
    assert await states(adapter, "501") == [("alerting", "connected")]


async def transfer(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    await adapter.transfer(await talking(adapter, sandbox), NOOR, "blind")
    assert await states(adapter, "502") == []
    assert await states(adapter, "503") == [("alerting", "connected")]


async def park_and_pick_up(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    await adapter.park(await talking(adapter, sandbox))
    [event] = await shown(adapter)
    assert (event.legs[0].state, event.legs[0].parked_at) == ("parked", "801")
    await adapter.pickup(await call_of(adapter, None, "parked"), "503", None)
    assert await states(adapter, "503") == [("alerting", "connected")]


async def pick_up_from_a_queue(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox, "601")
    await adapter.pickup(await call_of(adapter, None, "queued"), "501", None)
    assert await states(adapter, "501") == [("alerting", "connected")]


async def no_pick_up_of_what_rings_elsewhere(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox)
    with pytest.raises(InvalidCallState, match="parked or wait"):
        await adapter.pickup(await call_of(adapter, None, "alerting"), "503", None)


def supervise(mode: str) -> Scenario:
    async def scenario(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
        await adapter.supervise(await talking(adapter, sandbox), mode, Destination(number="501"))
        assert f'"{mode}"' in json.dumps(at_the_pbx(sandbox))
        roles = {event.legs[0].party.extension_id: event.legs[0].role for event in await shown(adapter)}
        assert roles == {"501": "supervisor", "502": "callee"}

    return scenario


async def recording(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    for act, expected in ((adapter.start_recording, "on"), (adapter.stop_recording, "off")):
        await act(call)
        [event] = await shown(adapter)
        assert event.recording == expected


async def a_cancelled_recording_is_not_kept(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.start_recording(call)
    await adapter.discard_recording(call)
    assert sandbox.control("GET", f"/companies/{COMPANY}/recordings") == []


async def a_recording_comes(_: EqAdapter, sandbox: SandboxHandle) -> None:
    async with eq_of(sandbox, recordings_path=f"{SERVER}/monitor") as adapter:
        call = await talking(adapter, sandbox)
        await adapter.start_recording(call)
        [event] = await shown(adapter)
        await adapter.hangup(call)
        assert event.recording_id is not None
        async with adapter.open_recording(event.recording_id) as media:
            sound = b"".join([chunk async for chunk in media.chunks])
        assert media.content_type == "audio/wav"
        assert sound.startswith(b"RIFF")


async def hold_and_resume(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.hold(call)
    assert await states(adapter, "502") == [("hold", "connected")]
    with pytest.raises(InvalidCallState, match="can't be put on hold"):
        await adapter.hold(call)
    await adapter.resume(call)
    assert await states(adapter, "502") == [("connected", "connected")]


async def mute(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    """The sandbox doesn't show it: the key goes back and forth."""
    call = await talking(adapter, sandbox)
    for act, muted in ((adapter.mute, True), (adapter.unmute, False)):
        await act(call)
        assert [leg["muted"] for leg in at_the_pbx(sandbox)["legs"] if leg["number"] == "502"] == [muted]


async def digits(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.dtmf(call, "12#*")
    assert "".join(at_the_pbx(sandbox)["digits"]) == "12#*"
    with pytest.raises(Unsupported, match="no key A"):
        await adapter.dtmf(call, "1A")


async def snapshot(adapter: EqAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox, "600")
    events = await shown(adapter)
    assert sorted(str(event.legs[0].party.extension_id) for event in events) == ["501", "502"]
    assert {event.from_.number for event in events if event.from_} == {CUSTOMER}
    assert len({name for event in events for name in event.peers if name.startswith("unique:")}) == 1
