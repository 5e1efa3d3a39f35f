"""What Dstny's adapter does to calls, and how the sandbox has them then."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import structs

from integrations.contract.commands import Destination, Originate
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.dstny.live import COMPANY, CUSTOMER, call_of, own_leg, ring_in, shown
from tests.sandbox_server import SandboxHandle

Scenario = Callable[[DstnyAdapter, SandboxHandle], Coroutine[Any, Any, None]]
XANDER = Destination(extension_id="xander")


async def talking(adapter: DstnyAdapter, sandbox: SandboxHandle, user: str = "wout", number: str = "302") -> Any:
    """A customer's call that the user has answered through the API."""
    ring_in(sandbox, number)
    await adapter.answer(await call_of(adapter, user), None)
    return await call_of(adapter, user)


async def states(adapter: DstnyAdapter, user: str) -> list[tuple[str, str]]:
    return [own_leg(event) for event in shown(await adapter.read_calls(user))]


async def originate(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    devices = await adapter.list_devices("wout")
    command = Originate(
        from_=Destination(extension_id="wout"),
        to=Destination(number="+31612345678"),
        caller_id="ACD:401",
        device_id=devices[1].device_id,
    )
    call_id = await adapter.originate(command)
    [event] = shown(await adapter.read_calls("wout"))
    assert (event.vendor_call_id, own_leg(event)) == (call_id, ("initiated", "alerting"))
    [leg] = [
        each for each in sandbox.control("GET", f"/companies/{COMPANY}/calls")[0]["legs"] if each["number"] == "302"
    ]
    assert devices[1].name in json.dumps(leg)


async def answer(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox)
    phone = (await adapter.list_devices("wout"))[1].device_id
    await adapter.answer(await call_of(adapter, "wout"), phone)
    [event] = shown(await adapter.read_calls("wout"))
    assert (own_leg(event), event.legs[0].device_id) == (("connected", "connected"), phone)


async def hangup(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await adapter.hangup(await talking(adapter, sandbox))
    assert await states(adapter, "wout") == []


async def reject(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    sandbox.set("behaviour", COMPANY, ring_timeout_s=60)
    ring_in(sandbox)
    await adapter.reject(await call_of(adapter, "wout"))
    assert await states(adapter, "wout") == []


async def hold_and_resume(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.hold(call)
    assert await states(adapter, "wout") == [("hold", "connected")]
    await adapter.resume(call)
    assert await states(adapter, "wout") == [("connected", "connected")]


async def mute_and_unmute(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    for act, muted in ((adapter.mute, True), (adapter.unmute, False)):
        await act(call)
        [event] = shown(await adapter.read_calls("wout"))
        assert event.legs[0].muted is muted


async def two_calls(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    """Wout talks with a customer, and asks Xander."""
    call = await talking(adapter, sandbox)
    call_id = await adapter.consult(call, XANDER, None)
    assert call_id in {event.vendor_call_id for event in shown(await adapter.read_calls("wout"))}
    assert sorted(await states(adapter, "wout")) == [("hold", "connected"), ("initiated", "alerting")]
    await adapter.answer(await call_of(adapter, "xander"), None)


async def consult(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await two_calls(adapter, sandbox)
    assert sorted(await states(adapter, "wout")) == [("connected", "connected"), ("hold", "connected")]


async def swap(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await two_calls(adapter, sandbox)
    before = await call_of(adapter, "wout", held=True)
    await adapter.swap(await call_of(adapter, "wout"))
    assert (await call_of(adapter, "wout")).vendor_call_id == before.vendor_call_id


async def complete_transfer(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await two_calls(adapter, sandbox)
    await adapter.complete_transfer(await call_of(adapter, "wout"), None)
    assert await states(adapter, "wout") == []
    [event] = shown(await adapter.read_calls("xander"))
    assert event.legs[1].party.number == f"+{CUSTOMER}"


async def cancel_transfer(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await two_calls(adapter, sandbox)
    await adapter.cancel_transfer(await call_of(adapter, "wout"))
    assert await states(adapter, "wout") == [("connected", "connected")]
    assert await states(adapter, "xander") == []


async def confer(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await two_calls(adapter, sandbox)
    target = await call_of(adapter, "wout")
    await adapter.conference(await call_of(adapter, "wout", held=True), target)


async def conference(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await confer(adapter, sandbox)
    [event] = shown(await adapter.read_calls("wout"))
    assert event.conference is True
    assert {leg.party.number for leg in event.legs[1:]} == {f"+{CUSTOMER}", "+31405550303"}


async def leave(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await confer(adapter, sandbox)
    await adapter.leave(await call_of(adapter, "wout"))
    assert await states(adapter, "wout") == []
    assert len(await states(adapter, "xander")) == 1


async def disconnect_leg(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await confer(adapter, sandbox)
    call = await call_of(adapter, "wout")
    colleague = next(leg for leg in call.legs if leg.number == "+31405550303" and "wout" in str(leg.vendor_leg_id))
    await adapter.disconnect_leg(structs.replace(call, acting=colleague))
    assert await states(adapter, "xander") == []
    assert len(await states(adapter, "wout")) == 1


async def move(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    mobile = (await adapter.list_devices("wout"))[2].device_id
    await adapter.move(call, mobile)
    assert (await call_of(adapter, "wout")).acting.device_id == mobile  # type: ignore[union-attr]


async def park(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await adapter.park(await talking(adapter, sandbox))
    assert await states(adapter, "wout") == []
    [call] = sandbox.control("GET", f"/companies/{COMPANY}/calls")
    assert call["state"] == "parked"


async def pickup(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox)
    await adapter.pickup(await call_of(adapter, "wout"), "xander", None)
    assert await states(adapter, "xander") == [("connected", "connected")]
    assert await states(adapter, "wout") == []


async def dtmf(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await adapter.dtmf(await talking(adapter, sandbox), "12#*")
    assert '"12#*"' in json.dumps(sandbox.control("GET", f"/companies/{COMPANY}/calls"))


def transfer(mode: str) -> Scenario:
    async def scenario(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
        await adapter.transfer(await talking(adapter, sandbox), XANDER, mode)
        ringing = await states(adapter, "xander")
        assert ringing == ([] if mode == "voicemail" else [("alerting", "connected")])
        assert (await states(adapter, "wout") == []) is (mode != "attended")

    return scenario


def supervise(mode: str) -> Scenario:
    async def scenario(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
        await adapter.supervise(await talking(adapter, sandbox), mode, Destination(extension_id="vera"))
        assert len(await states(adapter, "vera")) == 1
        assert f'"{mode}"' in json.dumps(sandbox.control("GET", f"/companies/{COMPANY}/calls"))

    return scenario


async def recording(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    for act, expected in ((adapter.start_recording, "on"), (adapter.stop_recording, "off")):
        await act(call)
        [event] = shown(await adapter.read_calls("wout"))
        assert event.recording == expected


async def recording_on_demand(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", COMPANY, recording="external")
    call = await talking(adapter, sandbox)
    seen = []
    for act in (adapter.pause_recording, adapter.resume_recording, adapter.save_recording, adapter.discard_recording):
        await act(call)
        [event] = shown(await adapter.read_calls("wout"))
        seen.append((event.recording, event.recording_saved))
    assert seen == [("paused", False), ("on", False), ("on", True), ("on", False)]


async def snapshot(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    ring_in(sandbox, "400")
    events = shown(await adapter.snapshot())
    assert sorted(str(event.legs[0].party.extension_id) for event in events) == ["vera", "wout"]
    assert {event.via.name for event in events if event.via} == {"Reception"}
