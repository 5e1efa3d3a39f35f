"""Where CallGear's document says a thing in two ways, both are understood: scenarios in each dialect of the sandbox."""

import pytest

from integrations.contract.errors import AuthorizationLost, InvalidCallState
from integrations.vendors.callgear.watching import DEPRECATED
from tests.integrations.callgear import call_scenarios as calls
from tests.integrations.callgear import other_scenarios as others
from tests.integrations.callgear.call_scenarios import Scenario
from tests.integrations.callgear.live import COMPANY, CUSTOMER, callgear_of, ref, ring_in
from tests.sandbox_server import SandboxHandle

DIALECTS: dict[str, tuple[dict[str, object], tuple[Scenario, ...]]] = {
    "success as a boolean": ({"success": "boolean"}, (calls.hangup, calls.hold_and_resume)),
    "Conversation": ({"talk_state": "Conversation"}, (calls.complete_transfer, calls.coach)),
    "both legs on hold": ({"held_legs": "both"}, (calls.hold_and_resume, calls.consult)),
    "start_time as in the table": ({"start_time": "table"}, (others.snapshot,)),
    "start_time with Z": ({"start_time": "agreement"}, (others.snapshot,)),
    "errors without ids": ({"error_ids": "null"}, (calls.hold_and_resume, calls.tag)),
    "errors without metadata": ({"error_metadata": False}, (calls.tag,)),
    "reads for nothing": ({"reads_cost": False}, (others.polls,)),
    "times without fractions": ({"notification_time": "seconds"}, (others.notified("Talk started"),)),
    "values as plain text": (
        {"template_values": "text"},
        tuple(map(others.notified, ("Talk started", "Call finished", "Call recording completed"))),
    ),
    "ids as texts": ({"id_values": "string"}, (others.notified("Waiting for the answer"),)),
    "lost calls once": ({"lost_calls": "lost"}, (others.notified("Lost call"),)),
}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_dialect(dialect: str, sandbox: SandboxHandle) -> None:
    fields, scenarios = DIALECTS[dialect]
    for scenario in scenarios:
        sandbox.control("POST", f"/companies/{COMPANY}/reset")
        sandbox.set("behaviour", COMPANY, ring_timeout_s=60)
        assert sandbox.set("dialect", COMPANY, **fields)
        async with callgear_of(sandbox, poll_interval_ms=200) as adapter:
            await scenario(adapter, sandbox)


async def test_legs_that_are_over_may_be_listed(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", COMPANY, ended_legs=True)
    async with callgear_of(sandbox) as adapter:
        call = await calls.talking(adapter, sandbox)
        await adapter.transfer(call, calls.colleague(sandbox), "blind")
        sandbox.act(call.vendor_call_id, "answer", COMPANY, extension="702")
        live = {leg.extension_id or leg.number for leg in (await ref(adapter)).legs}
    assert live == {CUSTOMER, calls.colleague(sandbox).extension_id}


@pytest.mark.parametrize("word", ["access_token_expired", "access_token_invalid"])
async def test_an_expired_key_by_either_name(word: str, sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", COMPANY, expired_key=word)
    sandbox.set("connection", COMPANY, key="expired")
    async with callgear_of(sandbox) as adapter:
        with pytest.raises(AuthorizationLost, match="key"):
            await adapter.check()


async def test_a_version_that_ends(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, latest_version="v5.0")
    async with callgear_of(sandbox) as adapter:
        assert DEPRECATED.rstrip(".") in (await adapter.check()).detail


async def test_what_is_not_possible_now(sandbox: SandboxHandle) -> None:
    async with callgear_of(sandbox) as adapter:
        ring_in(sandbox)
        call = await ref(adapter)
        for ask in (adapter.hold, adapter.resume, adapter.cancel_transfer):
            with pytest.raises(InvalidCallState):
                await ask(call)
        with pytest.raises(InvalidCallState):
            await adapter.complete_transfer(call, None)
