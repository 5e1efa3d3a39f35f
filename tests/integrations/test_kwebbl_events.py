"""What Kwebbl's notifications become: every spelling of its document, and nothing but MalformedPayload for the rest."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Direction, EndReason, EventType, Party, Strand, Transfer
from integrations.vendors.kwebbl.events import END_REASONS, EVENT_TYPES, parse_notification
from tests.integrations.kwebbl_payloads import ANSWERED, BRIDGED, CALL_ID, CREATED, TRANSFERRED, notification

AGENT = Party(extension_id="abcdef123456abcdef123456abcdef12", anonymous=True)
CUSTOMER = Party(number="31101111111")


def parse(payload: Any) -> CtiEvent:
    return parse_notification(json.dumps(payload).encode())


def test_example_of_answered() -> None:
    assert parse(ANSWERED) == CtiEvent(
        identity=f"established:{CALL_ID}:a1b2c3d3",
        type=EventType.ESTABLISHED,
        occurred_at=datetime(2016, 8, 30, 14, 2, 16, 635000, tzinfo=UTC),
        vendor_call_id=CALL_ID,
        direction=Direction.INBOUND,
        from_=AGENT,
        to=CUSTOMER,
    )


def test_example_of_created_has_no_call() -> None:
    event = parse(CREATED)
    assert (event.type, event.vendor_call_id, event.identity) == (EventType.ORIGINATED, None, "originated::a1b2c3d0")


def test_example_of_bridged() -> None:
    event = parse(BRIDGED)
    assert event.type is EventType.BRIDGED
    assert event.vendor_call_id == CALL_ID
    assert (event.from_, event.to) == (None, None)
    assert event.strands == (
        Strand(
            CALL_ID,
            from_=CUSTOMER,
            to=Party(extension_id="abcdef123456abcdef123456abcdef12", number="31101222222"),
            direction=Direction.INBOUND,
        ),
        Strand(
            "fd8265472-8c34a51b",
            from_=CUSTOMER,
            to=Party(extension_id="def456789abcdef456789abcdef45678", number="030"),
            direction=Direction.OUTBOUND,
        ),
    )


def test_answered_and_bridged_share_an_id_but_not_an_identity() -> None:
    assert ANSWERED["id"] == BRIDGED["id"]
    assert parse(ANSWERED).identity != parse(BRIDGED).identity


def test_example_of_transferred() -> None:
    assert parse(TRANSFERRED).transfer == Transfer(
        before_from=Party(extension_id="abcdef123456abcdef123456abcdef12", number="010", anonymous=True),
        before_to=CUSTOMER,
        after_from=Party(extension_id="def456789abcdef456789abcdef45678", number="030", anonymous=True),
        after_to=CUSTOMER,
        initiator=Party(extension_id="abcdef123456abcdef123456abcdef12", number="020"),
        mode="blind",
    )


def test_transfer_without_a_type_is_blind() -> None:
    payload = {key: value for key, value in TRANSFERRED.items() if key != "transfer_type"}
    transfer = parse(payload).transfer
    assert transfer is not None
    assert transfer.mode == "blind"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("holding", EventType.HELD),
        ("resume", EventType.RETRIEVED),
        ("resumed", EventType.RETRIEVED),
        ("start_recording", EventType.RECORDING_STARTED),
        ("start-recording", EventType.RECORDING_STARTED),
        ("stop_recording", EventType.RECORDING_STOPPED),
        ("stop-recording", EventType.RECORDING_STOPPED),
        ("Ringing", EventType.DELIVERED),
    ],
)
def test_spellings_of_event_types(word: str, expected: EventType) -> None:
    assert parse(notification(word)).type is expected


def test_one_event_in_two_spellings_is_one_event() -> None:
    assert parse(notification("start-recording")).identity == parse(notification("start_recording")).identity


def test_missing_id_is_replaced_by_a_digest_of_the_content() -> None:
    payload = {key: value for key, value in ANSWERED.items() if key != "id"}
    reordered = json.dumps(dict(reversed(payload.items())), indent=2).encode()
    assert parse(payload).identity == parse_notification(reordered).identity
    assert parse(payload).identity != parse(payload | {"call_id": "other"}).identity


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ({"number": 31101111111}, Party(number="31101111111")),
        ({"number": "+31101111111"}, Party(number="+31101111111")),
        ({"number": "0031101111111"}, Party(number="0031101111111")),
        ({"extension_id": "abcdef"}, Party(extension_id="abcdef")),
        ({"caller_id": "anonymous"}, Party(anonymous=True)),
        ("anonymous", Party(anonymous=True)),
        ({"caller_id": "0201234567"}, Party(number="0201234567")),
        ({"number": "1000", "caller_id": "0201234567"}, Party(number="1000")),
        ({"number": "1000", "caller_id": "Jan <b>"}, Party(number="1000", name="Jan <b>")),
        ({}, Party()),
        (None, None),
    ],
)
def test_parties(agent: Any, expected: Party | None) -> None:
    assert parse(notification("ringing", **{"from": agent})).from_ == expected


def test_via_names_the_dialplan() -> None:
    assert parse(notification("ringing", via={"extension_id": "ff"})).via == Party(extension_id="ff")


@pytest.mark.parametrize(
    "text", ["2016-08-30T14:02:06.635", "2016-08-30T16:02:06.635+02:00", "2016-08-30 14:02:06.635Z"]
)
def test_times_with_and_without_a_zone(text: str) -> None:
    expected = datetime(2016, 8, 30, 14, 2, 6, 635000, tzinfo=UTC)
    assert parse(notification("ringing", time=text)).occurred_at == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("hangup", EndReason.HANGUP),
        ("NO-ANSWER", EndReason.NO_ANSWER),
        ("answered elsewhere", EndReason.ANSWERED_ELSEWHERE),
        ("never seen before", EndReason.HANGUP),
        (None, EndReason.HANGUP),
    ],
)
def test_reasons(reason: str | None, expected: EndReason) -> None:
    assert parse(notification("terminated", reason=reason)).reason is expected


def test_unknown_direction_is_left_open() -> None:
    assert parse(notification("ringing", direction="sideways")).direction is None


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (notification("exploded"), "exploded"),
        (notification("ringing", call_id=None), "names no call"),
        (notification("ringing", call_id="x" * 201), "longer than 200"),
        (notification("ringing", time="yesterday"), "yesterday"),
        (notification("ringing", time="0001-01-01T00:00:00+23:00"), "ISO 8601"),
        (notification("ringing", to=[]), "to"),
        (notification("transferred"), "after it"),
        ({"event_type": "bridged", "time": "2016-08-30T14:02:06Z", "calls": [{}]}, "names no call"),
        ({"event_type": "ringing"}, "time"),
        ([], "object"),
    ],
)
def test_what_is_malformed_says_why(payload: Any, words: str) -> None:
    with pytest.raises(MalformedPayload, match=words):
        parse(payload)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b'{"x":' + b"[" * 100_000])
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        parse_notification(body)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_words = st.none() | st.integers() | st.text() | st.sampled_from(["anonymous", "+31101111111"])
_agents = _words | st.fixed_dictionaries({}, optional=dict.fromkeys(("number", "extension_id", "caller_id"), _words))
_sides = st.fixed_dictionaries({}, optional={"from": _agents, "to": _agents})
_nearly = st.fixed_dictionaries(
    {"event_type": st.sampled_from([*EVENT_TYPES]), "time": st.datetimes().map(datetime.isoformat) | st.text()},
    optional={
        "id": _words,
        "call_id": _words,
        "from": _agents,
        "to": _agents,
        "via": _agents,
        "before": _sides,
        "after": _sides,
        "initiator": _agents,
        "direction": _words,
        "reason": st.sampled_from([*END_REASONS]) | _words,
        "calls": st.lists(_sides, max_size=3) | _anything,
        "extra": _anything,
    },
)


def _is_parsed_or_refused(body: bytes) -> bool:
    """Anything but MalformedPayload is raised; what is parsed is parsed alike again, and can be told apart in the database."""
    try:
        event = parse_notification(body)
    except MalformedPayload:
        return True
    return len(event.identity) <= 300 and event == parse_notification(body)


@given(_anything | _nearly)
def test_any_json_is_parsed_or_malformed(payload: Any) -> None:
    assert _is_parsed_or_refused(json.dumps(payload).encode())


@given(st.binary())
def test_any_bytes_are_parsed_or_malformed(body: bytes) -> None:
    assert _is_parsed_or_refused(body)
