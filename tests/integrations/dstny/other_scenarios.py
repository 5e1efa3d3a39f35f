"""What Dstny's adapter does for people, queues and histories, and what the sandbox has then."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.contract.commands import Destination, Originate
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.contract.things import AgentAction, Diversion, Message, Presence, VendorCallerId
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.dstny.call_scenarios import XANDER, talking
from tests.integrations.dstny.live import COMPANY, CUSTOMER, DOMAIN, call_of, dstny_of
from tests.sandbox_server import SandboxHandle

SERVICE_QUEUE = f"401@{DOMAIN}"


async def extensions(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    listed = await adapter.list_extensions()
    assert [(each.vendor_extension_id, each.number, each.name) for each in listed] == [
        ("vera", "301", "Vera Prins"),
        ("wout", "302", "Wout Hendriks"),
        ("xander", "303", "Xander Vos"),
    ]
    assert listed[0].external_number == "+31405550301"
    assert await adapter.get_extension("wout") == listed[1]


async def devices(adapter: DstnyAdapter, _: SandboxHandle) -> None:
    listed = await adapter.list_devices("wout")
    assert [(each.name, each.type, each.online, each.active) for each in listed] == [
        ("Desk phone", "DESKPHONE", True, True),
        ("Softphone", "SOFTPHONE", True, False),
        ("Mobile", "MOBILE", True, False),
    ]


async def caller_ids(adapter: DstnyAdapter, _: SandboxHandle) -> None:
    listed = await adapter.list_caller_ids("wout")
    assert VendorCallerId("ACD:401", "+31405550401") in listed
    await adapter.set_caller_id("wout", "ACD:401")
    active = await adapter._client.read_list("lines", dict, "line", "wout")
    assert [each["type"] for each in active if each["active"]] == ["ACD"]
    with pytest.raises(VendorRejected, match="none of the user's caller ids"):
        await adapter.set_caller_id("wout", "ACD:x")


async def presence(adapter: DstnyAdapter, _: SandboxHandle) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    told = await adapter.set_presence("wout", Presence(activity="lunch", note="Back at two", expires_at=until))
    assert told == Presence(activity="lunch", available=False, note="Back at two", expires_at=until)
    assert await adapter.read_presence("wout") == told
    assert await adapter.set_presence("wout", Presence(note="Soon")) == Presence("lunch", False, "Soon", until)
    kept = await adapter.set_presence("wout", Presence(available=True))
    assert (kept.activity, kept.available, kept.expires_at) == ("lunch", True, until)


async def diversion(adapter: DstnyAdapter, _: SandboxHandle) -> None:
    rules = {"PRIMARY": {"CFWD_NO_ANSWER": "+31612000999"}}
    told = await adapter.set_diversion("wout", Diversion(active=True, number="+31612000998", rules=rules))
    assert (told.active, told.number) == (True, "+31612000998")
    assert told.rules["PRIMARY"] == {"CFWD_NO_ANSWER": "+31612000999", "CFWD_ALL": "+31612000998"}
    ended = await adapter.set_diversion("wout", Diversion(active=False))
    assert (ended.active, ended.number) == (False, None)
    with pytest.raises(Unsupported, match="give one"):
        await adapter.set_diversion("wout", Diversion(active=True))


async def queues(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    listed = {each.vendor_queue_id: each for each in await adapter.list_queues()}
    assert {key: each.name for key, each in listed.items()} == {SERVICE_QUEUE: "Service", f"400@{DOMAIN}": "Reception"}
    assert (await adapter.get_queue(SERVICE_QUEUE)).number == "+31405550401"
    members = await adapter._queues_of_members()
    assert {each.vendor_queue_id: each.stats.agents_logged_in for each in members}[SERVICE_QUEUE] == 2


async def queue_agents(adapter: DstnyAdapter, _: SandboxHandle) -> None:
    action = AgentAction(SERVICE_QUEUE, "xander")
    for act, state in ((adapter.logout_agent, "logged_out"), (adapter.login_agent, "available")):
        await act(action)
        found = {each.vendor_extension_id: each.state for each in await adapter.list_queue_agents(SERVICE_QUEUE)}
        assert found == {"wout": "available", "xander": state}


async def call_log(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await adapter.hangup(await talking(adapter, sandbox))
    await adapter.originate(Originate(Destination(extension_id="xander"), Destination(number="+31687654321")))
    await adapter.hangup(await call_of(adapter, "xander"))
    page = await adapter.read_call_log(datetime.now(UTC) - timedelta(hours=1), None, None, 50)
    items = {(each.vendor_extension_id, each.direction, each.from_number, each.to_number) for each in page.items}
    assert items == {("wout", "inbound", f"+{CUSTOMER}", None), ("xander", "outbound", None, "+31687654321")}
    assert page.next is None
    first = await adapter.read_call_log(None, None, None, 1)
    assert first.next is not None
    rest = await adapter.read_call_log(None, None, first.next, 50)
    ids = [each.vendor_item_id for each in (*first.items, *rest.items)]
    assert sorted(ids) == sorted(each.vendor_item_id for each in page.items)


async def voicemails(adapter: DstnyAdapter, sandbox: SandboxHandle) -> None:
    await adapter.transfer(await talking(adapter, sandbox), XANDER, "voicemail")
    [call] = sandbox.control("GET", f"/companies/{COMPANY}/calls")
    sandbox.act(call["id"], "hangup", COMPANY)
    page = await adapter.read_voicemails(None, 50)
    assert [(each.vendor_extension_id, each.from_number, each.heard) for each in page.items] == [
        ("xander", f"+{CUSTOMER}", False)
    ]


async def messages(_: DstnyAdapter, sandbox: SandboxHandle) -> None:
    credentials = {"domain": DOMAIN, "users": [{"user": "wout", "password": "demo-wout"}]}
    async with dstny_of(sandbox, credentials) as adapter:
        assert await adapter.send_message(Message("wout", "+31612345678", "See you"))
        with pytest.raises(Unsupported, match="xander has none"):
            await adapter.send_message(Message("xander", "+31612345678", "See you"))
