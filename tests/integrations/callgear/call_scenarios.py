"""Commands to calls, against the sandbox: what CallGear's own list of calls shows afterwards."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from msgspec import structs

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import InvalidCallState, VendorRejected
from integrations.contract.events import Direction, Recording
from integrations.vendors.callgear.adapter import CallGearAdapter
from tests.integrations.callgear.live import (
    COMPANY,
    CUSTOMER,
    IRIS,
    JORIS,
    KIM,
    RECEPTION,
    employee,
    ref,
    ring_in,
    shown,
    states,
    the_call,
)
from tests.integrations.callgear.other_scenarios import pass_on
from tests.sandbox_server import SandboxHandle

Scenario = Callable[[CallGearAdapter, SandboxHandle], Coroutine[Any, Any, None]]
CONTACT = Destination(number=f"+{CUSTOMER}")
TTS = {"type": "tts", "value": "Your order is on its way"}
TALKING = {CUSTOMER: "connected", "Iris Hofman": "connected"}


async def talking(adapter: CallGearAdapter, sandbox: SandboxHandle) -> CallRef:
    """A customer's call that Iris has answered."""
    sandbox.act(ring_in(sandbox), "answer", COMPANY, extension=IRIS)
    return await ref(adapter, employee(sandbox, IRIS))


def colleague(sandbox: SandboxHandle, number: str = JORIS) -> Destination:
    return Destination(extension_id=employee(sandbox, number))


def consultation(sandbox: SandboxHandle) -> dict[str, Any]:
    calls = sandbox.company(COMPANY)["calls"]
    return dict(next(each for each in calls if each["consultation_for"]))


# Placing calls.


async def employee_call(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    command = Originate(colleague(sandbox, IRIS), CONTACT, caller_id="+31705550701", options={"external_id": "deal-1"})
    call_id = await adapter.originate(command)
    event = await the_call(adapter)
    assert (event.vendor_call_id, event.direction) == (call_id, Direction.OUTBOUND)
    assert {leg.role: leg.party.name or leg.party.number for leg in event.legs} == {
        "caller": "Iris Hofman",
        "callee": CUSTOMER,
    }
    [told] = (await pass_on(adapter, "list.calls"))["result"]["data"]
    assert (told["external_id"], told["virtual_phone_number"]) == ("deal-1", "31705550701")


async def simple_call(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    command = Originate(Destination(number="+31205550123"), CONTACT, options={"first_call": "contact"})
    assert await adapter.originate(command)
    event = await the_call(adapter)
    assert CUSTOMER in {leg.party.number for leg in event.legs}
    with pytest.raises(VendorRejected, match="own virtual phone number") as raised:
        await adapter.originate(structs.replace(command, to=Destination(number=f"+{RECEPTION}")))
    assert raised.value.code == "own_virtual_phone_number_not_allowed"


async def scenario_call(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    scenarios = (await pass_on(adapter, "get.scenarios", path="/data"))["result"]["data"]
    options = {"type": "scenario", "scenario_id": scenarios[0]["id"]}
    assert await adapter.originate(Originate(Destination(number=f"+{RECEPTION}"), CONTACT, options=options))
    assert (await the_call(adapter)).direction is Direction.OUTBOUND


async def vnumber_call(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    command = Originate(Destination(number=f"+{RECEPTION}"), CONTACT, options={"type": "vnumber"})
    assert await adapter.originate(command)
    assert (await the_call(adapter)).direction is Direction.OUTBOUND


async def informer_call(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    options = {"type": "informer", "contact_message": TTS, "dialing_timeout": 60}
    assert await adapter.originate(Originate(Destination(number=f"+{RECEPTION}"), CONTACT, options=options))
    [leg] = (await the_call(adapter)).legs
    assert (leg.party.number, leg.state, leg.role) == (CUSTOMER, "alerting", "callee")


# During a call.


async def hangup(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await adapter.hangup(await talking(adapter, sandbox))
    assert shown(await adapter.snapshot()) == []


async def hold_and_resume(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.hold(call)
    assert states(await the_call(adapter)) == {**TALKING, "Iris Hofman": "hold"}
    with pytest.raises(InvalidCallState):
        await adapter.hold(call)
    await adapter.resume(call)
    assert states(await the_call(adapter)) == TALKING


async def consulting(adapter: CallGearAdapter, sandbox: SandboxHandle) -> CallRef:
    """Iris talks to Joris, with the customer on hold."""
    call = await talking(adapter, sandbox)
    assert await adapter.consult(call, colleague(sandbox), None) == call.vendor_call_id
    assert states(await the_call(adapter)) == {**TALKING, "Iris Hofman": "hold", "Joris Blom": "alerting"}
    sandbox.act(consultation(sandbox)["id"], "answer", COMPANY, extension=JORIS)
    return await ref(adapter, employee(sandbox, IRIS))


async def consult(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await consulting(adapter, sandbox)
    event = await the_call(adapter)
    assert [leg.state.value for leg in event.legs if leg.party.name == "Iris Hofman"] == ["hold", "connected"]
    assert states(event)["Joris Blom"] == "connected"


async def complete_transfer(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await adapter.complete_transfer(await consulting(adapter, sandbox), None)
    assert states(await the_call(adapter)) == {CUSTOMER: "connected", "Joris Blom": "connected"}


async def cancel_transfer(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await adapter.cancel_transfer(await consulting(adapter, sandbox))
    assert states(await the_call(adapter)) == TALKING


async def blind_transfer(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.transfer(call, colleague(sandbox), "blind")
    assert states(await the_call(adapter)) == {CUSTOMER: "connected", "Joris Blom": "alerting"}
    sandbox.act(call.vendor_call_id, "answer", COMPANY, extension=JORIS)
    again = await ref(adapter, employee(sandbox, JORIS))
    with pytest.raises(VendorRejected, match="does not exist or inactive"):
        await adapter.transfer(again, Destination(number="799"), "blind")
    assert states(await the_call(adapter)) == {CUSTOMER: "connected", "Joris Blom": "connected"}


async def coach(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await adapter.supervise(await talking(adapter, sandbox), "whisper", colleague(sandbox, KIM))
    roles = {leg.party.name: leg.role for leg in (await the_call(adapter)).legs}
    assert roles["Kim Peters"] == "supervisor"
    assert roles["Iris Hofman"] == "callee"


async def the_client_areas_coach(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, coach=KIM)
    call = await talking(adapter, sandbox)
    answer = await pass_on(adapter, "add.coach", call_session_id=int(call.vendor_call_id))
    assert answer["result"]["data"]["success"] == "true"


async def tag(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.tag(call, ("Relevant", "Call back"), ())
    assert (await the_call(adapter)).tags == ("Relevant", "Call back")
    with pytest.raises(InvalidCallState, match="has this tag already"):
        await adapter.tag(call, ("Relevant",), ())
    with pytest.raises(VendorRejected, match="no tag Nonsense; it has: Call back, Complaint"):
        await adapter.tag(call, ("Nonsense",), ())


async def record(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    assert (await the_call(adapter)).recording is Recording.OFF
    await adapter.start_recording(call)
    assert (await the_call(adapter)).recording is Recording.ON
    await adapter.stop_recording(call)
    assert (await the_call(adapter)).recording is Recording.OFF
    await adapter.start_recording(call)
    sandbox.set("connection", COMPANY, record_everything=True)
    with pytest.raises(VendorRejected, match="Permission denied"):
        await adapter.stop_recording(call)


async def disconnect_leg(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call = await consulting(adapter, sandbox)
    joris = next(leg for leg in call.legs if leg.extension_id == employee(sandbox, JORIS))
    await adapter.disconnect_leg(structs.replace(call, acting=joris))
    assert states(await the_call(adapter)) == TALKING
    with pytest.raises(InvalidCallState, match="has left the call"):
        await adapter.disconnect_leg(structs.replace(call, acting=joris))


async def dtmf(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    await adapter.dtmf(await talking(adapter, sandbox), "12#")
    assert sandbox.control("GET", f"/companies/{COMPANY}/calls")[0]["digits"] == ["1", "2", "#"]


async def block(adapter: CallGearAdapter, sandbox: SandboxHandle) -> None:
    call = await talking(adapter, sandbox)
    await adapter.block(call)
    with pytest.raises(InvalidCallState, match="blocked already"):
        await adapter.block(call)
    with pytest.raises(VendorRejected, match="blacklist"):
        await adapter.originate(Originate(colleague(sandbox, KIM), CONTACT))
