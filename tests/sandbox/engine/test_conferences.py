"""Calls of more than two, and supervisors beside them."""

import pytest

from sandbox.engine.directory import Extension
from sandbox.engine.errors import WrongState
from sandbox.engine.model import Call, Cause, LegState, Peer, SupervisionMode
from tests.sandbox.engine.office import CUSTOMER, OTHER_CUSTOMER, Office


@pytest.fixture
def conference(office: Office) -> Call:
    """Ann with two customers."""
    call = office.talk("101")
    office.switch.calls.hold(call, office.leg(call, "101"))
    office.switch.conferences.join(call, office.talk("101", OTHER_CUSTOMER), "101")
    office.told()
    return call


def test_join_makes_one_call_of_two(office: Office) -> None:
    call = office.talk("101")
    office.switch.calls.hold(call, office.leg(call, "101"))
    second = office.talk("101", OTHER_CUSTOMER)
    guest, own = second.legs
    office.told()
    office.switch.conferences.join(call, second, "101")
    everybody = {CUSTOMER.number: "connected", "101": "connected", OTHER_CUSTOMER.number: "connected"}
    assert (call.conference, office.states(call)) == (True, everybody)
    assert office.told() == ["conferenced 101", "ended conferenced"]
    assert (guest.peer, own.peer) == (Peer(call.id, call.legs[-1].id), Peer(call.id, office.leg(call, "101").id))


def test_consultation_becomes_a_conference(office: Office) -> None:
    call = office.talk("101")
    consultation = office.switch.transfers.consult(call, office.leg(call, "101"), office.party("102"))
    office.switch.calls.answer(consultation, office.leg(consultation, "102"))
    office.switch.conferences.join(call, consultation, "101")
    assert office.states(call) == {CUSTOMER.number: "connected", "101": "connected", "102": "connected"}


def test_a_third_call_joins(office: Office, conference: Call) -> None:
    office.switch.conferences.join(conference, office.talk("103", office.party("101")), "101")
    assert set(office.states(conference)) == {CUSTOMER.number, OTHER_CUSTOMER.number, "101", "103"}


def test_unanswered_call_can_not_join(office: Office) -> None:
    call = office.talk("101")
    with pytest.raises(WrongState):
        office.switch.conferences.join(call, office.ring("101", OTHER_CUSTOMER), "101")
    with pytest.raises(WrongState):
        office.switch.conferences.join(call, office.talk("102", OTHER_CUSTOMER), "101")


def test_remove_a_participant(office: Office, conference: Call) -> None:
    guest = next(leg for leg in conference.live if leg.party is OTHER_CUSTOMER)
    office.switch.conferences.remove(conference, guest)
    assert office.states(conference) == {CUSTOMER.number: "connected", "101": "connected"}
    assert office.told() == [f"cleared {OTHER_CUSTOMER.number} removed"]
    with pytest.raises(WrongState):
        office.switch.conferences.remove(conference, guest)


def test_host_leaves_and_the_others_go_on(office: Office, conference: Call) -> None:
    office.switch.calls.hangup(conference, office.leg(conference, "101"))
    assert office.states(conference) == {CUSTOMER.number: "connected", OTHER_CUSTOMER.number: "connected"}
    office.switch.calls.hangup(conference, conference.live[0])
    assert conference.end_cause is Cause.HANGUP


def test_last_two_are_a_caller_and_somebody_called(office: Office, conference: Call) -> None:
    office.switch.calls.hangup(conference, office.leg(conference, "101"))
    assert [(leg.party, leg.role) for leg in conference.live] == [(CUSTOMER, "caller"), (OTHER_CUSTOMER, "callee")]


def test_conference_is_not_transferred_nor_parked(office: Office, conference: Call) -> None:
    host = office.leg(conference, "101")
    with pytest.raises(WrongState):
        office.switch.transfers.transfer(conference, host, office.party("102"))
    with pytest.raises(WrongState):
        office.switch.parked.park(conference, host)
    assert len(conference.live) == 3


def test_end_for_everybody(office: Office, conference: Call) -> None:
    office.switch.calls.end(conference)
    assert {leg.state for leg in conference.legs} == {LegState.ENDED}


def test_empty_conference_takes_in_parties_one_by_one(office: Office) -> None:
    first = office.talk("101")
    conference = office.switch.conferences.start(office.line("103"))
    office.told()
    customer = office.leg(first, None)
    office.switch.conferences.bring_in(conference, first, customer)
    assert office.states(conference) == {"103": "connected", CUSTOMER.number: "connected"}
    assert office.told() == [f"conferenced {CUSTOMER.number}", "ended conferenced"]
    assert customer.peer == Peer(conference.id, conference.legs[-1].id)
    second = office.ring("102", OTHER_CUSTOMER)
    with pytest.raises(WrongState):
        office.switch.conferences.bring_in(conference, second, office.leg(second, "102"))


def supervisor(office: Office) -> Extension:
    return office.line("104")


@pytest.mark.parametrize("mode", list(SupervisionMode))
def test_supervisor_is_beside_the_call(office: Office, mode: SupervisionMode) -> None:
    call = office.talk("101")
    office.told()
    leg = office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office), mode)
    assert leg.supervision is not None
    assert (leg.state, leg.supervision.mode, leg.supervision.leg_id) == ("connected", mode, office.leg(call, "101").id)
    assert (call.parties.callee.number, len(call.participants)) == ("101", 2)
    assert office.told() == ["supervised 104"]


def test_supervisor_leaves_and_the_call_goes_on(office: Office) -> None:
    call = office.talk("101")
    leg = office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office))
    office.switch.supervisions.change(call, leg, SupervisionMode.WHISPER)
    office.told()
    office.switch.calls.hangup(call, leg)
    assert (call.state, office.told()) == (LegState.CONNECTED, ["cleared 104 hangup"])
    with pytest.raises(WrongState):
        office.switch.supervisions.change(call, leg, SupervisionMode.BARGE)


def test_supervision_ends_with_the_call(office: Office) -> None:
    call = office.talk("101")
    leg = office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office))
    office.switch.calls.hangup(call, office.leg(call, None))
    assert (call.end_cause, leg.state) == (Cause.HANGUP, LegState.ENDED)


def test_supervisors_phone_rings_first_where_it_is_asked_to(office: Office) -> None:
    call = office.talk("101")
    office.told()
    leg = office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office), auto_answer=False)
    assert (leg.state, call.state) == (LegState.ALERTING, LegState.CONNECTED)
    office.switch.calls.answer(call, leg)
    assert office.told() == ["alerting 104", "supervised 104"]


@pytest.mark.parametrize("how", ["rejects", "does not answer"])
def test_supervisor_who_stays_away(office: Office, how: str) -> None:
    call = office.talk("101")
    leg = office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office), auto_answer=False)
    if how == "rejects":
        office.switch.calls.reject(call, leg)
    else:
        office.clock.pass_(60)
    assert (leg.state, call.state) == (LegState.ENDED, LegState.CONNECTED)


def test_supervisor_has_no_say_in_the_call(office: Office) -> None:
    call = office.talk("101")
    leg = office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office))
    with pytest.raises(WrongState):
        office.switch.calls.hold(call, leg)
    with pytest.raises(WrongState):
        office.switch.transfers.transfer(call, leg, office.party("102"))
    with pytest.raises(WrongState):
        office.switch.parked.park(call, leg)


def test_ringing_call_can_not_be_supervised(office: Office) -> None:
    call = office.ring("101")
    with pytest.raises(WrongState):
        office.switch.supervisions.start(call, office.leg(call, "101"), supervisor(office))
