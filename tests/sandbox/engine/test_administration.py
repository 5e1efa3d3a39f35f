"""Extensions and queues that come and go."""

import pytest

from sandbox.engine.directory import Device, Extension, Queue
from sandbox.engine.errors import NotDialable
from sandbox.engine.model import Cause, LegState
from tests.sandbox.engine.office import CUSTOMER, Office


def test_a_new_extension_rings(office: Office) -> None:
    office.switch.administration.add(Extension("new", "105", "Eve", devices=(Device("eve", "Desk phone"),)))
    assert office.states(office.ring("105"))["105"] is LegState.ALERTING
    with pytest.raises(NotDialable):
        office.switch.administration.add(Extension("newer", "105", "Eva"))


def test_an_extension_that_goes_stops_ringing(office: Office) -> None:
    alone, group, queued = office.ring("101"), office.ring("200"), office.ring("300")
    office.switch.administration.remove(office.line("101"))
    assert (alone.end_cause, group.ended_at, queued.ended_at) == (Cause.REJECTED, None, None)
    assert [leg.party.number for leg in group.in_state(LegState.ALERTING)] == ["102"]
    assert list(office.company.queue("queue").agents) == ["102"]
    with pytest.raises(NotDialable):
        office.ring("101")
    assert office.states(office.ring("200"))["102"] is LegState.ALERTING


def test_who_talks_goes_on(office: Office) -> None:
    call = office.talk("101")
    office.switch.administration.remove(office.line("101"))
    assert call.state is LegState.CONNECTED
    office.switch.calls.hangup(call, office.switch.calls.leg(call, None))
    assert call.ended_at is not None


def test_nobody_waits_in_a_queue_that_goes(office: Office) -> None:
    office.switch.queues.log_out(office.line("300"), office.line("101"))
    office.switch.queues.log_out(office.line("300"), office.line("102"))
    call = office.ring("300", CUSTOMER)
    queue = office.line("300")
    office.switch.administration.remove(queue)
    assert (call.end_cause, queue.queue.waiting if isinstance(queue.queue, Queue) else None) == (Cause.UNREACHABLE, [])
    office.clock.pass_(1000)
    with pytest.raises(NotDialable):
        office.ring("300")
