"""Calls that Patchbay places or gives up, between the API and the vendor's events."""

import http.client
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from common.times import utc_now
from cti.calls import store, upkeep
from cti.calls.models import Call
from integrations.contract.events import EndReason, Party
from tenants.rls import tenant_scope
from tests.connected import ANNA, Connected, connect_account, kwebbl_event
from tests.servers import Server

pytestmark = pytest.mark.usefixtures("committed_db")


def deliver(server: Server, connected: Connected, event: dict[str, Any]) -> None:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request("POST", connected.hook, json.dumps(event))
    assert connection.getresponse().status == 200
    connection.close()


def expect(connected: Connected, external_id: str = "") -> Call:
    return store.expect_outbound(
        connected.tenant_id,
        connected.account.id,
        from_=Party(extension_id=ANNA),
        to=Party(number="+31203080700"),
        external_id=external_id,
    )


def outbound_event(kind: str, number: int) -> dict[str, Any]:
    parties = {"from": {"extension_id": ANNA}, "to": {"number": "31203080700"}}
    return kwebbl_event(kind, "vendor-1", number=number, direction="outbound") | parties


def calls_of(connected: Connected) -> list[Call]:
    with tenant_scope(connected.tenant_id):
        return list(Call.objects.order_by("id"))


def test_placed_call_is_told_when_the_vendor_accepts_it_and_is_found_by_its_events(web_server: Server) -> None:
    connected = connect_account()
    placed = expect(connected, external_id="crm-7")
    assert (placed.version, connected.types()) == (0, [])
    confirmed = store.confirm_originated(connected.tenant_id, placed.id, None)
    assert (confirmed.version, confirmed.snapshot["state"], confirmed.snapshot["direction"]) == (
        1,
        "initiated",
        "outbound",
    )
    deliver(web_server, connected, outbound_event("ringing", 1))
    deliver(web_server, connected, outbound_event("answered", 2))
    (call,) = calls_of(connected)
    assert call.id == placed.id
    assert (call.snapshot["vendor_call_id"], call.snapshot["external_id"]) == ("vendor-1", "crm-7")
    assert connected.types() == ["call.originated", "call.delivered", "call.established"]


def test_events_that_outrun_the_vendors_answer_still_tell_the_call_once(web_server: Server) -> None:
    connected = connect_account()
    placed = expect(connected)
    deliver(web_server, connected, outbound_event("ringing", 1))
    store.confirm_originated(connected.tenant_id, placed.id, "vendor-1")
    assert connected.types() == ["call.originated", "call.delivered"]
    assert [call.id for call in calls_of(connected)] == [placed.id]


def test_call_that_the_vendor_names_at_once_is_found_by_that_name(web_server: Server) -> None:
    connected = connect_account()
    placed = expect(connected)
    confirmed = store.confirm_originated(connected.tenant_id, placed.id, "vendor-1")
    assert (confirmed.snapshot["vendor_call_id"], "hangup" in confirmed.snapshot["actions"]) == ("vendor-1", True)
    parties = {"from": {"extension_id": ANNA}, "to": {"number": "31699999999"}}  # reached under another number
    deliver(web_server, connected, kwebbl_event("ringing", "vendor-1", direction="outbound") | parties)
    assert [call.id for call in calls_of(connected)] == [placed.id]


def test_two_calls_between_the_same_parties_are_matched_in_the_order_of_asking(web_server: Server) -> None:
    connected = connect_account()
    first, second = expect(connected), expect(connected)
    deliver(web_server, connected, outbound_event("ringing", 1))
    deliver(web_server, connected, outbound_event("ringing", 2) | {"call_id": "vendor-2", "id": "other"})
    assert {call.id: call.snapshot["vendor_call_id"] for call in calls_of(connected)} == {
        first.id: "vendor-1",
        second.id: "vendor-2",
    }


def test_refused_call_never_was(committed_db: None) -> None:
    connected = connect_account()
    store.discard_expected(connected.tenant_id, expect(connected).id)
    assert (calls_of(connected), connected.types()) == ([], [])


def test_call_that_the_vendor_lost_is_closed_once(web_server: Server) -> None:
    connected = connect_account()
    deliver(web_server, connected, kwebbl_event("ringing"))
    (call,) = calls_of(connected)
    for _ in range(2):
        closed = store.close_call(connected.tenant_id, call.id, EndReason.LOST)
    assert (closed.snapshot["state"], closed.snapshot["end_reason"]) == ("ended", "lost")
    assert connected.types() == ["call.originated", "call.delivered", "call.cleared"]
    deliver(web_server, connected, kwebbl_event("answered", number=5))
    assert connected.types()[-1] == "call.cleared"


def test_calls_of_which_nothing_is_heard_are_given_up(web_server: Server) -> None:
    connected = connect_account()
    ringing, talking, unplaced = "ringing-1", "talking-1", expect(connected)
    deliver(web_server, connected, kwebbl_event("ringing", ringing))
    deliver(web_server, connected, kwebbl_event("answered", talking))
    now = utc_now()
    upkeep.close_lost_calls(now)
    assert "call.cleared" not in connected.types()
    upkeep.close_lost_calls(now + upkeep.RINGING + timedelta(minutes=1))
    states = {call.snapshot["vendor_call_id"]: call.snapshot["end_reason"] for call in calls_of(connected)}
    assert states == {ringing: "lost", talking: None}
    assert unplaced.id not in {call.id for call in calls_of(connected)}
    upkeep.close_lost_calls(now + upkeep.TALKING + timedelta(minutes=1))
    assert connected.types().count("call.cleared") == 2


def test_events_that_were_faster_and_known_for_another_call_are_of_the_placed_one(web_server: Server) -> None:
    connected = connect_account()
    placed = expect(connected)
    ringing = outbound_event("ringing", 1) | {"to": {"number": "31203080799"}}  # another number of theirs
    deliver(web_server, connected, ringing)
    assert [call.merged_into for call in calls_of(connected)] == [None, None]
    confirmed = store.confirm_originated(connected.tenant_id, placed.id, "vendor-1")
    assert confirmed.snapshot["state"] == "alerting"
    deliver(web_server, connected, outbound_event("terminated", 2))
    first, second = calls_of(connected)
    assert (first.id, first.snapshot["state"], first.snapshot["end_reason"]) == (placed.id, "ended", "cancelled")
    assert (second.merged_into, second.snapshot["state"]) == (placed.id, "ended")
