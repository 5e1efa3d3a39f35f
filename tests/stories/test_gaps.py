"""What happened while the vendor told nothing is found out afterwards, from the vendor's own calls."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from common.times import utc_now
from integrations.models import VendorSubscription
from tenants.rls import tenant_scope
from tests.servers import wait_until
from tests.stories.telling import HEARD_WITHIN, Telling, keep_up
from tests.stories.vendors import by_all

pytestmark = pytest.mark.slow


@by_all(
    kwebbl="it can't list its calls",
    eq="it has no subscriptions",
    callgear="nobody can see whether it has a subscription",
)
def test_a_lost_subscription_loses_no_calls(telling: Callable[[str], Telling], vendor: str) -> None:
    pbx = telling(vendor)
    over = pbx.answered()
    pbx.sandbox.control("POST", f"/companies/{pbx.office.slug}/subscriptions/drop")
    pbx.act(over, "hangup")
    pbx.customer_calls(pbx.office.bob)
    assert "call.cleared" not in pbx.told()

    later = utc_now() + timedelta(hours=1)
    keep_up(pbx.account, later)  # finds that the subscription is gone, and makes another
    keep_up(pbx.account, later)  # compares the calls, which that made due

    assert_found_out(pbx)


@by_all(kwebbl="it is not polled", ringcentral="it is not polled", dstny="it is not polled")
def test_a_vendor_that_was_away_loses_no_calls(telling: Callable[[str], Telling], vendor: str) -> None:
    pbx = telling(vendor)
    over = pbx.answered()
    pbx.sandbox.control("POST", f"/companies/{pbx.office.slug}/webhooks/lose", seconds=60)
    pbx.sandbox.set("faults", pbx.office.slug, server_errors=1.0)
    wait_until(lambda: poll_status(pbx) == "failed", HEARD_WITHIN, "the poller has given up")
    pbx.act(over, "hangup")
    pbx.customer_calls(pbx.office.bob)
    assert "call.cleared" not in pbx.told()

    pbx.sandbox.set("faults", pbx.office.slug, server_errors=0.0)
    wait_until(lambda: poll_status(pbx) == "active", HEARD_WITHIN, "it asks again")
    keep_up(pbx.account, utc_now() + timedelta(hours=1))  # compares the calls, which that made due

    assert_found_out(pbx)


def poll_status(pbx: Telling) -> str:
    with tenant_scope(pbx.account.tenant_id):
        return VendorSubscription.objects.get(account=pbx.account, transport="poll").status


def assert_found_out(pbx: Telling) -> None:
    """That the customer's call with Anna is over, and that another rings at Bob's."""
    pbx.hears("call.cleared")
    pbx.hears("call.delivered", 2)
    ended, ringing = pbx.calls()
    assert (ended.state, ended.snapshot["end_reason"]) == ("ended", "lost")
    assert (ringing.state, ringing.snapshot["to"]["number"]) == ("alerting", pbx.office.bob)
