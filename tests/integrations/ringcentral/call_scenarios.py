"""What call control does to the sandbox's calls."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import CallGone, InvalidCallState, Unsupported
from integrations.vendors.ringcentral.routes import ROUTES
from tests.integrations.ringcentral.live import Scene
from tests.sandbox.ringcentral.client import COMPANY

Scenario = Callable[[Scene], Coroutine[Any, Any, None]]
SEM = Destination(number="102")


def operation(name: str) -> str:
    """As the README's table names it."""
    route = ROUTES[name]
    return f"{route.method} {route.path.removeprefix('/restapi/v1.0')}"


async def originate(scene: Scene) -> None:
    for command in (
        Originate(from_=None, to=Destination(number="+31612345678")),
        Originate(from_=Destination(number="101"), to=SEM, options={"countryId": "1"}),
        Originate(from_=None, to=Destination(extension_id=scene.user.extension("102")), device_id=scene.user.device(1)),
    ):
        call_id = await scene.adapter.originate(command)
        assert call_id in {each["id"] for each in scene.calls()}
    for refused in (
        Originate(from_=None, to=SEM, caller_id="+31305550200"),
        Originate(from_=None, to=SEM, options={"colour": "blue"}),
    ):
        with pytest.raises(Unsupported):
            await scene.adapter.originate(refused)


async def hangup(scene: Scene) -> None:
    call = await scene.talking()
    await scene.adapter.hangup(call)
    assert scene.calls() == []
    with pytest.raises(CallGone):
        await scene.adapter.hangup(call)


async def answer(scene: Scene) -> None:
    call = await scene.ringing()
    await scene.adapter.answer(call, None)
    assert scene.codes(call) == {"1": "Answered", "2": "Answered"}
    with pytest.raises(InvalidCallState):
        await scene.adapter.answer(call, scene.user.device(1))


async def reject(scene: Scene) -> None:
    scene.sandbox.control("PATCH", f"/companies/{COMPANY}/extensions/101", voicemail=False)
    await scene.adapter.reject(await scene.ringing())
    assert scene.calls() == []


async def hold_and_resume(scene: Scene) -> None:
    call = await scene.talking()
    await scene.adapter.hold(call)
    assert scene.codes(call)["2"] == "Hold"
    await scene.adapter.resume(call)
    assert scene.codes(call)["2"] == "Answered"


async def mute_and_unmute(scene: Scene) -> None:
    call = await scene.talking()
    for act, muted in ((scene.adapter.mute, True), (scene.adapter.unmute, False)):
        await act(call)
        assert [each["muted"] for each in scene.user.session(call.vendor_call_id)["parties"]] == [False, muted]


async def park_and_pick_up(scene: Scene) -> None:
    call = await scene.talking()
    await scene.adapter.park(call)
    assert scene.codes(call)["2"] == "Parked"
    await scene.adapter.pickup(scene.look(call), scene.user.extension_id, scene.user.device(1))
    assert scene.codes(call)["3"] == "Answered"


async def pick_up_a_colleagues(scene: Scene) -> None:
    call = await scene.ringing("31305550102")
    await scene.adapter.pickup(call, scene.user.extension_id, None)
    assert "Answered" in {
        each["status"]["code"]
        for each in scene.user.session(call.vendor_call_id)["parties"]
        if each.get("extensionId") == scene.user.extension_id
    }


async def move(scene: Scene) -> None:
    call = await scene.talking()
    await scene.adapter.move(call, scene.user.device(1))
    assert scene.codes(call) == {"1": "Answered", "2": "Disconnected", "3": "Answered"}
    with pytest.raises(InvalidCallState, match="Call Flip"):
        await scene.adapter.move(scene.look(call), "somebody else's")


async def transfer_blind(scene: Scene) -> None:
    for to in (SEM, Destination(extension_id=scene.user.extension("102")), Destination(number="+31612000102")):
        call = await scene.talking()
        await scene.adapter.transfer(call, to, "blind")
        assert len(scene.look(call).legs) == 2
        assert scene.codes(call)["3"] == "Proceeding"
        await scene.adapter.hangup(call)
    with pytest.raises(Unsupported):
        await scene.adapter.transfer(await scene.talking(), SEM, "camp_on")


async def forward_while_it_rings(scene: Scene) -> None:
    call = await scene.ringing()
    await scene.adapter.transfer(call, SEM, "blind")
    assert scene.codes(call)["3"] == "Proceeding"


async def transfer_to_voicemail(scene: Scene) -> None:
    for call in (await scene.talking(), await scene.ringing()):
        await scene.adapter.transfer(call, SEM, "voicemail")
        assert "VoiceMail" in scene.codes(call).values()


async def _consulting(scene: Scene, call: CallRef) -> str:
    second = await scene.adapter.consult(call, SEM, None)
    assert second is not None
    assert scene.codes(call)["2"] == "Hold"
    scene.sandbox.act(second, "answer", COMPANY, extension="102")
    return second


async def consult_and_complete(scene: Scene) -> None:
    call = await scene.talking()
    second = await _consulting(scene, call)
    await scene.adapter.complete_transfer(scene.look(call, second), None)
    [left] = scene.calls()
    assert {leg["number"] for leg in left["legs"] if leg["state"] == "connected"} == {"31612345678", "102"}


async def complete_with_another_call(scene: Scene) -> None:
    call = await scene.talking()
    second = await _consulting(scene, call)
    with pytest.raises(InvalidCallState, match="second call"):
        await scene.adapter.complete_transfer(scene.look(call), None)
    await scene.adapter.complete_transfer(scene.look(call), scene.look(CallRef(second, "connected")))
    assert len(scene.calls()) == 1


async def consult_and_cancel(scene: Scene) -> None:
    call = await scene.talking()
    second = await _consulting(scene, call)
    await scene.adapter.cancel_transfer(scene.look(call, second))
    assert [each["id"] for each in scene.calls()] == [call.vendor_call_id]
    assert scene.codes(call)["2"] == "Answered"


async def consulting_nobody_takes_the_call_off_hold(scene: Scene) -> None:
    call = await scene.talking()
    with pytest.raises(Exception, match="CMN-10"):
        await scene.adapter.transfer(call, Destination(number="999"), "attended")
    assert scene.codes(call)["2"] == "Answered"


async def conference(scene: Scene) -> None:
    call = await scene.talking()
    second = await _consulting(scene, call)
    await scene.adapter.conference(scene.look(call, second), scene.look(CallRef(second, "connected")))
    [room] = [each for each in scene.calls() if each["conference"]]
    talking = {leg["number"] for leg in room["legs"] if leg["state"] == "connected"}
    assert talking == {"101", "102", "31612345678"}


async def disconnect_leg(scene: Scene) -> None:
    await scene.adapter.disconnect_leg(await scene.talking())
    assert scene.calls() == []


async def supervise(scene: Scene) -> None:
    call = await scene.talking()
    await scene.adapter.supervise(call, "listen", Destination(number="103"))
    boss = scene.user.session(call.vendor_call_id)["parties"][-1]
    assert (boss["extensionId"], boss["status"]["reason"]) == (scene.user.extension("103"), "Supervising")
    for mode in ("whisper", "barge"):
        with pytest.raises(Unsupported):
            await scene.adapter.supervise(call, mode, Destination(number="103"))


async def record(scene: Scene) -> None:
    call = await scene.talking()
    with pytest.raises(InvalidCallState):
        await scene.adapter.pause_recording(call)
    for act, active in (
        (scene.adapter.start_recording, True),
        (scene.adapter.pause_recording, False),
        (scene.adapter.resume_recording, True),
    ):
        await act(call)
        [recording] = scene.user.session(call.vendor_call_id)["parties"][1]["recordings"]
        assert recording["active"] is active


async def party_that_is_not_shown(scene: Scene) -> None:
    call = await scene.talking()
    for acting in (None, call.legs[0].__class__(call.vendor_call_id, "p-1-2~")):
        with pytest.raises(InvalidCallState, match="doesn't show"):
            await scene.adapter.hold(CallRef(call.vendor_call_id, "connected", call.legs, acting))


SCENARIOS: dict[str, Scenario] = {
    operation("call_out"): originate,
    operation("delete_session"): hangup,
    operation("answer"): answer,
    operation("reject"): reject,
    operation("hold"): hold_and_resume,
    operation("unhold"): hold_and_resume,
    f"{operation('change_party')} (muted true)": mute_and_unmute,
    f"{operation('change_party')} (muted false)": mute_and_unmute,
    operation("park"): park_and_pick_up,
    operation("pickup"): pick_up_a_colleagues,
    operation("flip"): move,
    operation("list_forwarding_numbers"): move,
    f"{operation('transfer')} (number, extension)": transfer_blind,
    f"{operation('transfer')} (voicemail)": transfer_to_voicemail,
    operation("forward"): forward_while_it_rings,
    operation("bridge"): consult_and_complete,
    "consultation": complete_with_another_call,
    "consultation ended": consult_and_cancel,
    operation("conference"): conference,
    operation("bring_in"): conference,
    operation("delete_party"): disconnect_leg,
    operation("supervise"): supervise,
    operation("record"): record,
    operation("get_party"): record,
    f"{operation('change_recording')} (active false)": record,
    f"{operation('change_recording')} (active true)": record,
}
BESIDE = (consulting_nobody_takes_the_call_off_hold, party_that_is_not_shown)
