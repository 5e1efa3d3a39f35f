"""The story table: what happens on the phones of a PBX is told in the same words, and ends in the same call, whatever the vendor.

Each story is played by hand on the vendor's sandbox PBX. A vendor is missing from a story where its protocol doesn't tell of it.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import wait_until
from tests.stories.telling import HEARD_WITHIN, Telling
from tests.stories.vendors import ALL, NOT_SHOWN, by_all

pytestmark = pytest.mark.slow
Connect = Callable[[str], Telling]
ANSWERED = ["call.originated", "call.delivered", "call.established"]
_ASKED = ["call.held", "call.delivered", "call.established", "call.transferred", "call.retrieved"]
CONSULTED = [*ANSWERED, *_ASKED, "call.cleared"]
"""Of one call, from whose beginning to whose end a colleague is asked and takes over."""


def end(pbx: Telling, **expected: Any) -> None:
    """The one call is over, and is as expected; `to` is the internal number of whom the customer spoke with last."""
    pbx.hears("call.cleared")
    shown = pbx.the_call().snapshot
    to = expected.pop("to", pbx.office.anna)
    assert shown["from"]["number"] == "+31612345678"
    assert (shown["to"]["number"], shown["to"]["name"]) == (to, pbx.line(to).name)
    facts = {"state": "ended", "direction": "inbound", "end_reason": "hangup", "missed": False, **expected}
    assert {name: shown[name] for name in facts} == facts
    assert all(leg["state"] == "null" for leg in shown["legs"])
    assert shown["actions"] == []


def _without_voicemail(pbx: Telling) -> None:
    """Where a rejected call would go on to a mailbox, Anna has none."""
    pbx.sandbox.control("PATCH", f"/companies/{pbx.office.slug}/extensions/{pbx.office.anna}", voicemail=False)


@by_all()
def test_inbound_answered(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.cleared"]


@by_all()
def test_inbound_missed(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.customer_calls(pbx.office.anna)
    pbx.hears("call.delivered")
    pbx.act(call_id, "hangup")
    end(pbx, end_reason="cancelled", missed=True)
    assert pbx.told() == ["call.originated", "call.delivered", "call.cleared"]


@by_all(
    dstny="states don't tell why a call was not answered",
    eq="polls don't show why a call was not answered",
    callgear="neither notifications nor polls tell why a call was not answered",
)
def test_inbound_rejected(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    _without_voicemail(pbx)
    call_id = pbx.customer_calls(pbx.office.anna)
    pbx.hears("call.delivered")
    pbx.act(call_id, "reject", extension=pbx.office.anna)
    end(pbx, end_reason="rejected", missed=True)
    assert pbx.told() == ["call.originated", "call.delivered", "call.cleared"]


@by_all(
    kwebbl="voicemail tells no event",
    dstny="states don't tell who has answered instead",
    eq="polls don't show a mailbox",
    callgear="it has no mailboxes",
)
def test_voicemail(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.customer_calls(pbx.office.anna)
    pbx.hears("call.delivered")
    pbx.act(call_id, "forward", extension=pbx.office.anna, to="voicemail")
    pbx.act(call_id, "hangup")
    end(pbx, end_reason="voicemail", missed=True)
    assert pbx.told() == ["call.originated", "call.delivered", "call.cleared"]


@by_all()
def test_ring_group(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    members = next(
        each["members"]
        for each in pbx.sandbox.company(pbx.office.slug)["extensions"]
        if pbx.office.group in (each["number"], each["external_number"])
    )
    call_id = pbx.customer_calls(pbx.office.group)
    pbx.hears("call.delivered", len(members))
    pbx.act(call_id, "answer", extension=pbx.office.bob)
    pbx.hears("call.established")
    pbx.act(call_id, "hangup")
    end(pbx, to=pbx.office.bob)
    assert pbx.told() == ["call.originated", *["call.delivered"] * len(members), "call.established", "call.cleared"]
    others = [
        leg for leg in pbx.the_call().snapshot["legs"] if leg["role"] == "callee" and leg["number"] != pbx.office.bob
    ]
    assert {leg["end_reason"] for leg in others if leg["extension_id"]} == {"answered_elsewhere"}


@by_all(kwebbl="a queue is a dialplan like others", dstny="states don't tell that a caller waits in a queue")
def test_queue_call(telling: Connect, vendor: str) -> None:
    """The caller waits until an agent is back from a break."""
    pbx = telling(vendor)
    _all_agents(pbx, "pause")
    call_id = pbx.customer_calls(pbx.office.queue)
    pbx.hears("call.queued")
    _all_agents(pbx, "resume")
    pbx.hears("call.delivered")
    ringing = next(
        leg for leg in pbx.the_call().snapshot["legs"] if leg["state"] == "alerting" and leg["role"] != "caller"
    )
    pbx.act(call_id, "answer", extension=ringing["number"])
    pbx.hears("call.established")
    pbx.act(call_id, "hangup")
    end(pbx, to=ringing["number"])
    assert pbx.told() == ["call.originated", "call.queued", "call.delivered", "call.established", "call.cleared"]


def _all_agents(pbx: Telling, action: str) -> None:
    company = f"/companies/{pbx.office.slug}"
    every = pbx.sandbox.company(pbx.office.slug)["extensions"]
    queue = next(each for each in every if pbx.office.queue in (each["number"], each["external_number"]))
    for agent in queue["queue"]["agents"]:
        path = f"{company}/queues/{queue['number']}/agents/{agent['extension_id']}/{action}"
        pbx.sandbox.control("POST", path, **({"code": "Lunch"} if action == "pause" else {}))


@by_all()
def test_blind_transfer(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "transfer", extension=pbx.office.anna, to=pbx.office.bob)
    pbx.hears("call.delivered", 2)
    pbx.act(call_id, "answer", extension=pbx.office.bob)
    pbx.hears("call.established", 2)
    pbx.act(call_id, "hangup")
    end(pbx, to=pbx.office.bob)
    assert pbx.told() == [*ANSWERED, "call.transferred", "call.delivered", "call.established", "call.cleared"]
    change = next(event["data"]["change"] for event in pbx.log() if event["type"] == "call.transferred")
    assert change["mode"] == "blind"
    assert [change[when]["to"]["number"] for when in ("before", "after")] == [pbx.office.anna, pbx.office.bob]
    assert change["initiator"]["number"] == pbx.office.anna


def hand_over_after_asking(pbx: Telling) -> None:
    """Anna asks Bob while the customer holds, and leaves the customer to him, who hangs up; all of it on the phones."""
    call_id = pbx.answered()
    consultation = pbx.act(call_id, "transfer", extension=pbx.office.anna, to=pbx.office.bob, mode="attended")["id"]
    pbx.hears("call.held")
    pbx.hears("call.delivered", 2)
    pbx.act(consultation, "answer", extension=pbx.office.bob)
    pbx.hears("call.established", 2)
    pbx.act(call_id, "finish-transfer")
    pbx.hears("call.transferred")
    pbx.act(call_id, "hangup")


@by_all(callgear="whoever is asked joins the call: see test_consultation")
def test_attended_transfer(telling: Connect, vendor: str) -> None:
    """Anna holds the customer, asks Bob on a call of her own, and hands the customer over; all of it on her phone."""
    pbx = telling(vendor)
    hand_over_after_asking(pbx)
    pbx.hears("call.cleared", 2)
    customers = next(call for call in pbx.calls() if call.from_number == "+31612345678")
    assert (customers.snapshot["to"]["number"], customers.snapshot["end_reason"]) == (pbx.office.bob, "hangup")
    story = [*ANSWERED, "call.held", "call.established", "call.bridged", "call.transferred", "call.retrieved"]
    assert pbx.story_of(customers) == [*story, "call.cleared"]


@by_all(**{vendor: "whom an agent asks is on a call of their own" for vendor in ALL if vendor != "callgear"})
def test_consultation(telling: Connect, vendor: str) -> None:
    """Anna holds the customer, asks Bob, and hands the customer over: one call from beginning to end."""
    pbx = telling(vendor)
    hand_over_after_asking(pbx)
    end(pbx, to=pbx.office.bob)
    assert pbx.told() == CONSULTED


@by_all()
def test_hold(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "hold", extension=pbx.office.anna)
    pbx.hears("call.held")
    assert pbx.the_call().state == "held"
    pbx.act(call_id, "resume", extension=pbx.office.anna)
    pbx.hears("call.retrieved")
    assert pbx.the_call().state == "connected"
    pbx.act(call_id, "hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.held", "call.retrieved", "call.cleared"]


@by_all(kwebbl=NOT_SHOWN, eq=NOT_SHOWN, callgear=NOT_SHOWN)
def test_mute(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "mute", extension=pbx.office.anna)
    pbx.hears("call.muted")
    assert pbx.the_call().snapshot["muted"] is True
    pbx.act(call_id, "unmute", extension=pbx.office.anna)
    pbx.hears("call.unmuted")
    pbx.act(call_id, "hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.muted", "call.unmuted", "call.cleared"]


@by_all(
    kwebbl="parking tells no event", dstny="states don't tell where a parked call is", callgear="calls can't be parked"
)
def test_park_and_pickup(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    slot = pbx.act(call_id, "park", extension=pbx.office.anna)["parked"]
    pbx.hears("call.parked")
    assert pbx.the_call().state == "parked"
    pbx.sandbox.control("POST", f"/companies/{pbx.office.slug}/parked/{slot}/retrieve", extension=pbx.office.bob)
    pbx.hears("call.unparked")
    pbx.act(call_id, "hangup")
    end(pbx, to=pbx.office.bob)
    assert pbx.told() == [*ANSWERED, "call.parked", "call.unparked", "call.established", "call.cleared"]


@by_all()
def test_recording(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "start-recording", extension=pbx.office.anna)
    pbx.hears("call.recording_changed")
    assert pbx.the_call().snapshot["recording"]["state"] == "on"
    pbx.act(call_id, "stop-recording", extension=pbx.office.anna)
    pbx.hears("call.recording_changed", 2)
    pbx.act(call_id, "hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.recording_changed", "call.recording_changed", "call.cleared"]


@by_all(
    kwebbl="conferences tell no event",
    eq="whose conferences it shows can't be relied on",
    callgear="only its own coaches join a call",
)
def test_conference(telling: Connect, vendor: str) -> None:
    """Anna holds the customer, calls Bob, and joins the two calls."""
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "hold", extension=pbx.office.anna)
    pbx.hears("call.held")
    second = pbx.sandbox.control(
        "POST", f"/companies/{pbx.office.slug}/calls", from_extension=pbx.office.anna, to=pbx.office.bob
    )["id"]
    pbx.hears("call.delivered", 2)
    pbx.act(second, "answer", extension=pbx.office.bob)
    pbx.hears("call.established", 2)
    pbx.act(call_id, "conference", extension=pbx.office.anna, **{"with": second})
    pbx.hears("call.conferenced")
    pbx.hears("call.retrieved")

    def talking() -> set[str]:
        customers = next(call for call in pbx.calls() if call.from_number == "+31612345678")
        return {leg["number"] for leg in customers.snapshot["legs"] if leg["state"] == "connected"}

    everybody = {"+31612345678", pbx.office.anna, pbx.office.bob}
    wait_until(lambda: talking() == everybody, HEARD_WITHIN, "all three talk on the customer's call")
    pbx.act(call_id, "hangup", extension=pbx.office.bob)
    pbx.hears("call.party_left")
    assert talking() == everybody - {pbx.office.bob}
