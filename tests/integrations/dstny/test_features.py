"""Walks the feature table of Dstny's README: each row has a scenario that proves it against the sandbox."""

import pytest

from integrations.contract.capabilities import Capability
from integrations.contract.commands import Destination, Originate
from integrations.contract.errors import VendorRejected
from integrations.vendors import dstny
from integrations.vendors.dstny.adapter import DstnyAdapter
from integrations.vendors.dstny.paths import ROUTES
from tests.integrations.dstny import call_scenarios as calls
from tests.integrations.dstny import other_scenarios as others
from tests.integrations.dstny.live import COMPANY, dstny_of
from tests.integrations.readme import features_of
from tests.sandbox_server import SandboxHandle

FEATURES = features_of(dstny)
_CALL = "DELETE /cti/control/{domain}/{user}/calls/{call}"
_PUT = "PUT /cti/control/{domain}/{user}/calls/{call}/"
_MAKE = "POST /cti/control/{domain}/{user}/device/{device}/calls"
SCENARIOS: dict[str, calls.Scenario] = {
    _MAKE: calls.originate,
    f"{_MAKE} (MONITOR)": calls.supervise("listen"),
    f"{_MAKE} (WHISPER)": calls.supervise("whisper"),
    f"{_MAKE} (BARGE)": calls.supervise("barge"),
    "POST /cti/control/{domain}/{user}/calls/{call}/consultation": calls.consult,
    f"{_PUT}answer/{{device}}": calls.answer,
    _CALL: calls.hangup,
    f"{_CALL} (ringing)": calls.reject,
    f"{_CALL} (consultation)": calls.cancel_transfer,
    f"{_PUT}hold": calls.hold_and_resume,
    f"{_PUT}resume": calls.hold_and_resume,
    f"{_PUT}mute": calls.mute_and_unmute,
    f"{_PUT}unmute": calls.mute_and_unmute,
    f"{_PUT}swap": calls.swap,
    f"{_PUT}move/{{device}}": calls.move,
    f"{_PUT}park": calls.park,
    f"{_PUT}dtmf": calls.dtmf,
    f"{_PUT}transfer (blind)": calls.transfer("blind"),
    f"{_PUT}transfer (not blind)": calls.transfer("attended"),
    f"{_PUT}transfer (VOICEMAIL)": calls.transfer("voicemail"),
    f"{_PUT}transfer (CAMP_ON)": calls.transfer("camp_on"),
    f"{_PUT}transfer/call": calls.complete_transfer,
    f"{_PUT}conference": calls.conference,
    f"{_CALL}/conference": calls.leave,
    f"{_CALL}/conference/{{participant}}": calls.disconnect_leg,
    "POST /cti/control/{domain}/{user}/device/{device}/pickup/{call}": calls.pickup,
    f"{_PUT}recording/start": calls.recording,
    f"{_PUT}recording/stop": calls.recording,
    f"{_PUT}recording/pause": calls.recording_on_demand,
    f"{_PUT}recording/resume": calls.recording_on_demand,
    f"{_PUT}recording/save": calls.recording_on_demand,
    f"{_PUT}recording/discard": calls.recording_on_demand,
    "GET /cti/state/{domain}/{user}": calls.snapshot,
    "GET /cti/state/{domain}/{user}/calls/{call}": calls.hold_and_resume,
    "GET /contacts/{domain}/{user}": others.extensions,
    "GET /contacts/info/{domain}/{contact}/vcard": others.extensions,
    "GET /user/device/{domain}/{user}": others.devices,
    "GET /user/device/{domain}/{user}/active": others.devices,
    "GET /user/line/{domain}/{user}": others.caller_ids,
    "PUT /user/line/{domain}/{user}/active": others.caller_ids,
    "GET /user/info/{domain}/{user}/presence": others.presence,
    "PUT /user/info/{domain}/{user}/presence": others.presence,
    "GET /user/diversion/{domain}/{user}/number": others.diversion,
    "PUT /user/diversion/{domain}/{user}/number": others.diversion,
    "GET /user/diversion/{domain}/{user}": others.diversion,
    "PUT /user/diversion/{domain}/{user}": others.diversion,
    "GET /queuestatistics/{domain}": others.queues,
    "GET /queuestatistics/{domain}/queue/{group}": others.queues,
    "GET /distributiongroup/{domain}/{user}": others.queues,
    "GET /acd/{domain}/{user}/groups/{group}/{group_domain}": others.queue_agents,
    "PUT /distributiongroup/{domain}/{user}/{group}/{group_domain}": others.queue_agents,
    "DELETE /distributiongroup/{domain}/{user}/{group}/{group_domain}": others.queue_agents,
    "GET /commlog/{domain}/{user}": others.call_log,
    "GET /commlog/{domain}/{user} (VOICEMAIL)": others.voicemails,
    "POST /sms/{to}": others.messages,
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
async def test_feature(sandbox: SandboxHandle, scenario: calls.Scenario) -> None:
    async with dstny_of(sandbox) as adapter:
        await scenario(adapter, sandbox)


@pytest.mark.parametrize("number", ["302", "+31405550302"])
async def test_calls_are_placed_from_a_number_too(sandbox: SandboxHandle, number: str) -> None:
    async with dstny_of(sandbox) as adapter:
        command = Originate(Destination(number=number), calls.XANDER, options={"type": "INTERCOM"})
        assert await adapter.originate(command)
        assert await calls.states(adapter, "xander") == [("connected", "connected")]


async def test_without_vcards_numbers_are_international(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, users=["wout"], paths={"vcard": "/nowhere/{contact}"}) as adapter:
        [wout] = await adapter.list_extensions()
    assert (wout.number, wout.external_number) == ("+31405550302", "+31405550302")


def test_every_documented_operation_has_a_scenario() -> None:
    passed_on = {operation for operation, here in FEATURES.items() if here == Capability.PASSTHROUGH}
    assert FEATURES.keys() - passed_on == SCENARIOS.keys() | PROVED_ELSEWHERE


def test_every_route_is_documented() -> None:
    operations = {operation.partition(" (")[0] for operation in FEATURES}
    paths = {f"{route.method} {route.path}" for route in ROUTES.values() if "{action}" not in route.path}
    assert paths <= operations


def test_the_table_names_capabilities() -> None:
    assert set(FEATURES.values()) <= {*Capability, "account"}
    general = {Capability.TRANSFER, Capability.SUPERVISE}
    assert {*FEATURES.values()} - {"account"} | general == DstnyAdapter.declared


async def test_paths_of_another_server(sandbox: SandboxHandle) -> None:
    paths = {"hold": "/cti/v2/{domain}/{user}/{call}/hold", "user_state": "/v2/state/{domain}/{user}"}
    sandbox.set("connection", COMPANY, paths=paths)
    async with dstny_of(sandbox) as adapter:
        with pytest.raises(VendorRejected, match="nothing at this address"):
            await adapter.check()
    async with dstny_of(sandbox, paths=paths) as adapter:
        call = await calls.talking(adapter, sandbox)
        await adapter.hold(call)
        assert await calls.states(adapter, "wout") == [("hold", "connected")]
