"""Transfers: to a number in every mode, with a consultation, and from call to call."""

import pytest

from sandbox.engine.errors import NotDialable, WrongState
from sandbox.engine.events import TransferMode
from sandbox.engine.model import Call, Cause, LegState, Peer
from tests.sandbox.engine.office import CUSTOMER, OTHER_CUSTOMER, Office


def transfer(office: Office, call: Call, to: str, mode: TransferMode = TransferMode.BLIND) -> None:
    """Ann's call, to that number."""
    office.switch.transfers.transfer(call, office.leg(call, "101"), office.party(to), mode)


def test_blind_transfer_rings_the_target(office: Office) -> None:
    call = office.talk("101")
    office.told()
    transfer(office, call, "102")
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "alerting"}
    change = office.events[0].transfer
    assert change is not None
    assert (change.before.callee.number, change.after.callee.number, change.attended) == ("101", "102", False)
    office.switch.calls.answer(call, office.leg(call, "102"))
    assert office.told() == ["transferred 101", "alerting 102", "answered 102"]


def test_transfer_to_oneself_or_of_a_ringing_call_is_refused(office: Office) -> None:
    call = office.talk("101")
    with pytest.raises(NotDialable):
        transfer(office, call, "101")
    ringing = office.switch.calls.dial(office.party("101"), OTHER_CUSTOMER)
    with pytest.raises(WrongState):
        transfer(office, ringing, "102")


def test_transfer_to_voicemail(office: Office) -> None:
    call = office.talk("101")
    transfer(office, call, "102", TransferMode.VOICEMAIL)
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "voicemail"}
    with pytest.raises(NotDialable):
        transfer(office, office.talk("101"), "200", TransferMode.VOICEMAIL)


def test_camp_on_waits_until_the_target_is_free(office: Office) -> None:
    other = office.talk("102", OTHER_CUSTOMER)
    call = office.talk("101")
    transfer(office, call, "102", TransferMode.CAMP_ON)
    assert call.state is LegState.QUEUED
    office.told()
    office.switch.calls.end(other)
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "alerting"}
    assert office.told() == ["ended hangup", "alerting 102"]


def test_camp_on_comes_back_after_a_while(office: Office) -> None:
    office.talk("102", OTHER_CUSTOMER)
    call = office.talk("101")
    transfer(office, call, "102", TransferMode.CAMP_ON)
    office.told()
    office.clock.pass_(120)
    assert office.states(call) == {CUSTOMER.number: "connected", "101": "alerting"}
    assert office.told() == ["diverted 102 timed_out", "alerting 101"]


def test_camp_on_somebody_free_rings_at_once(office: Office) -> None:
    call = office.talk("101")
    transfer(office, call, "102", TransferMode.CAMP_ON)
    assert call.state is LegState.ALERTING


def test_bypass_rings_in_spite_of_do_not_disturb(office: Office) -> None:
    office.switch.lines.change(office.line("102"), dnd=True, divert_always="103")
    call = office.talk("101")
    transfer(office, call, "102", TransferMode.BYPASS)
    assert office.states(call)["102"] == "alerting"


def test_consultation_holds_and_completes(office: Office) -> None:
    call = office.talk("101")
    office.told()
    consultation = office.switch.transfers.consult(call, office.leg(call, "101"), office.party("102"))
    assert (call.state, consultation.consultation_for) == (LegState.HELD, call.id)
    with pytest.raises(WrongState):
        office.switch.transfers.complete(call)
    own = office.leg(consultation, "101")
    target = office.leg(consultation, "102")
    office.switch.calls.answer(consultation, target)
    office.switch.transfers.complete(call)
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "connected"}
    assert office.told() == [
        *("held 101", "created", "alerting 102", "answered 102"),
        *("bridged", "transferred 101", "ended transferred"),
    ]
    assert target.peer == Peer(call.id, office.leg(call, "102").id)
    assert (own.peer, own.cause) == (None, Cause.TRANSFERRED)


def test_cancelled_consultation_goes_back_to_the_customer(office: Office) -> None:
    call = office.talk("101")
    consultation = office.switch.transfers.consult(call, office.leg(call, "101"), office.party("102"))
    office.switch.transfers.cancel(call)
    assert (call.state, consultation.end_cause) == (LegState.CONNECTED, Cause.CANCELLED)
    with pytest.raises(WrongState):
        office.switch.transfers.cancel(call)


def test_swap_between_customer_and_consultation(office: Office) -> None:
    call = office.talk("101")
    consultation = office.switch.transfers.consult(call, office.leg(call, "101"), office.party("102"))
    office.switch.calls.answer(consultation, office.leg(consultation, "102"))
    office.switch.transfers.swap(consultation, call, "101")
    assert (call.state, consultation.state) == (LegState.CONNECTED, LegState.HELD)
    office.switch.transfers.complete(call)
    assert office.states(call) == {CUSTOMER.number: "connected", "102": "connected"}


def test_hold_and_answer_another_call(office: Office) -> None:
    call, second = office.talk("101"), office.ring("101", OTHER_CUSTOMER)
    office.switch.transfers.swap(call, second, "101")
    assert (call.state, second.state) == (LegState.HELD, LegState.CONNECTED)


def test_two_calls_of_one_phone_are_joined(office: Office) -> None:
    first = office.talk("101")
    office.switch.calls.hold(first, office.leg(first, "101"))
    second = office.talk("101", OTHER_CUSTOMER)
    office.switch.transfers.to_call(first, office.leg(first, "101"), second)
    assert office.states(first) == {CUSTOMER.number: "connected", OTHER_CUSTOMER.number: "connected"}
    assert second.end_cause is Cause.TRANSFERRED


def test_transfer_to_a_call_waits_for_its_answer(office: Office) -> None:
    first = office.talk("101")
    second = office.switch.calls.dial(office.party("101"), office.party("102"))
    with pytest.raises(WrongState):
        office.switch.transfers.to_call(first, office.leg(first, "101"), second)
    office.switch.transfers.to_call(first, office.leg(first, "101"), second, wait=True)
    assert second.state is LegState.ALERTING
    office.switch.calls.answer(second, office.leg(second, "102"))
    assert office.states(first) == {CUSTOMER.number: "connected", "102": "connected"}
    assert second.ended_at is not None


def test_calls_without_a_phone_in_common_can_not_be_joined(office: Office) -> None:
    first, second = office.talk("101"), office.talk("102", OTHER_CUSTOMER)
    with pytest.raises(WrongState):
        office.switch.transfers.to_call(first, office.leg(first, "101"), second)
