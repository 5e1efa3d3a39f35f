"""What a call's state says: its sides, how they stand, and why it ended."""

from typing import Any

import pytest

from integrations.contract.events import (
    CtiEvent,
    Direction,
    EndReason,
    EventType,
    Ignored,
    Party,
    Reconcile,
    Recording,
)
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.dstny.payloads import (
    ANNA,
    BOB,
    BRIDGE,
    CORRELATION,
    CUSTOMER,
    PEOPLE,
    SWITCHBOARD,
    one,
    request,
    state,
)


@pytest.mark.parametrize(
    ("status", "inbound", "own", "remote"),
    [
        ("INITIATED", False, "initiated", "initiated"),
        ("RINGING", False, "initiated", "alerting"),
        ("RINGING", True, "alerting", "connected"),
        ("ACTIVE", False, "connected", "connected"),
        ("HELD", True, "hold", "connected"),
        ("TERMINATED", True, "null", "null"),
        ("GONE", True, "null", "null"),
    ],
)
def test_statuses(status: str, inbound: bool, own: str, remote: str) -> None:
    event = one(state("a1", status, 1, inbound=inbound, event="SOMETHING"))
    assert [leg.state.value for leg in event.legs] == [own, remote]


@pytest.mark.parametrize(
    ("ending", "reason", "remote"),
    [
        ({"correlationId": None}, None, "null"),
        ({"event": "TRANSFERRED"}, EndReason.TRANSFERRED, "connected"),
        ({"event": "PARKED"}, EndReason.TRANSFERRED, "parked"),
        ({"event": "REJECTED"}, EndReason.REJECTED, "null"),
        ({"event": "ANSWERED_ELSEWHERE"}, EndReason.ANSWERED_ELSEWHERE, "null"),
        ({"event": "VOICEMAIL"}, EndReason.VOICEMAIL, "null"),
        ({"event": "LEFT_CONFERENCE"}, None, "null"),
        ({"event": "FAILED"}, EndReason.FAILED, "null"),
        ({"event": "FAILED", "eventDescription": "Call setup failed with status code 504"}, EndReason.FAILED, "null"),
        ({"event": "FAILED", "eventDescription": "Call setup failed with status code 486"}, EndReason.BUSY, "null"),
        ({"event": "FAILED", "eventDescription": "Call setup failed with status code 603"}, EndReason.REJECTED, "null"),
    ],
)
def test_why_a_call_ended(ending: dict[str, str], reason: EndReason | None, remote: str) -> None:
    own, other = one(state("a1", "TERMINATED", 1, **ending)).legs
    assert (own.reason, other.state.value) == (reason, remote)


@pytest.mark.parametrize(
    ("fields", "recording", "saved"),
    [
        ({}, None, None),
        ({"recording": True, "actions": [{"action": "STOP_REC"}]}, Recording.ON, None),
        ({"recording": False}, Recording.OFF, None),
        ({"externalRecording": True, "actions": [{"action": "SAVE_REC"}]}, Recording.ON, False),
        (
            {"externalRecording": True, "externalRecordingPaused": True, "actions": "[{action: SAVE_REC}]"},
            Recording.PAUSED,
            False,
        ),
        ({"externalRecording": True, "actions": [{"action": "DISCARD_REC"}]}, Recording.ON, True),
    ],
)
def test_recording(fields: dict[str, Any], recording: Recording | None, saved: bool | None) -> None:
    event = one(state("a1", "ACTIVE", 1, **({"actions": None} | fields)))
    assert (event.recording, event.recording_saved) == (recording, saved)


@pytest.mark.parametrize(
    ("remote", "party", "direction"),
    [
        (PEOPLE[BOB], Party(number="+46277464", name="Bob Bobson"), Direction.INTERNAL),
        (
            {"type": "USER_ID", "telUri": "sip:7464@example.org", "displayNumber": "7464"},
            Party(number="7464"),
            Direction.INTERNAL,
        ),
        ({"type": "ANONYMOUS_ID", "displayName": "Anonymous"}, Party(anonymous=True), Direction.INBOUND),
        ({"displayName": "<b>x</b>", "displayNumber": "no number"}, Party(name="<b>x</b>"), Direction.INBOUND),
        ({}, Party(anonymous=True), Direction.INBOUND),
        (None, Party(), Direction.INBOUND),
    ],
)
def test_parties(remote: dict[str, str] | None, party: Party, direction: Direction) -> None:
    event = one(state("a1", "ACTIVE", 1, remoteParty=remote))
    assert (event.legs[1].party, event.direction) == (party, direction)


def test_the_group_that_gave_the_call_is_via() -> None:
    history = {"previousParty": SWITCHBOARD, "previousRetargetReason": "DISTRIBUTED"}
    assert one(state("a1", "RINGING", 1, historyInfo=history)).via == Party(number="+46277400", name="Switchboard")
    transferred = {"previousParty": PEOPLE[BOB], "previousRetargetReason": "TRANSFERRED"}
    assert one(state("a1", "RINGING", 1, historyInfo=transferred)).via is None


@pytest.mark.parametrize(("inbound", "sides"), [(True, ("from", "to")), (False, ("to", "from"))])
def test_a_call_that_came_by_a_transfer_says_so(inbound: bool, sides: tuple[str, str]) -> None:
    history = {"previousParty": PEOPLE[ANNA], "previousRetargetReason": "TRANSFERRED"}
    parsed = DstnyAdapter.parse(request(state("b1", "RINGING", 1, inbound=inbound, historyInfo=history), BOB))
    assert not isinstance(parsed, Ignored)
    transferred, observed = parsed  # the transfer rings Bob
    assert isinstance(transferred, CtiEvent)
    assert isinstance(observed, CtiEvent)
    assert (transferred.type, transferred.vendor_call_id) == (EventType.TRANSFERRED, "b1")
    assert transferred.peers == observed.peers == (CORRELATION,)
    told_of = transferred.transfer
    assert told_of is not None
    customer, anna = Party(number="+31612345678", name="Jan Jansen"), Party(number="+46277463", name="Anna Alison")
    stays, goes = sides
    assert getattr(told_of, f"before_{stays}") == getattr(told_of, f"after_{stays}") == customer
    assert getattr(told_of, f"before_{goes}") == told_of.initiator == anna
    assert getattr(told_of, f"after_{goes}") == Party(BOB)


def test_a_call_that_ends_without_a_word_may_go_on_elsewhere() -> None:
    """Its end is told once it is known that nobody went on with it."""
    assert DstnyAdapter.parse(request(state("a1", "TERMINATED", 1))) == [Reconcile(ANNA, over=("a1",))]
    assert len(DstnyAdapter.parse(request(state("a1", "TERMINATED", 1, event="REJECTED")))) == 1  # type: ignore[arg-type]


def test_conference_shows_its_participants_instead_of_its_bridge() -> None:
    participants = [
        {"id": "xxx22yyy", "remoteParty": CUSTOMER},
        {"id": "xxx23yyy", "remoteParty": PEOPLE[BOB] | {"intrusionType": "BARGE"}},
    ]
    event = one(state("a1", "ACTIVE", 1, conference=True, remoteParty=BRIDGE, participants=participants))
    assert (event.conference, event.direction) == (True, None)
    assert [(leg.party.name, leg.role, leg.inferred) for leg in event.legs] == [
        (None, "participant", False),
        ("Jan Jansen", "participant", True),
        ("Bob Bobson", "supervisor", True),
    ]


def test_who_intrudes_is_shown_beside_the_other_side() -> None:
    participants = [
        {"id": "xxx22yyy", "remoteParty": CUSTOMER},
        {"id": "xxx23yyy", "remoteParty": PEOPLE[BOB] | {"intrusionType": "MONITOR"}},
    ]
    event = one(state("a1", "ACTIVE", 1, intruded=True, remoteParty=CUSTOMER, participants=participants))
    assert [(leg.party.name, leg.role) for leg in event.legs] == [
        (None, "callee"),
        ("Jan Jansen", "caller"),
        ("Bob Bobson", "supervisor"),
    ]
