"""Walks the feature table of Dstny's README: each row has a scenario that proves it against the sandbox."""

import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from integrations.contract.capabilities import Capability
from integrations.contract.commands import Destination, Originate, RawRequest
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.contract.things import AgentAction, Diversion, Message, Presence, VendorCallerId
from integrations.vendors import dstny
from integrations.vendors.dstny.adapter import DstnyAdapter
from integrations.vendors.dstny.paths import ROUTES
from tests.integrations.dstny.live import COMPANY, CUSTOMER, DOMAIN, call_of, dstny_of, own_leg, ring_in, shown
from tests.sandbox_server import SandboxHandle

README = Path(dstny.__file__).parent / "README.md"
Scenario = Callable[[DstnyAdapter, SandboxHandle], Coroutine[Any, Any, None]]
XANDER = Destination(extension_id="xander")
SERVICE_QUEUE = f"401@{DOMAIN}"


def documented() -> dict[str, str]:
    """`{operation: what it is here}` of the README's feature table."""
    section = README.read_text().split("## Features")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    return {row[0].replace("`", ""): row[1].replace("`", "") for row in rows[2:]}


async def talking(adapter: DstnyAdapter, sandbox: SandboxHandle, user: str = "wout", number: str = "302") -> Any:
    """A customer's call that the user has answered through the API."""
    ring_in(sandbox, number)
    await adapter.answer(await call_of(adapter, user), None)
    return await call_of(adapter, user)


async def states(adapter: DstnyAdapter, user: str) -> list[tuple[str, str]]:
    return [own_leg(event) for event in shown(await adapter.read_calls(user))]


# Calls.


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


async def originate_by_number(adapter: DstnyAdapter, number: str) -> None:
    assert await adapter.originate(Originate(Destination(number=number), XANDER, options={"type": "INTERCOM"}))
    assert await states(adapter, "xander") == [("connected", "connected")]


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


# Directory.


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


# Queues, history, messages.


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


_CALL = "DELETE /cti/control/{domain}/{user}/calls/{call}"
_PUT = "PUT /cti/control/{domain}/{user}/calls/{call}/"
_MAKE = "POST /cti/control/{domain}/{user}/device/{device}/calls"
SCENARIOS: dict[str, Scenario] = {
    _MAKE: originate,
    f"{_MAKE} (MONITOR)": supervise("listen"),
    f"{_MAKE} (WHISPER)": supervise("whisper"),
    f"{_MAKE} (BARGE)": supervise("barge"),
    "POST /cti/control/{domain}/{user}/calls/{call}/consultation": consult,
    f"{_PUT}answer/{{device}}": answer,
    _CALL: hangup,
    f"{_CALL} (ringing)": reject,
    f"{_CALL} (consultation)": cancel_transfer,
    f"{_PUT}hold": hold_and_resume,
    f"{_PUT}resume": hold_and_resume,
    f"{_PUT}mute": mute_and_unmute,
    f"{_PUT}unmute": mute_and_unmute,
    f"{_PUT}swap": swap,
    f"{_PUT}move/{{device}}": move,
    f"{_PUT}park": park,
    f"{_PUT}dtmf": dtmf,
    f"{_PUT}transfer (blind)": transfer("blind"),
    f"{_PUT}transfer (not blind)": transfer("attended"),
    f"{_PUT}transfer (VOICEMAIL)": transfer("voicemail"),
    f"{_PUT}transfer (CAMP_ON)": transfer("camp_on"),
    f"{_PUT}transfer/call": complete_transfer,
    f"{_PUT}conference": conference,
    f"{_CALL}/conference": leave,
    f"{_CALL}/conference/{{participant}}": disconnect_leg,
    "POST /cti/control/{domain}/{user}/device/{device}/pickup/{call}": pickup,
    f"{_PUT}recording/start": recording,
    f"{_PUT}recording/stop": recording,
    f"{_PUT}recording/pause": recording_on_demand,
    f"{_PUT}recording/resume": recording_on_demand,
    f"{_PUT}recording/save": recording_on_demand,
    f"{_PUT}recording/discard": recording_on_demand,
    "GET /cti/state/{domain}/{user}": snapshot,
    "GET /cti/state/{domain}/{user}/calls/{call}": hold_and_resume,
    "GET /contacts/{domain}/{user}": extensions,
    "GET /contacts/info/{domain}/{contact}/vcard": extensions,
    "GET /user/device/{domain}/{user}": devices,
    "GET /user/device/{domain}/{user}/active": devices,
    "GET /user/line/{domain}/{user}": caller_ids,
    "PUT /user/line/{domain}/{user}/active": caller_ids,
    "GET /user/info/{domain}/{user}/presence": presence,
    "PUT /user/info/{domain}/{user}/presence": presence,
    "GET /user/diversion/{domain}/{user}/number": diversion,
    "PUT /user/diversion/{domain}/{user}/number": diversion,
    "GET /user/diversion/{domain}/{user}": diversion,
    "PUT /user/diversion/{domain}/{user}": diversion,
    "GET /queuestatistics/{domain}": queues,
    "GET /queuestatistics/{domain}/queue/{group}": queues,
    "GET /distributiongroup/{domain}/{user}": queues,
    "GET /acd/{domain}/{user}/groups/{group}/{group_domain}": queue_agents,
    "PUT /distributiongroup/{domain}/{user}/{group}/{group_domain}": queue_agents,
    "DELETE /distributiongroup/{domain}/{user}/{group}/{group_domain}": queue_agents,
    "GET /commlog/{domain}/{user}": call_log,
    "GET /commlog/{domain}/{user} (VOICEMAIL)": voicemails,
    "POST /sms/{to}": messages,
}
PROVED_ELSEWHERE = {
    "POST /user/tickets/{domain}/{user}",  # test_tickets.py
    "POST /cti/state/{domain}/{user}/webhooks",  # test_subscriptions.py
    "DELETE /cti/state/{domain}/{user}/webhooks/{target}",
    "POST /cti/state/{domain}/{user}/calls/{call}/webhooks",
    "GET /cti/state/{domain}/{user}/events",  # test_stream.py
    "GET /cti/state/{domain}/{user}/calls/{call}/events",
    "GET /distributiongroup/{domain}/{user}/events",
}


@pytest.mark.parametrize("scenario", dict.fromkeys(SCENARIOS.values()))
async def test_feature(sandbox: SandboxHandle, scenario: Scenario) -> None:
    async with dstny_of(sandbox) as adapter:
        await scenario(adapter, sandbox)


@pytest.mark.parametrize("number", ["302", "+31405550302"])
async def test_calls_are_placed_from_a_number_too(sandbox: SandboxHandle, number: str) -> None:
    async with dstny_of(sandbox) as adapter:
        await originate_by_number(adapter, number)


async def test_without_vcards_numbers_are_international(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, users=["wout"], paths={"vcard": "/nowhere/{contact}"}) as adapter:
        [wout] = await adapter.list_extensions()
    assert (wout.number, wout.external_number) == ("+31405550302", "+31405550302")


def passed_on() -> dict[str, str]:
    return {operation: here for operation, here in documented().items() if here == Capability.PASSTHROUGH}


def test_every_documented_operation_has_a_scenario() -> None:
    assert documented().keys() - passed_on().keys() == SCENARIOS.keys() | PROVED_ELSEWHERE


def test_every_route_is_documented() -> None:
    operations = {operation.partition(" (")[0] for operation in documented()}
    paths = {f"{route.method} {route.path}" for route in ROUTES.values() if "{action}" not in route.path}
    assert paths <= operations


def test_the_table_names_capabilities() -> None:
    assert set(documented().values()) <= {*Capability, "account"}
    general = {Capability.TRANSFER, Capability.SUPERVISE}
    assert {*documented().values()} - {"account"} | general == DstnyAdapter.declared


# What each needs of the world: values for its path, its query, its body.
VALUES = {
    "domain": DOMAIN,
    "user": "wout",
    "group": "401",
    "group_domain": DOMAIN,
    "line": "PRIMARY",
    "rule": "CFWD_ON_BUSY",
    "number": "+31612000999",
    "activity": "lunch",
    "expires": "never",
    "contact": f"xander@{DOMAIN}",
    "status": "VIP",
    "agent": f"wout@{DOMAIN}",
    "external": "crm-1",
    "type": "BLIND_TRANSFER",
    "destination": "+31687654321",
    "target": "nobody",
    "ticket": "nobody",
    "transfer": "1",
}
QUERIES: dict[str, dict[str, str]] = {
    "PUT /acd/{domain}/groups/{group}/{agent}": {"action": "login"},
    "PUT /commlog/{domain}/{user}": {"itemId": "1", "isSeen": "true"},
    "PUT /commlog/{domain}/{user}/{item}": {"isSeen": "true"},
    "DELETE /commlog/{domain}/{user}": {"itemId": "1"},
    "PUT /distributiongroup/{domain}/{user}/calllog/item/{item}": {"state": "INPROGRESS", "note": "Calls back"},
}
BODIES: dict[str, dict[str, Any]] = {
    "PUT /user/device/{domain}/{user}/{device}/icon": {"name": "TYPE_2"},
    "PUT /user/device/{domain}/{user}/{device}/name": {"name": "My laptop"},
    "POST /user/device/{domain}/{user}/webhooks": {"targetUrl": "http://127.0.0.1:9/x", "targetId": "x"},
    "POST /contacts/{domain}/{user}": {"contact": [{"email": f"xander@{DOMAIN}"}]},
    "PUT /user/diversion/{domain}/{user}/{line}": {"userDiversionLineRules": []},
    "PUT /user/diversion/{domain}/{user}/{line}/{rule}": {"phoneNumber": "+31612000999"},
    "PUT /user/voicemail/{domain}/{user}": {"smsNotification": True},
}
# What isn't there is 404 by the vendor's own word, and so it is passed on.
NOT_THERE = {
    "DELETE /cti/state/{domain}/{user}/calls/{call}/webhooks/{target}": 404,
    "POST /cti/control/{domain}/{user}/device/{device}/pickup": 400,
    "DELETE /contacts/{domain}/{user}/{contact}": 404,
    "DELETE /user/device/{domain}/{user}/webhooks/{target}": 404,
    "DELETE /linestate/{domain}/{user}/{external}": 404,
    "GET /linestate/{domain}/{user}/{external}": 404,
    "DELETE /user/tickets/{domain}/{user}/{ticket}": 404,
    "PUT /user/info/{domain}/{user}/photo": 415,
    "POST /calls/current/{domain}/{user}/transfer/{type}/{destination}": 409,
    "GET /calls/current/{domain}/{user}/transfer": 404,
    "DELETE /calls/current/{domain}/{user}/transfer/{transfer}": 404,
}


@pytest.mark.parametrize("operation", sorted(passed_on()))
async def test_passthrough_reaches(sandbox: SandboxHandle, operation: str) -> None:
    method, _, template = operation.partition(" ")
    async with dstny_of(sandbox) as adapter:
        values = VALUES | await _things(adapter, sandbox, template)
        body = json.dumps(BODIES.get(operation, {})).encode() if method != "GET" else b""
        headers = {"content-type": "application/json", "patchbay-user": "wout"}
        answer = await adapter.passthrough(
            RawRequest(method, template.format(**values), QUERIES.get(operation, {}), headers, body)
        )
    expected = NOT_THERE.get(operation)
    assert answer.status == expected if expected else answer.status in {200, 204}, answer.body
    assert b"There is nothing at this address" not in answer.body


async def _things(adapter: DstnyAdapter, sandbox: SandboxHandle, template: str) -> dict[str, str]:
    """A call, a device, an item of a log, where the path takes one."""
    things = {"place": "mobile", "contact": "+31687654321"} if "{place}" in template else {}
    if "{device}" in template:
        things["device"] = (await adapter.list_devices("wout"))[1].device_id
    if "{item}" in template:
        ring_in(sandbox, "401")
        await adapter.answer(await call_of(adapter, "wout"), None)
        await adapter.hangup(await call_of(adapter, "wout"))
        path = "distributiongroup/{domain}/{user}/calllog" if "group" in template else "commlog/{domain}/{user}"
        answer = await adapter.passthrough(RawRequest("GET", f"/{path.format(**VALUES)}"))
        log = json.loads(answer.body)
        item = log["callLogItem"][0] if "callLogItem" in log else next(iter(log["historyItems"][0].values()))
        things["item"] = str(item["itemId"])
    if "{call}" in template:
        ring_in(sandbox)
        things["call"] = (await call_of(adapter, "wout")).vendor_call_id
    return things


async def test_passthrough_is_sent_as_the_user_named(sandbox: SandboxHandle) -> None:
    users = [{"user": each, "password": f"demo-{each}"} for each in ("wout", "xander")]
    path = f"/user/info/{DOMAIN}/xander/presence"
    async with dstny_of(sandbox, {"domain": DOMAIN, "users": users}) as adapter:
        assert (await adapter.passthrough(RawRequest("GET", path))).status == 403
        as_xander = await adapter.passthrough(RawRequest("GET", path, headers={"patchbay-user": "xander"}))
        assert as_xander.status == 200
        with pytest.raises(Unsupported, match="no password or ticket of vera"):
            await adapter.passthrough(RawRequest("GET", path, headers={"patchbay-user": "vera"}))


@pytest.mark.parametrize("path", ["/../control", "/user/%2e%2e/%2e%2e/x"])
async def test_passthrough_stays_below_the_address(sandbox: SandboxHandle, path: str) -> None:
    async with dstny_of(sandbox) as adapter:
        with pytest.raises(VendorRejected, match="dot segments"):
            await adapter.passthrough(RawRequest("GET", path))


async def test_paths_of_another_server(sandbox: SandboxHandle) -> None:
    paths = {"hold": "/cti/v2/{domain}/{user}/{call}/hold", "user_state": "/v2/state/{domain}/{user}"}
    sandbox.set("connection", COMPANY, paths=paths)
    async with dstny_of(sandbox) as adapter:
        with pytest.raises(VendorRejected, match="nothing at this address"):
            await adapter.check()
    async with dstny_of(sandbox, paths=paths) as adapter:
        call = await talking(adapter, sandbox)
        await adapter.hold(call)
        assert await states(adapter, "wout") == [("hold", "connected")]
