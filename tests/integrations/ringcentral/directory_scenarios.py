"""What the adapter reads and changes at the sandbox besides calls."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.contract.commands import RawRequest
from integrations.contract.errors import Unsupported
from integrations.contract.things import AgentAction, CallLogItem, Message, Presence, Voicemail
from tests.integrations.ringcentral.call_scenarios import Scenario, operation
from tests.integrations.ringcentral.live import Scene
from tests.sandbox.ringcentral.client import COMPANY


async def extensions(scene: Scene) -> None:
    listed = {each.number: each for each in await scene.adapter.list_extensions()}
    assert {number: each.type for number, each in listed.items()} == {
        "101": "user",
        "102": "user",
        "103": "user",
        "200": "queue",
        "201": "queue",
    }
    assert (listed["102"].name, listed["102"].external_number) == ("Sem Kok", "+31305550102")
    assert await scene.adapter.get_extension(listed["102"].vendor_extension_id) == listed["102"]


async def devices(scene: Scene) -> None:
    listed = await scene.adapter.list_devices(scene.user.extension_id)
    assert [(each.name, each.type, each.online, each.active) for each in listed] == [
        ("Desk phone", "HardPhone", True, True),
        ("Softphone", "SoftPhone", True, False),
        ("Mobile", "OtherPhone", True, False),
    ]


async def caller_ids(scene: Scene) -> None:
    extension = scene.user.extension_id
    numbers = {each.number: each.caller_id for each in await scene.adapter.list_caller_ids(extension)}
    assert {"+31305550101", "+31305550200"} <= numbers.keys()
    await scene.adapter.set_caller_id(extension, numbers["+31305550200"])
    shown = scene.user.get(f"/account/~/extension/{extension}/caller-id")["byFeature"]
    assert {each["callerId"]["phoneInfo"]["phoneNumber"] for each in shown} == {"+31305550200"}


async def presence(scene: Scene) -> None:
    extension = scene.user.extension("102")
    changed = await scene.adapter.set_presence(extension, Presence(activity="Busy", available=False, note="Lunch"))
    assert changed == await scene.adapter.read_presence(extension)
    assert (changed.activity, changed.available, changed.note) == ("Busy", False, "Lunch")
    changed = await scene.adapter.set_presence(extension, Presence(activity="Available", available=True))
    assert (changed.activity, changed.available, changed.note) == ("Available", True, "Lunch")
    for refused in (Presence(activity="Surfing"), Presence(expires_at=datetime.now(UTC))):
        with pytest.raises(Unsupported):
            await scene.adapter.set_presence(extension, refused)


async def queues(scene: Scene) -> None:
    listed = {each.number: each for each in await scene.adapter.list_queues()}
    assert {number: each.name for number, each in listed.items()} == {"200": "Main line", "201": "Orders"}
    orders = await scene.adapter.get_queue(listed["201"].vendor_queue_id)
    assert (orders.name, orders.stats.agents_logged_in, orders.stats.agents_available) == ("Orders", 2, 2)


async def queue_members(scene: Scene) -> None:
    queue, sem = scene.user.extension("201"), scene.user.extension("102")

    async def states() -> dict[str, str]:
        return {each.name: each.state for each in await scene.adapter.list_queue_agents(queue)}

    await scene.adapter.logout_agent(AgentAction(queue, sem))
    assert await states() == {"Sem Kok": "logged_out", "Tess Brouwer": "available"}
    await scene.adapter.login_agent(AgentAction(queue, sem))
    await scene.adapter.set_presence(sem, Presence(available=False))
    assert (await states())["Sem Kok"] in {"paused", "logged_out"}
    with pytest.raises(Unsupported):
        await scene.adapter.login_agent(AgentAction(queue, sem, skill="French"))


async def call_log_and_recording(scene: Scene) -> None:
    began = datetime.now(UTC)
    call = await scene.talking()
    await scene.adapter.start_recording(call)
    await scene.adapter.hangup(call)
    page = await scene.adapter.read_call_log(began - timedelta(minutes=1), None, None, 10)
    item = next(each for each in page.items if isinstance(each, CallLogItem))
    assert (item.vendor_call_id, item.direction, item.from_number, item.missed) == (
        call.vendor_call_id,
        "inbound",
        "+31612345678",
        False,
    )
    assert item.vendor_recording_id is not None
    async with scene.adapter.open_recording(item.vendor_recording_id) as media:
        sound = b"".join([chunk async for chunk in media.chunks])
    assert (media.content_type, sound[:4], media.length) == ("audio/x-wav", b"RIFF", len(sound))
    await scene.adapter.hangup(await scene.talking())
    first = await scene.adapter.read_call_log(None, datetime.now(UTC) + timedelta(minutes=1), None, 1)
    second = await scene.adapter.read_call_log(None, None, first.next, 1)
    assert (len(first.items), len(second.items)) == (1, 1)
    assert first.items != second.items


async def voicemails(scene: Scene) -> None:
    call = await scene.ringing()
    scene.sandbox.act(call.vendor_call_id, "forward", COMPANY, extension="101", to="voicemail")
    scene.sandbox.act(call.vendor_call_id, "hangup", COMPANY)
    page = await scene.adapter.read_voicemails(None, 10)
    [message] = [each for each in page.items if isinstance(each, Voicemail)]
    assert (message.from_number, message.vendor_extension_id, message.heard, page.next) == (
        "+31612345678",
        scene.user.extension_id,
        False,
        None,
    )


async def send_message(scene: Scene) -> None:
    senders = (None, "+31305550101", scene.user.extension("102"))
    sent = [await scene.adapter.send_message(Message(each, "+31612345678", "Hi there")) for each in senders]
    assert len(set(sent)) == 3
    stored = scene.user.get("/account/~/extension/~/message-store?messageType=SMS")["records"]
    assert {each["subject"] for each in stored} == {"Hi there"}


async def anything(scene: Scene) -> None:
    answer = await scene.adapter.passthrough(RawRequest("GET", "/restapi/v1.0/account/~"))
    assert (answer.status, b"Acme Utrecht" in answer.body) == (200, True)
    lost = await scene.adapter.passthrough(RawRequest("GET", "/restapi/v1.0/account/~/nothing"))
    assert lost.status == 404


SCENARIOS: dict[str, Scenario] = {
    operation("list_extensions"): extensions,
    operation("get_extension"): extensions,
    operation("list_all_numbers"): extensions,
    operation("list_devices"): devices,
    operation("list_numbers"): caller_ids,
    operation("get_caller_id"): caller_ids,
    operation("set_caller_id"): caller_ids,
    operation("get_presence"): presence,
    operation("set_presence"): presence,
    operation("list_queues"): queues,
    operation("get_queue"): queues,
    operation("get_queue_presence"): queue_members,
    f"{operation('set_queue_presence')} (true)": queue_members,
    f"{operation('set_queue_presence')} (false)": queue_members,
    operation("call_log"): call_log_and_recording,
    operation("recording"): call_log_and_recording,
    operation("messages"): voicemails,
    operation("send_sms"): send_message,
    "any other": anything,
}
