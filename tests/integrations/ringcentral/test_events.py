"""What RingCentral's notifications of telephony sessions are read as."""

import contextlib
import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Direction, EventType, Ignored, LegState, LegView, Party, Recording
from integrations.vendors.ringcentral.events import parse_notification
from tests.integrations.ringcentral import payloads
from tests.integrations.ringcentral.payloads import ANNA, CUSTOMER, encoded, nested, notification, party, read
from tests.integrations.ringcentral.stories import STORIES, story

ANNA_ID = ANNA["extensionId"]


def test_the_documents_example() -> None:
    event = read(payloads.DOCUMENTED)
    assert event == CtiEvent(
        identity="session:837270960869181944",
        type=EventType.OBSERVED,
        occurred_at=datetime(2018, 6, 5, 0, 14, 50, 181000, tzinfo=UTC),
        vendor_call_id="Y3MxNzE4NDE5MDM0MzQwMTgzODRAMTAuNjIuMjUuMTEx",
        direction=Direction.INTERNAL,
        order=5,
        legs=(
            LegView(
                vendor_leg_id="cs171841903434018384-2",
                party=Party(extension_id="400144455008"),
                state=LegState.ALERTING,
                role="callee",
            ),
            LegView(
                vendor_leg_id="cs171841903434018384-2~",
                party=Party(extension_id="400144457008", number="103", name="TheCat Jerry"),
                state=LegState.INITIATED,
                role="caller",
                inferred=True,
            ),
        ),
    )


@pytest.mark.parametrize("name", STORIES)
def test_both_envelopes_say_the_same(name: str) -> None:
    for note in story(name):
        assert read(nested(note)) == read(note)


def test_event_with_or_without_its_query() -> None:
    note = notification(party(2, "Answered", ANNA, CUSTOMER))
    queried = note | {"event": note["event"] + "?direction=Inbound&sipData=true"}
    assert read(queried) == read(note)


def test_recordings() -> None:
    def recording(*active: bool, code: str = "Answered") -> tuple[Recording | None, str | None]:
        shown = [{"id": f"r{number}", "active": each} for number, each in enumerate(active)]
        event = read(notification(party(2, code, ANNA, CUSTOMER, recordings=shown)))
        return event.recording, event.recording_id

    assert recording() == (None, None)
    assert recording(True) == (Recording.ON, "r0")
    assert recording(True, False) == (Recording.ON, "r1")
    assert recording(False) == (Recording.PAUSED, "r0")
    assert recording(True, code="Disconnected") == (None, None)


def test_conference() -> None:
    shown = party(2, "Answered", ANNA, {"name": "Conference", "phoneNumber": "conference"})
    event = read(notification(shown, origin={"type": "Conference"}))
    assert event.conference is True
    assert event.legs[1].party == Party(name="Conference")
    assert read(notification(party(1, "Answered", ANNA, CUSTOMER, conferenceRole="Host"))).conference is True
    assert read(notification(party(1, "Answered", ANNA, CUSTOMER))).conference is None


def test_several_parties_at_once() -> None:
    event = read(notification(party(1, "Answered", CUSTOMER, ANNA), party(2, "Answered", ANNA, CUSTOMER)))
    assert [each.vendor_leg_id for each in event.legs] == ["p-1-1", "p-1-2", "p-1-2~"]
    assert event.complete is False


def test_views_of_several_subscriptions_name_the_same_legs() -> None:
    account = notification(party(1, "Answered", CUSTOMER, ANNA), party(2, "Answered", ANNA, CUSTOMER))
    own = notification(party(2, "Answered", ANNA, CUSTOMER), extensionId=ANNA_ID)
    assert set(read(own).legs) < set(read(account).legs)


def test_snapshot_shows_all_parties_and_infers_none() -> None:
    note = notification(party(2, "Answered", ANNA, CUSTOMER), sequence=None) | {"view": "snapshot"}
    event = read(note)
    assert (event.complete, event.order, [each.inferred for each in event.legs]) == (True, None, [False])


def test_identity() -> None:
    note = notification(party(2, "Answered", ANNA, CUSTOMER), sequence=7)
    assert read(note).identity == "session:uuid-1-7"
    anonymous = copy.deepcopy(note)
    del anonymous["uuid"]
    assert read(anonymous).identity == "session:s-1:7:account:p-1-2"
    mine = anonymous | {"event": f"/restapi/v1.0/account/~/extension/{ANNA_ID}/telephony/sessions"}
    assert read(mine).identity == f"session:s-1:7:{ANNA_ID}:p-1-2"
    anonymous["body"]["sequence"] = None
    assert len(read(anonymous).identity) == len("session:") + 64


def test_time_is_the_envelopes_before_the_events() -> None:
    note = notification(party(2, "Answered", ANNA, CUSTOMER), sequence=1)
    assert read(note).occurred_at == datetime(2026, 1, 31, 9, 0, 1, 500000, tzinfo=UTC)
    del note["timestamp"]
    assert read(note).occurred_at == datetime(2026, 1, 31, 9, 0, 1, tzinfo=UTC)
    note["body"]["eventTime"] = "2014-04-29T14:29:27.408+0000"
    assert read(note).occurred_at == datetime(2014, 4, 29, 14, 29, 27, 408000, tzinfo=UTC)


@pytest.mark.parametrize(
    "note",
    [
        notification(party(2, "Tds", ANNA, CUSTOMER)),
        notification(),
        *(
            notification(party(1, "Setup", ANNA, CUSTOMER), origin={"type": each})
            for each in ("VerificationCall", "TestCall")
        ),
        notification() | {"event": "/restapi/v1.0/account/1/extension/2/favorite"},
        notification() | {"event": "/restapi/v1.0/subscription/~?threshold=60&interval=15"},
        notification() | {"event": "/restapi/v1.0/account/1/extension/2/message-store"},
    ],
)
def test_known_and_unused(note: dict[str, Any]) -> None:
    assert isinstance(parse_notification(encoded(note)), Ignored)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": None}, "RingCentral notification"),
        ({"event": None}, "no event"),
        ({"body": {"parties": []}, "timestamp": "soon"}, "no telephony session"),
        ({"timestamp": "soon"}, "ISO 8601"),
    ],
)
def test_malformed(change: dict[str, Any], words: str) -> None:
    with pytest.raises(MalformedPayload, match=words):
        parse_notification(encoded(notification(party(2, "Answered", ANNA, CUSTOMER)) | change))


def test_malformed_parties() -> None:
    for shown in (party(2, "Levitating", ANNA, CUSTOMER), party(2, "Answered", ANNA, CUSTOMER, session="x" * 300)):
        with pytest.raises(MalformedPayload):
            parse_notification(encoded(notification(shown)))
    for body in (b"", b"[]", b"{}", b"\xff", b"<html>", b"[" * 5000, b'{"uuid": 1, "event": 2}'):
        with pytest.raises(MalformedPayload):
            parse_notification(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(
    value=json_values, place=st.sampled_from(["id", "extensionId", "direction", "to", "from", "status", "recordings"])
)
def test_anything_in_place_of_a_field_is_read_or_malformed(value: Any, place: str) -> None:
    note = notification(party(2, "Answered", ANNA, CUSTOMER) | {place: value})
    body = json.dumps(note).encode()
    with contextlib.suppress(MalformedPayload):
        assert parse_notification(body) == parse_notification(body)
