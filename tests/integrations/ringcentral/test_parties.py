"""Whose legs the parties of telephony sessions are, and how these stand."""

import re
from typing import Any

import pytest

from integrations.contract.events import Direction, EndReason, LegState, LegView, Party
from integrations.vendors.ringcentral.parties import REASONS, STATES
from tests.integrations.ringcentral.payloads import ACCOUNT, ANNA, BOB, BOSS, CUSTOMER, notification, party, read

ANNA_ID, BOSS_ID = ANNA["extensionId"], BOSS["extensionId"]
# "statusCode" and "reason" in the document; those of the API's types that it lacks.
DOCUMENTED_CODES = frozenset(
    re.findall(
        r"\w+", "Setup Proceeding Answered Disconnected Gone Parked Hold VoiceMail FaxReceive VoiceMailScreening"
    )
)
DOCUMENTED_REASONS = frozenset(
    re.findall(
        r"\w+",
        "Pickup Supervising TakeOver Timeout BlindTransfer RccTransfer AttendedTransfer CallerInputRedirect CallFlip "
        "ParkLocation DtmfTransfer AgentAnswered AgentDropped Rejected Cancelled InternalError NoAnswer TargetBusy "
        "InvalidNumber InternationalDisabled DestinationBlocked NotEnoughFunds NoSuchUser CallRedirected CallReplied "
        "CallFinished CallDropped",
    )
)
LATER_REASONS = frozenset({"CallPark", "CallSwitch", "Voicemail"})


def leg(code: str, **fields: Any) -> LegView:
    """Anna's leg in a call from the customer."""
    return read(notification(party(2, code, ANNA, CUSTOMER, **fields))).legs[0]


def states(code: str, **fields: Any) -> dict[str, LegState]:
    """All legs that a party tells of."""
    return {
        each.vendor_leg_id: each.state for each in read(notification(party(2, code, ANNA, CUSTOMER, **fields))).legs
    }


def test_every_documented_code_and_reason_is_known() -> None:
    assert {each.lower() for each in DOCUMENTED_CODES} <= STATES.keys()
    assert {each.lower() for each in DOCUMENTED_REASONS | LATER_REASONS} == REASONS.keys()


@pytest.mark.parametrize(
    ("code", "own", "caller"),
    [
        ("Setup", LegState.INITIATED, LegState.INITIATED),
        ("Proceeding", LegState.ALERTING, LegState.INITIATED),
        ("Answered", LegState.CONNECTED, LegState.CONNECTED),
        ("FaxReceive", LegState.CONNECTED, LegState.CONNECTED),
        ("Hold", LegState.HOLD, LegState.CONNECTED),
        ("Parked", LegState.PARKED, LegState.CONNECTED),
        ("VoiceMail", LegState.NULL, LegState.CONNECTED),
        ("Voicemail", LegState.NULL, LegState.CONNECTED),
        ("VoiceMailScreening", LegState.NULL, LegState.CONNECTED),
        ("VMScreening", LegState.NULL, LegState.CONNECTED),
        ("Disconnected", LegState.NULL, LegState.NULL),
        ("Gone", LegState.NULL, LegState.NULL),
    ],
)
def test_codes(code: str, own: LegState, caller: LegState) -> None:
    assert states(code) == {"p-1-2": own, "p-1-2~": caller}


@pytest.mark.parametrize(
    ("code", "own", "callee"),
    [
        ("Setup", LegState.INITIATED, LegState.INITIATED),
        ("Proceeding", LegState.INITIATED, LegState.ALERTING),
        ("Answered", LegState.CONNECTED, LegState.CONNECTED),
        ("Hold", LegState.HOLD, LegState.CONNECTED),
        ("Disconnected", LegState.NULL, LegState.NULL),
    ],
)
def test_codes_of_a_caller(code: str, own: LegState, callee: LegState) -> None:
    event = read(notification(party(1, code, ANNA, CUSTOMER)))
    assert [(each.vendor_leg_id, each.role, each.state, each.inferred) for each in event.legs] == [
        ("p-1-1", "caller", own, False),
        ("p-1-1~", "callee", callee, True),
    ]


def test_caller_who_is_answered_by_rules_does_not_say_that_a_colleague_answered() -> None:
    event = read(notification(party(1, "Answered", ANNA, BOB)))
    assert [each.vendor_leg_id for each in event.legs] == ["p-1-1"]


def test_for_whoever_sees_one_extension_alone_it_has_to() -> None:
    event = read(notification(party(1, "Answered", ANNA, BOB), extensionId=ANNA_ID))
    assert [(each.vendor_leg_id, each.state) for each in event.legs] == [
        ("p-1-1", LegState.CONNECTED),
        ("p-1-1~", LegState.CONNECTED),
    ]


def test_nobody_is_inferred_from_somebody_outside() -> None:
    event = read(notification(party(1, "Answered", CUSTOMER, ANNA)))
    assert event.legs == (
        LegView("p-1-1", Party(number="+31612345678", name="Jansen BV"), LegState.CONNECTED, role="caller"),
    )


@pytest.mark.parametrize("word", sorted(DOCUMENTED_REASONS | LATER_REASONS))
def test_reasons(word: str) -> None:
    supervisor = word == "Supervising"
    ended = read(notification(party(2, "Disconnected", ANNA, CUSTOMER, reason=word))).legs
    assert ended[0].reason == REASONS[word.lower()]
    assert ended[0].transfer == ("attended" if word == "AttendedTransfer" else "blind")
    assert len(ended) == (1 if supervisor else 2)


@pytest.mark.parametrize(
    ("code", "reason", "missed", "expected"),
    [
        ("Disconnected", None, False, None),
        ("Disconnected", None, True, EndReason.NO_ANSWER),
        ("Disconnected", "CallFinished", True, EndReason.NO_ANSWER),
        ("Disconnected", "Cancelled", True, EndReason.CANCELLED),
        ("Disconnected", "SomethingNew", False, None),
        ("Disconnected", "Pickup", False, EndReason.ANSWERED_ELSEWHERE),
        ("Gone", "Pickup", False, EndReason.TRANSFERRED),
        ("VoiceMail", None, True, EndReason.VOICEMAIL),
        ("Disconnected", "Voicemail", True, EndReason.VOICEMAIL),
    ],
)
def test_reasons_beside_codes(code: str, reason: str | None, missed: bool, expected: EndReason | None) -> None:
    assert leg(code, reason=reason, missedCall=missed).reason == expected


def test_why_it_ended_for_the_other_side() -> None:
    for reason, expected in (("TargetBusy", EndReason.BUSY), ("BlindTransfer", None), ("Pickup", None)):
        event = read(notification(party(1, "Disconnected", ANNA, CUSTOMER, reason=reason)))
        assert event.legs[1].reason == expected


def test_facts_of_a_leg() -> None:
    own = ANNA | {"deviceId": 52294004}
    view = read(notification(party(2, "Parked", own, CUSTOMER, park_data="*801", muted=True))).legs[0]
    assert (view.device_id, view.muted, view.parked_at) == ("52294004", True, "*801")
    assert leg("Answered", park_data="*801").parked_at is None


def test_who_a_party_is() -> None:
    dialled = {"phoneNumber": "+18003151571", "name": "Anna Agent", "extensionId": ANNA_ID}
    event = read(notification(party(2, "Answered", dialled, CUSTOMER)))
    assert [each.party for each in event.legs] == [
        Party(extension_id=ANNA_ID, name="Anna Agent"),  # that number was dialled, and may be the company's
        Party(number="+31612345678", name="Jansen BV"),
    ]
    inside = read(notification(party(2, "Answered", ANNA, BOB))).legs
    assert [each.party.number for each in inside] == ["101", "102"]


@pytest.mark.parametrize("number", ["anonymous", "Anonymous"])
def test_caller_who_hides(number: str) -> None:
    event = read(notification(party(2, "Proceeding", ANNA, {"phoneNumber": number})))
    assert event.legs[1].party == Party(anonymous=True)
    assert event.direction is Direction.INBOUND


def test_member_of_a_queue() -> None:
    queue = {"phoneNumber": "+31305550201", "extensionId": "77", "name": "Orders"}
    event = read(notification(party(3, "Proceeding", queue, CUSTOMER, queueCall=True, extensionId=ANNA_ID)))
    assert event.legs[0].party == Party(extension_id=ANNA_ID)
    assert event.via == Party(extension_id="77", name="Orders")
    shown_as_dialled = ANNA | {"phoneNumber": "+31305550201"}
    event = read(notification(party(3, "Proceeding", shown_as_dialled, CUSTOMER, queueCall=True)))
    assert event.via == Party(number="+31305550201")


@pytest.mark.parametrize(
    ("number", "code", "who", "other", "direction"),
    [
        (2, "Proceeding", ANNA, CUSTOMER, Direction.INBOUND),
        (1, "Setup", CUSTOMER, {"phoneNumber": "+31305550200"}, Direction.INBOUND),
        (1, "Setup", CUSTOMER, ANNA, Direction.INBOUND),
        (2, "Proceeding", ANNA, BOB, Direction.INTERNAL),
        (1, "Setup", ANNA, {"phoneNumber": "102"}, None),
        (1, "Setup", ANNA, CUSTOMER, None),
        (1, "Proceeding", ANNA, CUSTOMER, Direction.OUTBOUND),
        (2, "Proceeding", CUSTOMER, ANNA, Direction.OUTBOUND),
        (3, "Proceeding", {"phoneNumber": "+31201234567"}, CUSTOMER, None),
    ],
)
def test_direction(
    number: int, code: str, who: dict[str, Any], other: dict[str, Any], direction: Direction | None
) -> None:
    assert read(notification(party(number, code, who, other))).direction is direction


def test_supervisor_listens_and_is_nobodys_other_side() -> None:
    for code in ("Answered", "Gone"):
        event = read(notification(party(3, code, BOSS, ANNA, outbound=True, reason="Supervising")))
        assert [(each.role, each.state, each.party.extension_id) for each in event.legs] == [
            ("supervisor", LegState.CONNECTED, BOSS_ID)
        ]
        assert event.direction is None
    ended = read(notification(party(3, "Disconnected", BOSS, ANNA, outbound=True, reason="Supervising")))
    assert ended.legs[0].state is LegState.NULL


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ({"telephonySessionId": "s-2", "sessionId": "402936341008", "partyId": "p-2-1"}, ("s-2",)),
        ({"sessionId": "s-a4a0d812557c5", "partyId": "p-2-1"}, ("s-a4a0d812557c5",)),
        ({"sessionId": "402936341008"}, ()),
    ],
)
def test_where_the_conversation_lives_on(peer: dict[str, str], expected: tuple[str, ...]) -> None:
    assert read(notification(party(2, "Gone", ANNA, CUSTOMER, peer=peer))).peers == expected


def test_party_of_the_rest_api() -> None:
    shown = party(2, "Answered", ANNA, CUSTOMER)
    del shown["extensionId"], shown["direction"]
    shown["owner"] = {"accountId": ACCOUNT, "extensionId": int(ANNA_ID)}
    own, caller = read(notification(shown, telephonySessionId=None, id="s-1")).legs
    assert (own.party.extension_id, own.role, caller.role) == (ANNA_ID, "callee", "caller")
