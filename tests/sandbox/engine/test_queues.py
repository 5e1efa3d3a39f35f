"""Queues: who waits, who rings, what becomes of those who don't, and what is counted."""

import pytest

from sandbox.engine.directory import AgentState, Party
from sandbox.engine.errors import UnknownExtension, WrongState
from sandbox.engine.model import Call, Cause, LegState
from tests.sandbox.engine.office import CUSTOMER, OTHER_CUSTOMER, Office


def state_of(office: Office, number: str) -> AgentState:
    return office.switch.queues.agent(office.line("300"), office.line(number)).state


def log_everybody_out(office: Office) -> None:
    for number in ("101", "102"):
        office.switch.queues.log_out(office.line("300"), office.line(number))


def ringing(call: Call) -> list[str]:
    return [leg.party.number for leg in call.in_state(LegState.ALERTING)]


def test_longest_idle_agent_rings(office: Office) -> None:
    first = office.ring("300")
    assert (ringing(first), first.via) == (["101"], office.party("300"))
    assert office.told() == ["created", "queued 300", "alerting 101 distributed"]
    office.switch.calls.answer(first, office.leg(first, "101"))
    assert office.told() == ["answered 101", "cleared 300 answered_elsewhere"]
    assert ringing(office.ring("300", OTHER_CUSTOMER)) == ["102"]


def test_callers_wait_in_line(office: Office) -> None:
    calls = [office.ring("300", Party(number=f"3161234567{each}")) for each in range(4)]
    queue = office.company.queue("queue")
    assert [ringing(call) for call in calls] == [["101"], ["102"], [], []]
    assert [queue.position(call.id) for call in calls] == [1, 2, 3, 4]
    assert office.switch.queues.waiting(office.line("300")) == calls
    office.switch.calls.hangup(calls[0], office.leg(calls[0], None))
    assert (ringing(calls[2]), queue.position(calls[2].id)) == (["101"], 2)


def test_agent_who_does_not_answer_is_passed_over(office: Office) -> None:
    call = office.ring("300")
    office.told()
    office.clock.pass_(15)
    assert ringing(call) == ["102"]
    assert office.told() == ["cleared 101 no_answer", "alerting 102 distributed"]


def test_agent_who_rejects_is_passed_over(office: Office) -> None:
    call = office.ring("300")
    office.switch.calls.reject(call, office.leg(call, "101"))
    assert ringing(call) == ["102"]


def test_nobody_logged_in(office: Office) -> None:
    log_everybody_out(office)
    call = office.ring("300")
    assert (call.state, ringing(call)) == (LegState.QUEUED, [])
    office.switch.queues.log_in(office.line("300"), office.line("103"))
    assert ringing(call) == ["103"]


def test_paused_agent_does_not_ring(office: Office) -> None:
    queue, ann = office.line("300"), office.line("101")
    office.switch.queues.pause(queue, ann, "lunch")
    assert office.switch.queues.agent(queue, ann).pause_code == "lunch"
    assert ringing(office.ring("300")) == ["102"]
    second = office.ring("300", OTHER_CUSTOMER)
    office.switch.queues.resume(queue, ann)
    assert (ringing(second), office.switch.queues.agent(queue, ann).pause_code) == (["101"], None)
    assert [(each.kind, each.extension, each.queue) for each in office.line_events] == [("agent", ann, queue)] * 2


@pytest.mark.parametrize("why", ["talks", "do not disturb", "offline"])
def test_agent_who_can_not_take_a_call(office: Office, why: str) -> None:
    if why == "talks":
        office.talk("101", OTHER_CUSTOMER)
    elif why == "do not disturb":
        office.switch.lines.change(office.line("101"), dnd=True)
    else:
        for device in office.line("101").devices:
            office.switch.lines.set_online(office.line("101"), device, online=False)
    assert ringing(office.ring("300")) == ["102"]


def test_agent_wraps_up_after_a_call(office: Office) -> None:
    office.switch.queues.log_out(office.line("300"), office.line("102"))
    first = office.ring("300")
    office.switch.calls.answer(first, office.leg(first, "101"))
    second = office.ring("300", OTHER_CUSTOMER)
    office.switch.calls.end(first)
    assert (state_of(office, "101"), ringing(second)) == (AgentState.WRAP_UP, [])
    office.clock.pass_(10)
    assert (state_of(office, "101"), ringing(second)) == (AgentState.READY, ["101"])


def test_wrap_up_ends_early(office: Office) -> None:
    call = office.ring("300")
    office.switch.calls.answer(call, office.leg(call, "101"))
    office.switch.calls.end(call)
    office.switch.queues.resume(office.line("300"), office.line("101"))
    office.switch.queues.pause(office.line("300"), office.line("101"))
    office.clock.pass_(10)
    assert state_of(office, "101") is AgentState.PAUSED


def test_agent_who_transfers_the_call_wraps_up(office: Office) -> None:
    call = office.ring("300")
    leg = office.leg(call, "101")
    office.switch.calls.answer(call, leg)
    office.switch.transfers.transfer(call, leg, office.party("103"))
    assert state_of(office, "101") is AgentState.WRAP_UP


def test_caller_gives_up(office: Office) -> None:
    log_everybody_out(office)
    call = office.ring("300")
    office.clock.pass_(40)
    office.switch.calls.hangup(call, office.leg(call, None))
    assert call.end_cause is Cause.ABANDONED
    statistics = office.switch.queues.statistics(office.line("300"))
    assert (statistics.waiting, statistics.abandoned, statistics.answered) == (0, 1, 0)


def test_waited_too_long(office: Office) -> None:
    log_everybody_out(office)
    call = office.ring("300")
    office.clock.pass_(300)
    assert call.end_cause is Cause.TIMED_OUT
    assert office.switch.queues.statistics(office.line("300")).timed_out == 1


def test_overflow_goes_elsewhere(office: Office) -> None:
    log_everybody_out(office)
    office.company.queue("queue").settings.overflow = "103"
    call = office.ring("300")
    office.clock.pass_(300)
    assert office.states(call) == {CUSTOMER.number: "connected", "103": "alerting"}
    assert office.company.queue("queue").waiting == []


def test_waiting_call_is_taken_out_of_the_line(office: Office) -> None:
    log_everybody_out(office)
    call, second = office.ring("300"), office.ring("300", OTHER_CUSTOMER)
    office.switch.calls.pick_up(call, office.line("103"))
    assert office.states(call) == {CUSTOMER.number: "connected", "103": "connected"}
    office.switch.calls.forward(second, office.leg(second, "300"), office.party("104"))
    assert office.states(second) == {OTHER_CUSTOMER.number: "connected", "104": "alerting"}
    statistics = office.switch.queues.statistics(office.line("300"))
    assert (statistics.waiting, statistics.answered, statistics.total) == (0, 1, 2)


def test_statistics(office: Office) -> None:
    for wait in (5, 25):
        call = office.ring("300")
        office.clock.pass_(wait)
        office.switch.calls.answer(call, call.in_state(LegState.ALERTING)[0])
        office.switch.calls.end(call)
        office.clock.pass_(10)
    log_everybody_out(office)
    office.switch.queues.log_in(office.line("300"), office.line("101"))
    office.switch.queues.pause(office.line("300"), office.line("101"))
    office.ring("300")
    office.clock.pass_(7)
    found = office.switch.queues.statistics(office.line("300"))
    assert (found.waiting, found.longest_wait_s, found.logged_in, found.free, found.paused) == (1, 7, 1, 0, 1)
    assert (found.total, found.answered, found.average_wait_s, found.last_wait_s) == (2, 2, 15, 25)
    assert found.service_level == 0.5
    assert office.switch.queues.statistics(office.line("300"), since=office.clock.now).total == 0


def test_refusals(office: Office) -> None:
    queues, queue = office.switch.queues, office.line("300")
    with pytest.raises(UnknownExtension):
        queues.log_out(queue, office.line("104"))
    with pytest.raises(UnknownExtension):
        queues.log_in(office.line("200"), office.line("104"))
    queues.log_out(queue, office.line("101"))
    with pytest.raises(WrongState):
        queues.pause(queue, office.line("101"))
    assert queues.of_agent(office.line("101")) == [queue]


def test_the_most_skilled_agent_rings(office: Office) -> None:
    queue = office.line("300")
    office.switch.queues.log_in(queue, office.line("102"), skill=1)
    office.clock.pass_(1)
    call = office.ring("300")
    assert ringing(call) == ["102"]
    office.switch.calls.reject(call, office.leg(call, "102"))
    assert ringing(call) == ["102"]


def test_an_agent_logs_in_paused(office: Office) -> None:
    log_everybody_out(office)
    call = office.ring("300")
    office.switch.queues.log_in(office.line("300"), office.line("103"), paused=True, code="break")
    assert (state_of(office, "103"), ringing(call)) == (AgentState.PAUSED, [])
    office.switch.queues.resume(office.line("300"), office.line("103"))
    assert ringing(call) == ["103"]
