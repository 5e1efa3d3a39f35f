"""Parked calls: seen by everybody, fetched by anybody, and back to whoever parked them."""

import pytest

from sandbox.engine.errors import UnknownSlot, WrongState
from sandbox.engine.model import Call, Cause, LegState
from tests.sandbox.engine.office import CUSTOMER, OTHER_CUSTOMER, Office


@pytest.fixture
def parked(office: Office) -> Call:
    """A customer whom Ann parked in the first slot."""
    call = office.talk("101")
    office.switch.parked.park(call, office.leg(call, "101"))
    return call


def test_park(office: Office) -> None:
    call = office.talk("101")
    office.told()
    assert office.switch.parked.park(call, office.leg(call, "101")) == "801"
    assert (call.state, office.states(call)) == (LegState.PARKED, {CUSTOMER.number: "parked"})
    assert call.parking is not None
    assert (call.parking.slot, call.parking.by.number) == ("801", "101")
    assert office.switch.parked.slots == {"801": call}
    assert office.told() == ["parked 101 parked"]


def test_colleague_fetches_it(office: Office, parked: Call) -> None:
    soft = office.line("103").devices[1]
    office.told()
    leg = office.switch.parked.retrieve("801", office.line("103"), soft)
    assert office.states(parked) == {CUSTOMER.number: "connected", "103": "connected"}
    assert (leg.device, parked.parking, office.switch.parked.slots) == (soft, None, {})
    assert office.told() == [f"unparked {CUSTOMER.number}", "answered 103 picked_up"]
    with pytest.raises(UnknownSlot):
        office.switch.parked.retrieve("801", office.line("102"))


def test_slots_are_taken_one_by_one(office: Office, parked: Call) -> None:
    assert parked.parking is not None
    second = office.talk("102", OTHER_CUSTOMER)
    leg = office.leg(second, "102")
    with pytest.raises(WrongState):
        office.switch.parked.park(second, leg, "801")
    with pytest.raises(UnknownSlot):
        office.switch.parked.park(second, leg, "999")
    assert office.switch.parked.park(second, leg) == "802"


def test_every_slot_taken(office: Office) -> None:
    for _ in office.company.orbits:
        call = office.talk("101")
        office.switch.parked.park(call, office.leg(call, "101"))
    call = office.talk("101")
    with pytest.raises(WrongState):
        office.switch.parked.park(call, office.leg(call, "101"))


def test_ringing_call_can_not_be_parked(office: Office) -> None:
    call = office.ring("101")
    with pytest.raises(WrongState):
        office.switch.parked.park(call, office.leg(call, "101"))


def test_forgotten_call_rings_back(office: Office, parked: Call) -> None:
    office.told()
    office.clock.pass_(120)
    assert office.states(parked) == {CUSTOMER.number: "parked", "101": "alerting"}
    office.switch.calls.answer(parked, office.leg(parked, "101"))
    assert office.states(parked) == {CUSTOMER.number: "connected", "101": "connected"}
    assert office.told() == ["alerting 101 recalled", f"unparked {CUSTOMER.number}", "answered 101"]


def test_recall_that_is_rejected_leaves_it_parked(office: Office, parked: Call) -> None:
    office.clock.pass_(120)
    office.switch.calls.reject(parked, office.leg(parked, "101"))
    assert parked.state is LegState.PARKED
    office.switch.parked.retrieve("801", office.line("102"))
    assert office.states(parked) == {CUSTOMER.number: "connected", "102": "connected"}


def test_recall_that_nobody_answers(office: Office, parked: Call) -> None:
    office.clock.pass_(180)
    assert parked.end_cause is Cause.NO_ANSWER
    assert office.switch.parked.slots == {}


def test_parked_customer_hangs_up(office: Office, parked: Call) -> None:
    office.switch.calls.hangup(parked, office.leg(parked, None))
    office.clock.pass_(120)
    assert (parked.end_cause, parked.parking, office.switch.parked.slots) == (Cause.HANGUP, None, {})


def test_it_is_sent_to_somebody(office: Office, parked: Call) -> None:
    office.told()
    office.switch.parked.send("801", office.party("103"))
    assert office.states(parked) == {CUSTOMER.number: "connected", "103": "alerting"}
    assert office.told() == [f"unparked {CUSTOMER.number}", "alerting 103"]
    assert office.switch.parked.slots == {}
    with pytest.raises(UnknownSlot):
        office.switch.parked.send("801", office.party("103"))


def test_what_rings_back_is_sent_to_somebody_else(office: Office, parked: Call) -> None:
    office.clock.pass_(120)
    assert office.states(parked)["101"] == "alerting"
    office.switch.parked.send("801", office.party("103"))
    assert office.states(parked) == {CUSTOMER.number: "connected", "103": "alerting"}


def test_who_is_parked_is_not_sent_to_themselves(office: Office) -> None:
    call = office.talk("101", office.party("102"))
    office.switch.parked.park(call, office.leg(call, "101"))
    with pytest.raises(WrongState):
        office.switch.parked.send("801", office.party("102"))
