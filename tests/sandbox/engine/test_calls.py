"""Basic call control: dial, answer, reject, ignore, hold, mute, keys, move, pick up, forward."""

import pytest

from sandbox.engine.errors import NotDialable, UnknownCall, UnknownDevice, UnknownLeg, WrongState
from sandbox.engine.model import Cause, Direction, LegState
from tests.sandbox.engine.office import CUSTOMER, OTHER_CUSTOMER, Office


def test_answered_call_from_beginning_to_end(office: Office) -> None:
    call = office.ring("101")
    assert (call.state, call.direction) == (LegState.ALERTING, Direction.INBOUND)
    office.switch.calls.answer(call, office.leg(call, "101"))
    assert call.state is LegState.CONNECTED
    office.clock.pass_(30)
    office.switch.calls.hangup(call, office.leg(call, None))
    assert (call.state, call.end_cause, call.answered_at, call.ended_at) == ("ended", "hangup", 1000, 1030)
    assert office.told() == ["created", "alerting 101", "answered 101", "ended hangup"]
    with pytest.raises(UnknownCall):
        office.switch.calls.find(call.id)


def test_all_phones_ring_and_one_answers(office: Office) -> None:
    call = office.ring("101")
    desk, soft = office.line("101").devices
    leg = office.leg(call, "101")
    assert (leg.devices, leg.device) == ([desk, soft], None)
    office.switch.calls.answer(call, leg, soft)
    assert leg.device is soft
    assert office.events[-1].device is soft


def test_offline_phone_does_not_ring(office: Office) -> None:
    desk, soft = office.line("101").devices
    office.switch.lines.set_online(office.line("101"), desk, online=False)
    call = office.ring("101")
    assert office.leg(call, "101").devices == [soft]
    with pytest.raises(WrongState):
        office.switch.calls.answer(call, office.leg(call, "101"), desk)


def test_ignored_phone_is_silent_and_the_other_rings_on(office: Office) -> None:
    call = office.ring("101")
    desk, soft = office.line("101").devices
    leg = office.leg(call, "101")
    office.switch.calls.ignore(call, leg, desk)
    assert (leg.state, leg.devices) == (LegState.ALERTING, [soft])
    assert office.events[-1].device is desk
    with pytest.raises(WrongState):
        office.switch.calls.ignore(call, leg, desk)


def test_rejected_call_ends(office: Office) -> None:
    call = office.ring("101")
    office.switch.calls.reject(call, office.leg(call, "101"))
    assert call.end_cause is Cause.REJECTED


def test_group_rings_on_when_one_rejects(office: Office) -> None:
    call = office.ring("200")
    office.told()
    office.switch.calls.reject(call, office.leg(call, "101"))
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "alerting"}
    office.switch.calls.answer(call, office.leg(call, "102"))
    assert office.told() == ["cleared 101 rejected", "answered 102"]


def test_group_stops_ringing_when_one_answers(office: Office) -> None:
    call = office.ring("200")
    assert call.via == office.party("200")
    office.told()
    office.switch.calls.answer(call, office.leg(call, "101"))
    assert office.told() == ["answered 101", "cleared 102 answered_elsewhere"]


@pytest.mark.parametrize("to", ["101", "200"])
def test_nobody_answers(office: Office, to: str) -> None:
    call = office.ring(to)
    office.clock.pass_(59)
    assert call.state is LegState.ALERTING
    office.clock.pass_(1)
    assert call.end_cause is Cause.NO_ANSWER


def test_caller_hangs_up_before_the_answer(office: Office) -> None:
    call = office.ring("200")
    office.switch.calls.hangup(call, office.leg(call, None))
    assert call.end_cause is Cause.CANCELLED


def test_own_phones_ring_before_the_call_goes_out(office: Office) -> None:
    desk, soft = office.line("101").devices
    call = office.switch.calls.dial(office.party("101"), CUSTOMER, pickup=False)
    assert (call.state, office.leg(call, "101").devices) == (LegState.INITIATED, [desk, soft])
    office.switch.calls.answer(call, office.leg(call, "101"), soft)
    assert (office.leg(call, "101").device, call.state) == (soft, LegState.ALERTING)
    assert office.told() == ["created", "originated 101", f"alerting {CUSTOMER.number}"]


def test_own_phone_that_nobody_picks_up(office: Office) -> None:
    call = office.switch.calls.dial(office.party("101"), CUSTOMER, pickup=False)
    office.clock.pass_(60)
    assert call.end_cause is Cause.NO_ANSWER


def test_customer_answers_by_themselves(office: Office) -> None:
    office.company.behaviour.customer_answers_after_s = 5
    call = office.switch.calls.dial(office.party("101"), CUSTOMER)
    office.clock.pass_(5)
    assert call.state is LegState.CONNECTED


def test_dial_from_a_given_phone(office: Office) -> None:
    soft = office.line("101").devices[1]
    call = office.switch.calls.dial(office.party("101"), office.party("102"), device=soft)
    assert (office.leg(call, "101").device, call.direction) == (soft, Direction.INTERNAL)
    with pytest.raises(UnknownDevice):
        office.switch.calls.dial(office.party("103"), office.party("102"), device=soft)


def test_dial_is_refused_without_a_phone(office: Office) -> None:
    for device in office.line("101").devices:
        office.switch.lines.set_online(office.line("101"), device, online=False)
    for caller, callee in [("101", "102"), ("200", "102"), ("102", "102")]:
        with pytest.raises(NotDialable):
            office.switch.calls.dial(office.party(caller), office.party(callee))
    with pytest.raises(NotDialable):
        office.switch.calls.dial(CUSTOMER, CUSTOMER)
    assert office.company.calls == {}


def test_hold_and_resume_by_the_leg_that_does_it(office: Office) -> None:
    call = office.talk("101")
    leg = office.leg(call, "101")
    office.told()
    office.switch.calls.hold(call, leg)
    assert office.states(call) == {CUSTOMER.number: "connected", "101": "held"}
    with pytest.raises(WrongState):
        office.switch.calls.hold(call, leg)
    office.switch.calls.resume(call, leg)
    assert call.state is LegState.CONNECTED
    assert office.told() == ["held 101", "retrieved 101"]


def test_both_sides_hold_and_each_resumes_its_own(office: Office) -> None:
    call = office.talk("101", office.party("102"))
    for number in ("101", "102"):
        office.switch.calls.hold(call, office.leg(call, number))
    office.switch.calls.resume(call, office.leg(call, "101"))
    assert office.states(call) == {"102": "held", "101": "connected"}
    with pytest.raises(WrongState):
        office.switch.calls.resume(call, office.leg(call, "101"))
    assert call.state is LegState.HELD


def test_ringing_call_can_not_be_held(office: Office) -> None:
    call = office.ring("101")
    with pytest.raises(WrongState):
        office.switch.calls.hold(call, office.leg(call, "101"))


def test_mute_tells_of_changes_only(office: Office) -> None:
    call = office.talk("101")
    leg = office.leg(call, "101")
    office.told()
    for on in (True, True, False):
        office.switch.calls.mute(call, leg, on=on)
    assert (leg.muted, office.told()) == (False, ["muted 101", "unmuted 101"])


def test_keys_are_recorded_and_told(office: Office) -> None:
    call = office.talk("101")
    leg = office.leg(call, "101")
    office.switch.calls.send_digits(call, leg, "1#")
    assert [(each.leg_id, each.digits) for each in call.digits] == [(leg.id, "1#")]
    assert (office.events[-1].kind, office.events[-1].digits) == ("digits", "1#")
    with pytest.raises(NotDialable):
        office.switch.calls.send_digits(call, leg, "1x")


def test_call_moves_to_another_phone(office: Office) -> None:
    call = office.talk("101")
    desk, soft = office.line("101").devices
    leg = office.leg(call, "101")
    office.switch.calls.move(call, leg, soft)
    assert (leg.device, office.events[-1].kind, office.events[-1].device) == (soft, "moved", soft)
    with pytest.raises(WrongState):
        office.switch.calls.move(call, leg, soft)
    with pytest.raises(UnknownDevice):
        office.switch.calls.move(call, leg, office.line("102").devices[0])
    assert desk not in leg.devices


def test_colleague_picks_up(office: Office) -> None:
    call = office.ring("101")
    office.told()
    office.switch.calls.pick_up(call, office.line("103"))
    assert office.states(call) == {CUSTOMER.number: "connected", "103": "connected"}
    assert office.told() == ["answered 103 picked_up", "cleared 101 answered_elsewhere"]
    with pytest.raises(WrongState):
        office.switch.calls.pick_up(call, office.line("104"))


def test_group_member_picks_up_the_groups_call(office: Office) -> None:
    call = office.ring("200")
    office.switch.calls.pick_up(call, office.line("101"))
    assert office.states(call) == {CUSTOMER.number: "connected", "101": "connected"}


def test_ringing_call_is_forwarded(office: Office) -> None:
    call = office.ring("101")
    office.told()
    office.switch.calls.forward(call, office.leg(call, "101"), office.party("103"))
    assert office.states(call) == {CUSTOMER.number: "connected", "103": "alerting"}
    assert office.told() == ["diverted 101 forwarded", "alerting 103"]
    assert [(each.party.number, each.cause) for each in call.diversions] == [("101", "forwarded")]


def test_forward_is_refused(office: Office) -> None:
    call = office.ring("101")
    with pytest.raises(NotDialable):
        office.switch.calls.forward(call, office.leg(call, "101"), office.party("101"))
    office.switch.calls.answer(call, office.leg(call, "101"))
    with pytest.raises(WrongState):
        office.switch.calls.forward(call, office.leg(call, "101"), office.party("103"))


def test_the_pbx_calls_one_customer_for_another(office: Office) -> None:
    with pytest.raises(NotDialable):
        office.switch.calls.dial(OTHER_CUSTOMER, CUSTOMER)
    call = office.switch.calls.dial(OTHER_CUSTOMER, CUSTOMER, pickup=False, by_pbx=True)
    assert office.states(call) == {OTHER_CUSTOMER.number: "initiated"}
    office.switch.calls.answer(call, call.legs[0])
    assert office.states(call) == {OTHER_CUSTOMER.number: "connected", CUSTOMER.number: "alerting"}


def test_a_customer_who_is_called_first_answers_by_themselves(office: Office) -> None:
    office.company.behaviour.customer_answers_after_s = 5
    call = office.switch.calls.dial(CUSTOMER, office.party("101"), pickup=False, by_pbx=True)
    office.clock.pass_(5)
    assert office.states(call) == {CUSTOMER.number: "connected", "101": "alerting"}


def test_leg_of_somebody_else(office: Office) -> None:
    call = office.talk("101")
    with pytest.raises(UnknownLeg):
        office.leg(call, "103")
