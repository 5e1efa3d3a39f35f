"""What Dstny's payloads are read as: every form of the document, in every dialect."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.contract.commands import LegRef
from integrations.contract.errors import MalformedPayload
from integrations.contract.events import (
    CtiEvent,
    Direction,
    EventType,
    Ignored,
    LegState,
    Notice,
    NoticeType,
    Party,
    Reconcile,
)
from integrations.vendors.dstny.adapter import DstnyAdapter
from integrations.vendors.dstny.calls import leg_id, whose
from integrations.vendors.dstny.events import told, told_groups
from tests.integrations.dstny.payloads import (
    ANNA,
    BOB,
    CORRELATION,
    CUSTOMER,
    STORIES,
    T0,
    one,
    request,
    requests,
    state,
)

STATES = {each.value for each in LegState}


def test_user_webhook_with_the_full_state() -> None:
    calls = [state("a1", "ACTIVE", 11), state("a2", "HELD", 12)]
    parsed = DstnyAdapter.parse(request({"fullState": True, "calls": calls}))
    assert not isinstance(parsed, Ignored)
    first, second, reconcile = parsed
    assert reconcile == Reconcile(ANNA)  # what happens next is told by webhooks of each call
    assert isinstance(first, CtiEvent)
    assert isinstance(second, CtiEvent)
    assert (first.vendor_call_id, second.vendor_call_id) == ("a1", "a2")
    assert [leg.state for leg in second.legs] == [LegState.HOLD, LegState.CONNECTED]


def test_a_call_as_its_user_sees_it() -> None:
    event = one(state("a1", "RINGING", 48))
    assert event.type is EventType.OBSERVED
    assert event.identity == "anna:a1:48:RINGING:"
    assert (event.occurred_at, event.order, event.complete) == (T0, None, True)
    assert (event.direction, event.peers) == (Direction.INBOUND, (CORRELATION,))
    own, remote = event.legs
    assert (own.party, own.state, own.role, own.inferred) == (Party(ANNA), LegState.ALERTING, "callee", False)
    assert remote.party == Party(number="+31612345678", name="Jan Jansen")
    assert (remote.state, remote.role, remote.inferred) == (LegState.CONNECTED, "caller", True)
    assert (event.from_, event.to) == (remote.party, own.party)


def test_call_webhook_with_the_token_alone() -> None:
    assert DstnyAdapter.parse(request({"stateToken": 487345453})) == [Reconcile(ANNA)]


def test_full_state_without_calls_says_that_they_ended() -> None:
    assert DstnyAdapter.parse(request({"fullState": True, "calls": []})) == [Reconcile(ANNA)]


def test_device_webhook_is_known_and_ignored() -> None:
    body = {"timeStamp": "2025-03-10 20:28:32.213", "changedField": "DEVICE_INFO"}
    assert isinstance(DstnyAdapter.parse(request(body)), Ignored)


def test_what_our_own_streams_pass_on_names_its_user() -> None:
    assert one(told(BOB, state("b1", "ACTIVE", 5)), None) == one(state("b1", "ACTIVE", 5), BOB)


def test_groups_are_queues_with_their_statistics() -> None:
    group = {
        "id": 35,
        "domain": "sampleorg.com",
        "name": "customer_acd",
        "type": "ACD",
        "loggedIn": True,
        "loggedInAgents": 4,
        "freeAgents": 3,
        "callsWaiting": 1,
    }
    assert DstnyAdapter.parse(request(told_groups(ANNA, [group]), None)) == [
        Notice(
            identity=f"queue:35@sampleorg.com:{T0.isoformat()}",
            type=NoticeType.QUEUE,
            occurred_at=T0,
            data={"stats": {"waiting": 1, "agents_logged_in": 4, "agents_available": 3}},
            vendor_queue_id="35@sampleorg.com",
        )
    ]


@pytest.mark.parametrize(
    "dialect",
    [
        {"deviceIds": "[+1555555]", "actions": "[{action: ANSWER, deviceIds: [+1555555]}]"},
        {"muted": "false", "inbound": "true", "stateToken": "48"},
        {"actions": ["ANSWER"], "deviceIds": "+1555555"},
        {"participants": {"id": "x", "remoteParty": CUSTOMER}, "unknown": {"deep": [1]}},
        {"status": "Ringing", "displayName": None},
    ],
)
def test_lenient_forms_read_the_same(dialect: dict[str, Any]) -> None:
    assert one(state("a1", "RINGING", 48) | dialect).legs == one(state("a1", "RINGING", 48)).legs


@pytest.mark.parametrize("wrapper", [".CallDTO", "[.CallDTO]", ".CallState"])
def test_wrappers_name_a_type_and_nothing_else(wrapper: str) -> None:
    plain = state("a1", "ACTIVE", 48)
    assert one({wrapper: plain}) == one(plain)
    assert one({"fullState": True, "calls": [{wrapper: plain}]}) == one(plain)


def test_one_call_instead_of_a_list() -> None:
    assert one({"fullState": "true", "calls": state("a1", "HELD", 48)}) == one(state("a1", "HELD", 48))


def test_legs_name_the_user_and_the_call_that_commands_need() -> None:
    leg = LegRef("other", leg_id("an/na", "a:1", "participant", "p/1"))
    assert whose(leg) == ("an/na", "a:1", "p/1")
    assert whose(LegRef("a1", leg_id(ANNA, "a1", "remote"))) == (ANNA, "a1", "")
    assert whose(LegRef("a1", "a1", extension_id=ANNA)) == (ANNA, "a1", "")


def test_a_state_is_the_same_whichever_way_it_came() -> None:
    shown = state("a1", "ACTIVE", 48)
    webhook, stream = one({"fullState": False, "calls": [shown]}), one(told(ANNA, shown), None)
    assert webhook.identity == stream.identity
    assert one(shown, BOB).identity != webhook.identity
    assert one(state("a1", "ACTIVE", 49)).identity != webhook.identity


def test_without_tokens_states_are_told_apart_by_what_they_say() -> None:
    held, active = state("a1", "HELD", 1, stateToken=None), state("a1", "ACTIVE", 1, stateToken=None)
    assert one(held).identity == one(held).identity != one(active).identity


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><callState>&a;</callState>", "not JSON"),
        (b"[]", "no object"),
        (b'{"calls": 5}', "calls"),
        (b'{"fullState": true}', "neither calls nor a stateToken"),
        (b'{"callId": ["x"]}', "callId"),
        (b'{"callId": ""}', "callId"),
        (b'{"callId": "' + b"x" * 201 + b'"}', "callId"),
        (b'{"callId": "a1", "inbound": "maybe"}', "inbound"),
        (b'{"calls": [{"status": "ACTIVE"}]}', "callId"),
        (b'{"user": "anna", "state": "half a fra"}', "no object"),
        (b'{"user": 5, "state": {}}', "user"),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "Dstny"),
    ],
)
def test_what_is_no_notification_is_malformed(body: bytes, words: str) -> None:
    with pytest.raises(MalformedPayload, match=words):
        DstnyAdapter.parse(request(body))


def test_a_payload_that_is_nobodys_is_malformed() -> None:
    with pytest.raises(MalformedPayload, match="whose calls"):
        DstnyAdapter.parse(request(state("a1", "ACTIVE", 1), None))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(fields=st.dictionaries(st.sampled_from(sorted(state("a1", "ACTIVE", 1))), json_values, max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine is no fault of the test
def test_any_value_in_any_field_is_read_or_refused(fields: dict[str, Any]) -> None:
    try:
        parsed = DstnyAdapter.parse(request({"fullState": True, "calls": [state("a1", "ACTIVE", 1) | fields]}))
    except MalformedPayload:
        return
    assert not isinstance(parsed, Ignored)
    for event in parsed:
        if isinstance(event, CtiEvent):
            assert {leg.state.value for leg in event.legs} <= STATES
            msgspec.json.encode(event)


@pytest.mark.parametrize("story", sorted(STORIES))
def test_stories_are_read_whole(story: str) -> None:
    """One event a state, and each state once; every call ends, or is over."""
    told_of = STORIES[story]()
    items: list[Any] = [item for each in requests(told_of) for item in DstnyAdapter.parse(each)]  # type: ignore[union-attr]
    events = [each for each in items if isinstance(each, CtiEvent) and each.type is EventType.OBSERVED]
    over = [call_id for each in items if isinstance(each, Reconcile) for call_id in each.over]
    assert sorted([*(str(each.vendor_call_id) for each in events), *over]) == sorted(
        shown["callId"] for _, shown in told_of
    )
    assert len({event.identity for event in events}) == len(events)
    last = {event.vendor_call_id: event.legs[0].state for event in events}
    assert {call_id for call_id, leg in last.items() if leg is not LegState.NULL} == set(over)
