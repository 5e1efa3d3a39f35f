"""Vendors that must be asked, in bad weather, while calls go on: nothing is lost that an answer can show, and nothing doubled."""

from collections.abc import Callable

import pytest

from cti.calls.models import Call
from integrations.models import VendorSubscription
from tenants.rls import tenant_scope
from tests.faults.weather import SETTLE_SECONDS, Weather
from tests.servers import wait_until
from tests.stories.telling import POLLED, Telling

pytestmark = pytest.mark.slow
ANSWERS = {"rate_limited": 0.02, "server_errors": 0.02, "slow_ms": 5}
"""A poll of EQ's is a dozen requests, so that a third of the polls fail."""
CALLS = 8
every_polled_vendor = pytest.mark.parametrize("vendor", POLLED)


def caller(number: int) -> str:
    return f"3165000000{number}"


def call_of(pbx: Telling, number: int) -> Call | None:
    calls = [call for call in pbx.calls() if call.from_number == f"+{caller(number)}"]
    assert len(calls) <= 1, "a customer's call is shown twice"
    return calls[0] if calls else None


def wait_for(pbx: Telling, number: int, *states: str) -> None:
    """Until the customer's call is shown as one of these."""

    def shown() -> bool:
        call = call_of(pbx, number)
        return call is not None and call.state in states

    wait_until(shown, SETTLE_SECONDS, f"{pbx.vendor}: the call of customer {number} is {states}")


def ring_in(pbx: Telling, number: int, to: str) -> str:
    return pbx.sandbox.ring_in(to, pbx.office.slug, caller=caller(number))


def poll_status(pbx: Telling) -> str:
    with tenant_scope(pbx.account.tenant_id):
        return VendorSubscription.objects.get(account=pbx.account, transport="poll").status


@every_polled_vendor
def test_answers_that_fail_now_and_then(weather: Callable[[str], Weather], vendor: str) -> None:
    storm = weather(vendor)
    storm.set("faults", **ANSWERS)
    pbx, lines = storm.pbx, (storm.pbx.office.anna, storm.pbx.office.bob, storm.pbx.office.carol)
    for number in range(CALLS):
        to = lines[number % len(lines)]
        call_id = ring_in(pbx, number, to)
        wait_for(pbx, number, "alerting")
        if number % 2:
            pbx.act(call_id, "answer", extension=to)
            wait_for(pbx, number, "connected")
        pbx.act(call_id, "hangup")
    storm.clears_up()
    assert storm.here() == storm.at_the_pbx()
    storm.assert_told_properly()


@every_polled_vendor
def test_a_vendor_that_is_away_while_calls_go_on(weather: Callable[[str], Weather], vendor: str) -> None:
    """One call goes on, one ends, one begins and ends, and one begins."""
    storm = weather(vendor)
    pbx, office = storm.pbx, storm.pbx.office
    goes_on, ends = ring_in(pbx, 1, office.anna), ring_in(pbx, 2, office.bob)
    pbx.act(goes_on, "answer", extension=office.anna)
    pbx.act(ends, "answer", extension=office.bob)
    wait_for(pbx, 1, "connected")
    wait_for(pbx, 2, "connected")

    storm.do("/webhooks/lose", seconds=60)
    storm.set("faults", server_errors=1.0)
    wait_until(lambda: poll_status(pbx) == "failed", SETTLE_SECONDS, "the poller has given up")
    pbx.act(ends, "hangup")
    pbx.act(ring_in(pbx, 3, office.bob), "hangup")
    begins = ring_in(pbx, 4, office.carol)
    storm.set("faults", server_errors=0.0)
    wait_for(pbx, 4, "alerting")
    storm.keeps_up()

    wait_for(pbx, 2, "ended")
    assert [each.snapshot["end_reason"] for each in (call_of(pbx, 2),) if each] == ["lost"]
    assert call_of(pbx, 3) is None
    wait_for(pbx, 1, "connected")
    pbx.act(begins, "answer", extension=office.carol)
    wait_for(pbx, 4, "connected")
    for call_id, number in ((goes_on, 1), (begins, 4)):
        pbx.act(call_id, "hangup")
        wait_for(pbx, number, "ended")
    assert {call.snapshot["end_reason"] for call in pbx.calls()} == {"hangup", "lost"}
    storm.assert_told_properly()
    assert [event["type"] for event in pbx.log()].count("call.established") == 3
