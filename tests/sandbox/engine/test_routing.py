"""Where a call goes by its target's settings: diversion, do-not-disturb, busy, offline, voicemail."""

from typing import Any

import pytest

from sandbox.engine.directory import VOICEMAIL
from sandbox.engine.errors import NotDialable
from sandbox.engine.model import Cause, LegState
from tests.sandbox.engine.office import CUSTOMER, OTHER_CUSTOMER, Office


def settle(office: Office, number: str, **values: Any) -> None:
    office.switch.lines.change(office.line(number), **values)


def test_diversion_of_every_call(office: Office) -> None:
    settle(office, "101", divert_always="102")
    call = office.ring("101")
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "alerting"}
    assert office.told() == ["created", "diverted diverted", "alerting 102"]


def test_diversion_to_a_number_outside(office: Office) -> None:
    settle(office, "101", divert_always="0687654321")
    call = office.ring("101")
    assert office.states(call)[OTHER_CUSTOMER.number] == "alerting"


def test_diversions_in_a_circle_end(office: Office) -> None:
    settle(office, "101", divert_always="102")
    settle(office, "102", divert_always="101")
    assert office.ring("101").end_cause is Cause.DIVERTED


def test_diversion_after_a_while(office: Office) -> None:
    settle(office, "101", divert_no_answer="102", no_answer_s=10)
    call = office.ring("101")
    office.clock.pass_(10)
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "alerting"}
    assert [each.cause for each in call.diversions] == [Cause.NO_ANSWER]


@pytest.mark.parametrize(
    ("values", "cause"),
    [({"dnd": True}, Cause.DO_NOT_DISTURB), ({"call_waiting": False}, Cause.BUSY)],
    ids=["do not disturb", "no call waiting"],
)
def test_line_that_takes_no_call(office: Office, values: dict[str, Any], cause: Cause) -> None:
    settle(office, "101", **values)
    office.switch.calls.dial(office.party("101"), CUSTOMER)
    assert office.ring("101", OTHER_CUSTOMER).end_cause is cause
    settle(office, "101", divert_busy="102")
    assert "102" in office.states(office.ring("101", OTHER_CUSTOMER))


def test_two_lines_take_two_calls(office: Office) -> None:
    settle(office, "101", call_waiting=False, lines=2)
    office.talk("101")
    assert office.ring("101").state is LegState.ALERTING
    assert office.ring("101").end_cause is Cause.BUSY


def test_call_waiting_takes_any_number(office: Office) -> None:
    assert {office.talk("101").state, office.ring("101").state} == {LegState.CONNECTED, LegState.ALERTING}


def test_nobody_is_reached_when_every_phone_is_offline(office: Office) -> None:
    for device in office.line("101").devices:
        office.switch.lines.set_online(office.line("101"), device, online=False)
    assert office.ring("101").end_cause is Cause.UNREACHABLE
    settle(office, "101", voicemail=True)
    assert office.ring("101").state is LegState.VOICEMAIL


def test_group_leaves_out_who_can_not_be_reached(office: Office) -> None:
    settle(office, "101", dnd=True)
    assert office.states(office.ring("200")) == {CUSTOMER.number: "connected", "102": "alerting"}
    settle(office, "102", dnd=True)
    assert office.ring("200").end_cause is Cause.NO_ANSWER


def test_unanswered_call_ends_in_voicemail(office: Office) -> None:
    settle(office, "101", voicemail=True)
    call = office.ring("101")
    office.told()
    office.clock.pass_(20)
    assert office.states(call) == {CUSTOMER.number: "connected", "101": "voicemail"}
    assert (call.state, office.told()) == (LegState.VOICEMAIL, ["diverted 101 no_answer", "voicemail 101 no_answer"])
    office.clock.pass_(12)
    office.switch.calls.hangup(call, office.leg(call, None))
    (message,) = office.company.voicemail.values()
    assert (message.extension_id, message.caller, message.seconds) == ("101", CUSTOMER, 12)
    assert (call.end_cause, call.answered_at) == (Cause.HANGUP, None)
    assert [(each.kind, each.message) for each in office.line_events[1:]] == [("voicemail_stored", message)]


def test_message_has_a_longest_length(office: Office) -> None:
    settle(office, "101", divert_always=VOICEMAIL)
    call = office.ring("101")
    office.clock.pass_(120)
    assert call.end_cause is Cause.TIMED_OUT
    assert [each.seconds for each in office.company.voicemail.values()] == [120]


def test_ringing_call_is_sent_to_voicemail(office: Office) -> None:
    call = office.ring("200")
    office.told()
    office.switch.voicemail.deposit(call, office.party("102"), office.leg(call, "102").role)
    assert office.told() == ["voicemail 102", "cleared 101 forwarded", "cleared 102 forwarded"]
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "voicemail"}
    with pytest.raises(NotDialable):
        office.switch.voicemail.deposit(call, office.party("200"), call.legs[1].role)


def test_diversion_to_nobody_is_refused(office: Office) -> None:
    with pytest.raises(NotDialable):
        settle(office, "101", divert_busy="999")
    with pytest.raises(TypeError):
        settle(office, "101", divert_sometimes="102")


def test_activity_ends_by_itself(office: Office) -> None:
    settle(office, "101", activity="Lunch", available=False, note="Back soon", activity_until=1060.0)
    office.clock.pass_(59)
    assert office.line("101").settings.activity == "Lunch"
    office.clock.pass_(1)
    settings = office.line("101").settings
    assert (settings.activity, settings.available, settings.note) == ("Available", True, "")
    assert [each.kind for each in office.line_events] == ["settings", "settings"]


def test_reset_restores_settings_and_phones(office: Office) -> None:
    settle(office, "101", dnd=True)
    office.switch.lines.set_online(office.line("102"), office.line("102").devices[0], online=False)
    office.talk("103")
    office.company.reset()
    assert (office.line("101").settings.dnd, len(office.line("102").online)) == (False, 2)
    assert (office.company.calls, list(office.company.ended)) == ({}, [])


@pytest.mark.parametrize("to", ["101", "200", "300"])
def test_nothing_happens_later_to_a_call_that_was_reset(office: Office, to: str) -> None:
    office.ring(to)
    office.told()
    office.company.reset()
    office.clock.pass_(1000)
    assert office.told() == []


def test_text_message(office: Office) -> None:
    message = office.switch.lines.send_message(office.line("101"), "0612345678", "On my way")
    assert office.company.messages == [message]
    assert (message.to, message.sender_id, message.at) == (CUSTOMER.number, "101", 1000)
    with pytest.raises(NotDialable):
        office.switch.lines.send_message(None, "102", "Hello")
